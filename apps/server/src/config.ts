import { readFileSync } from "node:fs";
import { DEFAULT_LIMITS, type DocumentLimits } from "@motet/document";
import { authOf, problemsAmong } from "./config-rules.js";
import { ConfigFile, type Environment, type Flags, findWritten, readFlags } from "./config-sources.js";
import { ServerError } from "./errors.js";
import { defaultServerLimits, type ServerLimits } from "./limits.js";
import type { Setting } from "./setting.js";
import { flagOf, LIMIT_SETTINGS, SETTINGS, type Settings, variableOf } from "./settings.js";

/** Everything that can be set from outside, validated as a whole and frozen. */
export interface Config extends Omit<Settings, "auth" | "data"> {
  /** The kind of authentication, named or found from its settings. */
  readonly auth: NonNullable<Settings["auth"]>;
  /** `undefined` keeps documents in memory alone. */
  readonly data: string | undefined;
  readonly limits: ServerLimits;
  readonly documentLimits: DocumentLimits;
}

/** What the command line asks for. */
export type Command =
  | { readonly kind: "serve" | "print-config" | "check" | "repair"; readonly config: Config }
  | { readonly kind: "help" }
  | { readonly kind: "version" };

const ALL: Readonly<Record<string, Setting<unknown>>> = { ...SETTINGS, ...LIMIT_SETTINGS };

/** Flags that are no settings. */
const SWITCHES = {
  check: "looks through the data folder, which no server may have open, and says what is wrong",
  repair: "the same, and puts right what can be",
  "print-config": "prints every setting as it is now, secrets aside, in the form of a file",
  help: "prints this text",
  version: "prints the version",
};

/**
 * Reads flags first, then the environment, then the file that `--config` or `MOTET_CONFIG` names, then the defaults. An
 * empty variable counts as not set, as shells and process managers often export them so; an empty flag is a mistake.
 *
 * @param args without the two that name node and the script.
 * @param readText reads the file.
 * @throws {ServerError} `BAD_CONFIG`, naming everything that is unknown, wrong or missing at once, and no secret.
 */
export function readCommand(
  args: readonly string[],
  environment: Environment,
  readText: (path: string) => string = (path) => readFileSync(path, "utf8"),
): Command {
  const flags = readFlags(args, ALL, Object.keys(SWITCHES));
  if (flags["help"] === true) return { kind: "help" };
  if (flags["version"] === true) return { kind: "version" };
  const kind = (["print-config", "repair", "check"] as const).find((name) => flags[name] === true) ?? "serve";
  const file = openFile(flags["config"] ?? environment["MOTET_CONFIG"], readText);
  return { kind, config: readConfig({ flags, environment, file }) };
}

/** The text of `--help`, drawn from the same tables that read the settings. */
export function helpText(): string {
  const flags = Object.entries(SWITCHES).map(([flag, purpose]) => rowOf(`--${flag}`, purpose));
  return [
    "Usage: motet-server [flags]",
    "",
    "Serves collaborative documents over WebSockets at /documents/<document id>.",
    "",
    ...Object.entries(SETTINGS).map(([name, setting]) => helpOf(name, setting)),
    rowOf("--config <file>", "where settings stand as well, in JSON, by their names [MOTET_CONFIG]"),
    ...flags,
    "",
    "Limits:",
    "",
    ...Object.entries(LIMIT_SETTINGS).map(([name, setting]) => helpOf(name, setting)),
    "",
  ].join("\n");
}

/** Every setting as it is, in the form of a file for `--config`; of secrets only whether they are set. */
export function configText({ limits, documentLimits, ...settings }: Config): string {
  const shown = Object.entries(settings).map(([name, value = null]) =>
    isHidden(ALL[name]) && value !== null ? [name, "(set)"] : [name, value],
  );
  return `${JSON.stringify({ ...Object.fromEntries(shown), ...limits, ...documentLimits }, null, 2)}\n`;
}

function helpOf(name: string, setting: Setting<unknown>): string {
  const { placeholder, purpose, fallback = "not set", isSecret } = setting;
  const flag = isSecret ? "" : `--${flagOf(name)}${placeholder === undefined ? "" : ` ${placeholder}`}`;
  return rowOf(flag, `${purpose} [${variableOf(name, setting)}, default ${fallback}]`.trimStart());
}

function rowOf(flag: string, purpose: string): string {
  return `  ${flag.padEnd(36)} ${purpose}`;
}

function openFile(path: unknown, readText: (path: string) => string): ConfigFile | undefined {
  if (typeof path !== "string" || path === "") return undefined;
  try {
    return new ConfigFile(path, readText(path));
  } catch (cause) {
    if (cause instanceof ServerError) throw cause;
    throw new ServerError("BAD_CONFIG", `The file of settings cannot be read: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

interface Sources {
  readonly flags: Flags;
  readonly environment: Environment;
  readonly file: ConfigFile | undefined;
}

function readConfig(sources: Sources): Config {
  const problems = sources.file?.problems(ALL) ?? [];
  const read = (rows: Readonly<Record<string, Setting<unknown>>>) =>
    Object.fromEntries(
      Object.entries(rows).map(([name, setting]) => [name, settledValue(name, setting, sources, problems)]),
    );
  const settings = read(SETTINGS) as Settings; // Each row reads what its type says.
  const all = read(LIMIT_SETTINGS) as unknown as ServerLimits & DocumentLimits;
  const written = (name: keyof Settings) => findWritten(name, SETTINGS[name], sources);
  const isSet = (name: keyof Settings) => written(name) !== undefined;
  const nameOf = (name: keyof Settings) => written(name)?.where ?? wayToWrite(name);
  problems.push(...problemsAmong({ settings, isSet, nameOf, environment: sources.environment }));
  if (problems.length > 0) throw new ServerError("BAD_CONFIG", problems.join("\n"));
  return Object.freeze({
    ...settings,
    data: settings.memory || settings.store !== undefined ? undefined : settings.data,
    auth: authOf(settings, isSet),
    limits: Object.freeze(pick(all, defaultServerLimits)),
    documentLimits: Object.freeze(pick(all, DEFAULT_LIMITS)),
  });
}

function settledValue(
  name: string,
  setting: Setting<unknown>,
  sources: Sources,
  problems: string[],
): unknown {
  const written = findWritten(name, setting, sources);
  if (written === undefined) return setting.fallback;
  const value = setting.read(written.text);
  if (value !== undefined) return value;
  const instead = isHidden(setting) ? "" : `, not "${written.text}"`;
  problems.push(`${written.where} must be ${setting.expected}${instead}.`);
  return setting.fallback;
}

/** How a setting that nobody has written could be. */
function wayToWrite(name: keyof Settings): string {
  const setting: Setting<unknown> = SETTINGS[name];
  return setting.isSecret ? variableOf(name, setting) : `--${flagOf(name)}`;
}

function pick<Wanted extends object>(all: Wanted, wanted: Wanted): Wanted {
  return Object.fromEntries(Object.keys(wanted).map((name) => [name, Reflect.get(all, name)])) as Wanted;
}

function isHidden(setting: Setting<unknown> | undefined): boolean {
  return setting?.isSecret === true || setting?.mayHoldPassword === true;
}
