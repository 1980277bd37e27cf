import { parseArgs } from "node:util";
import { ServerError } from "./errors.js";
import { readOrigins } from "./origins.js";

/** Everything that can be set from outside, validated as a whole and frozen. */
export interface Config {
  /** Address to listen on. @default "127.0.0.1": without authentication nobody else should reach it */
  readonly host: string;
  /** TCP port in [0, 65535]; 0 takes a free one. @default 8080 */
  readonly port: number;
  /** A client silent for longer than this is gone, in seconds in [2, 3600]. @default 30 */
  readonly heartbeatTimeoutSeconds: number;
  /** Folder in which documents are kept; `undefined` keeps them in memory alone. @default "./data" */
  readonly data: string | undefined;
  /** A document's entries in the store before they are put together, in [2, 999_999]. @default 1_000 */
  readonly compactEntries: number;
  /** File of tokens, users and rights; `undefined` takes everybody for who they say they are. */
  readonly tokens: string | undefined;
  /** Origins whose pages may connect, as browsers write them; `undefined` lets pages of any origin. */
  readonly origins: readonly string[] | undefined;
}

/** What the command line asks for. */
export type Command =
  | { readonly kind: "serve"; readonly config: Config }
  | { readonly kind: "help" }
  | { readonly kind: "version" };

type Environment = Readonly<Record<string, string | undefined>>;

/** One row for each setting: where it is written, what it is when nobody writes it, and how it is read. */
interface Setting<Value> {
  readonly flag: string;
  readonly variable: string;
  /** What it is when nobody writes it; without one it is not set then. */
  readonly fallback?: Value;
  readonly placeholder: string;
  readonly purpose: string;
  /** `undefined` when `text` is no such value. */
  readonly read: (text: string) => Value | undefined;
  readonly expected: string;
}

/** A setting that always is something. */
type Settled<Value> = Setting<Value> & { readonly fallback: Value };

const SETTINGS = {
  port: {
    flag: "port",
    variable: "PORT",
    fallback: 8_080,
    placeholder: "<number>",
    purpose: "TCP port; 0 takes a free one",
    read: (text: string) => integerWithin(text, 0, 65_535),
    expected: "an integer from 0 to 65535",
  },
  host: {
    flag: "host",
    variable: "HOST",
    fallback: "127.0.0.1",
    placeholder: "<address>",
    purpose: "address to listen on; 0.0.0.0 for every interface",
    read: (text: string) => (/^[A-Za-z0-9.:_-]{1,255}$/.test(text) ? text : undefined),
    expected: "an IP address or a host name",
  },
  heartbeatTimeoutSeconds: {
    flag: "heartbeat-timeout",
    variable: "MOTET_HEARTBEAT_TIMEOUT",
    fallback: 30,
    placeholder: "<seconds>",
    purpose: "a client silent for longer is gone",
    read: (text: string) => integerWithin(text, 2, 3_600),
    expected: "an integer from 2 to 3600",
  },
  data: {
    flag: "data",
    variable: "MOTET_DATA",
    fallback: "./data",
    placeholder: "<folder>",
    purpose: "where documents are kept",
    read: pathOf,
    expected: "the path of a folder",
  },
  compactEntries: {
    flag: "compact-after",
    variable: "MOTET_COMPACT_AFTER",
    fallback: 1_000,
    placeholder: "<entries>",
    purpose: "entries of a document that are put together",
    read: (text: string) => integerWithin(text, 2, 999_999),
    expected: "an integer from 2 to 999999",
  },
  tokens: {
    flag: "tokens",
    variable: "MOTET_TOKENS",
    placeholder: "<file>",
    purpose: "who may do what, in JSON",
    read: pathOf,
    expected: "the path of a file",
  },
  origins: {
    flag: "origins",
    variable: "MOTET_ORIGINS",
    placeholder: "<origins>",
    purpose: "whose pages may connect, with commas between",
    read: readOrigins,
    expected: "origins such as https://example.org, with commas between",
  },
} satisfies { readonly [Name in keyof Config]: Setting<NonNullable<Config[Name]>> };

/**
 * Reads flags first, then the environment, then the defaults. An empty variable counts as not set, as
 * shells and process managers often export them so; an empty flag is a mistake.
 *
 * @param args without the two that name node and the script.
 * @throws {ServerError} `BAD_CONFIG`, naming every unknown flag or wrong value at once.
 */
export function readCommand(args: readonly string[], environment: Environment): Command {
  const flags = readFlags(args);
  if (flags.help === true) return { kind: "help" };
  if (flags.version === true) return { kind: "version" };
  return { kind: "serve", config: readConfig(flags, environment) };
}

/** The text of `--help`, drawn from the same table that reads the settings. */
export function helpText(): string {
  const rows = Object.values(SETTINGS).map(
    (setting: Setting<unknown>) =>
      `  ${`--${setting.flag} ${setting.placeholder}`.padEnd(30)} ${setting.purpose} ` +
      `[${setting.variable}, default ${setting.fallback ?? "not set"}]`,
  );
  return [
    "Usage: motet-server [flags]",
    "",
    "Serves collaborative documents over WebSockets at /documents/<document id>.",
    "",
    ...rows,
    `  ${"--memory".padEnd(30)} keeps documents in no folder: they are gone when the server stops`,
    `  ${"--help".padEnd(30)} prints this text`,
    `  ${"--version".padEnd(30)} prints the version`,
    "",
  ].join("\n");
}

interface Flags {
  readonly [flag: string]: unknown;
  readonly help?: unknown;
  readonly version?: unknown;
  readonly memory?: unknown;
}

function readFlags(args: readonly string[]): Flags {
  const text = Object.values(SETTINGS).map(({ flag }) => [flag, { type: "string" }] as const);
  const switches = ["memory", "help", "version"].map((flag) => [flag, { type: "boolean" }] as const);
  try {
    return parseArgs({ args: [...args], options: Object.fromEntries([...text, ...switches]) }).values;
  } catch (cause) {
    throw new ServerError("BAD_CONFIG", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function readConfig(flags: Flags, environment: Environment): Config {
  const problems: string[] = [];
  const optional = <Value>(setting: Setting<Value>): Value | undefined => {
    const written = find(setting, flags, environment);
    if (written === undefined) return setting.fallback;
    const value = setting.read(written.text);
    if (value === undefined)
      problems.push(`${written.where} must be ${setting.expected}, not "${written.text}".`);
    return value;
  };
  const read = <Value>(setting: Settled<Value>): Value => optional(setting) ?? setting.fallback;
  const folder = find(SETTINGS.data, flags, environment);
  if (flags.memory === true && folder !== undefined) {
    problems.push(
      `--memory keeps documents in no folder, but ${folder.where} names one: leave one of them out.`,
    );
  }
  const config: Config = {
    host: read(SETTINGS.host),
    port: read(SETTINGS.port),
    heartbeatTimeoutSeconds: read(SETTINGS.heartbeatTimeoutSeconds),
    data: flags.memory === true ? undefined : read(SETTINGS.data),
    compactEntries: read(SETTINGS.compactEntries),
    tokens: optional<string>(SETTINGS.tokens),
    origins: optional<readonly string[]>(SETTINGS.origins),
  };
  if (problems.length > 0) throw new ServerError("BAD_CONFIG", problems.join("\n"));
  return Object.freeze(config);
}

function find(
  { flag, variable }: Setting<unknown>,
  flags: Flags,
  environment: Environment,
): { where: string; text: string } | undefined {
  const ofFlag = flags[flag];
  if (typeof ofFlag === "string") return { where: `--${flag}`, text: ofFlag };
  const ofVariable = environment[variable];
  return ofVariable ? { where: variable, text: ofVariable } : undefined;
}

function pathOf(text: string): string | undefined {
  return text === "" || text.includes("\0") ? undefined : text;
}

/** Digits only: `Number` would also take " 1 ", "1e3" and "0x50". */
function integerWithin(text: string, least: number, most: number): number | undefined {
  if (!/^\d{1,6}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}
