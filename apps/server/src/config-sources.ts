import { parseArgs } from "node:util";
import { ServerError } from "./errors.js";
import type { Setting } from "./setting.js";
import { flagOf, variableOf } from "./settings.js";

/** The process's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A value as somebody wrote it, and where. */
export interface Written {
  readonly where: string;
  readonly text: string;
}

/** The flags of a command line, each with what it is set to. */
export type Flags = Readonly<Record<string, unknown>>;

/**
 * Reads the command line; `switches` are the flags beside the settings, none of which takes a value.
 * @throws {ServerError} `BAD_CONFIG` for a flag that is not known or lacks its value.
 */
export function readFlags(
  args: readonly string[],
  settings: Readonly<Record<string, Setting<unknown>>>,
  switches: readonly string[],
): Flags {
  const rows = Object.entries(settings).filter(([, { isSecret }]) => isSecret !== true);
  const options = Object.fromEntries([
    ...rows.map(([name, { placeholder }]) => [flagOf(name), { type: placeholder ? "string" : "boolean" }]),
    ["config", { type: "string" }],
    ...switches.map((flag) => [flag, { type: "boolean" }]),
  ]);
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    throw new ServerError("BAD_CONFIG", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** What is written in a file: one JSON object with settings by their names. `null` counts as not set. */
export class ConfigFile {
  readonly #path: string;
  readonly #values: ReadonlyMap<string, unknown>;

  /** @throws {ServerError} `BAD_CONFIG` when `content` is no such object. */
  constructor(path: string, content: string) {
    this.#path = path;
    this.#values = new Map(Object.entries(objectOf(path, content)));
  }

  /** What is wrong with it beside its values. */
  problems(settings: Readonly<Record<string, unknown>>): string[] {
    const unknown = [...this.#values.keys()].filter((name) => !Object.hasOwn(settings, name));
    return unknown.map((name) => `${this.#path}: there is no setting "${name}".`);
  }

  find(name: string): Written | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === null) return undefined;
    // A list is read as flags write it; an object is no value of anything, and its text says so.
    return {
      where: `${name} in ${this.#path}`,
      text: Array.isArray(value) ? value.join(",") : String(value),
    };
  }
}

/** Where a setting is written: as a flag, else in the environment, else in the file. An empty variable counts as not set. */
export function findWritten(
  name: string,
  setting: Setting<unknown>,
  sources: {
    readonly flags: Flags;
    readonly environment: Environment;
    readonly file: ConfigFile | undefined;
  },
): Written | undefined {
  const flag = sources.flags[flagOf(name)];
  if (flag !== undefined) return { where: `--${flagOf(name)}`, text: String(flag) };
  const variable = variableOf(name, setting);
  const text = sources.environment[variable];
  return text ? { where: variable, text } : sources.file?.find(name);
}

function objectOf(path: string, content: string): object {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new ServerError("BAD_CONFIG", `${path}: not JSON.`); // Node's own sentence may quote a secret.
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new ServerError("BAD_CONFIG", `${path}: must be a JSON object.`);
}
