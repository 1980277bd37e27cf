import { DEFAULT_LIMITS } from "@motet/document";
import { defaultServerLimits } from "./limits.js";
import { readOrigins } from "./origins.js";
import { isStrong } from "./secrets.js";
import { choice, fileOrUrl, integer, list, path, type Setting, text, toggle, url } from "./setting.js";

/** The algorithms of signatures that may be pinned. */
const ALGORITHMS = [
  ...(["HS256", "HS384", "HS512", "RS256", "RS384", "RS512"] as const),
  ...(["PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"] as const),
];

/** Who can be asked who somebody is. */
const KINDS_OF_AUTHENTICATION = ["none", "tokens", "jwt", "hook"] as const;

const secret = {
  placeholder: "<secret>",
  read: (text: string) => (isStrong(text) ? text : undefined),
  expected: "at least 32 characters that nobody can guess, and none from an example",
  isSecret: true,
} as const;

/** The address of a service, which may hold a password. */
const address = (...schemes: readonly string[]) =>
  ({
    placeholder: "<URL>",
    read: (text: string) => (schemes.some((scheme) => text.startsWith(`${scheme}://`)) ? text : undefined),
    expected: `an address that begins with ${schemes[0]}://`,
    mayHoldPassword: true,
  }) as const;

const host = {
  placeholder: "<address>",
  read: (text: string) => (/^[A-Za-z0-9.:_-]{1,255}$/.test(text) ? text : undefined),
  expected: "an IP address or a host name",
} as const;

/** What an acknowledged edit outlives. */
const SURVIVORS = ["primary", "standby"] as const;

/** How much is written to the log: `debug` names users, and nothing holds text. */
const LOG_LEVELS = ["error", "warn", "info", "debug", "silent"] as const;

/** Every setting but the limits, by its name. */
export const SETTINGS = {
  port: {
    ...integer(0, 65_535),
    purpose: "TCP port; 0 takes a free one",
    fallback: 8_080,
    variable: "PORT",
  },
  host: {
    ...host,
    purpose: "address to listen on; 0.0.0.0 for every interface",
    fallback: "127.0.0.1",
    variable: "HOST",
  },
  tlsCertificate: { ...path("file"), purpose: "certificates in PEM: serves https and wss" },
  tlsKey: { ...path("file"), purpose: "the first one's private key, in PEM" },
  data: { ...path("folder"), purpose: "where documents are kept", fallback: "./data" },
  memory: { ...toggle(), purpose: "keeps documents in no folder, until the server stops", fallback: false },
  store: {
    ...address("postgres", "postgresql"),
    purpose: "the database that keeps documents, for many servers at once, in place of a folder",
  },
  storeSurvives: {
    ...choice(SURVIVORS),
    purpose:
      "the end of what an acknowledged edit survives: everything but the primary's disk, or one whole machine",
    fallback: "primary",
  },
  fanout: {
    ...address("redis", "rediss"),
    purpose: "how servers on one database tell each other what is new",
  },
  fanoutCluster: { ...toggle(), purpose: "that is a Redis Cluster", fallback: false },
  fanoutSecret: { ...secret, purpose: "what servers seal with what they tell each other" },
  fanoutTrusted: {
    ...toggle(),
    purpose: "whoever reaches Redis is believed, and needs no secret",
    fallback: false,
  },
  tenant: {
    purpose: "whose documents they are, where nobody's identity says so",
    placeholder: "<id>",
    fallback: "main",
    read: (text: string) => (/^[A-Za-z0-9_-]{1,128}$/.test(text) ? text : undefined),
    expected: "1 to 128 of A-Z a-z 0-9 _ -",
  },
  origins: {
    purpose: "whose pages may connect, with commas between",
    placeholder: "<origins>",
    read: readOrigins,
    expected: "origins such as https://example.org, with commas between",
  },
  noPlayground: { ...toggle(), purpose: "serves no page at /", fallback: false },
  noSelfTest: { ...toggle(), purpose: "tries nothing out before it listens", fallback: false },
  auth: { ...choice(KINDS_OF_AUTHENTICATION), purpose: "who says who somebody is" },
  tokens: { ...path("file"), purpose: "tokens, users and rights, in JSON" },
  jwtSecret: { ...secret, purpose: "what JWTs are signed with" },
  jwtPublicKey: { ...path("file"), purpose: "the key of whoever signs JWTs, in PEM" },
  jwks: { ...fileOrUrl(), purpose: "the keys of whoever signs JWTs" },
  jwtAlgorithms: { ...list(ALGORITHMS), purpose: "how JWTs may be signed; else as fits the key" },
  jwtAudience: { ...text(), purpose: "the aud of JWTs" },
  jwtIssuer: { ...text(), purpose: "the iss of JWTs" },
  jwtLeewaySeconds: { ...integer(0, 30), purpose: "how far clocks may be apart", fallback: 10 },
  hookUrl: { ...url(), purpose: "the address that says who somebody is" },
  hookSecret: { ...secret, purpose: "what requests to it are signed with" },
  hookTimeoutMs: { ...integer(100, 30_000), purpose: "how long it may take", fallback: 5_000 },
  hookCacheMs: {
    ...integer(0, 3_600_000),
    purpose: "how long its answer holds; 0 asks each time",
    fallback: 60_000,
  },
  adminPort: { ...integer(0, 65_535), purpose: "port of its own for administrators" },
  adminHost: {
    ...host,
    purpose: "address of that port",
    fallback: "127.0.0.1",
  },
  adminToken: { ...secret, purpose: "what administrators show; without it, they are on this machine" },
  webhooks: { ...path("file"), purpose: "who is told what happens to documents, in JSON" },
  webhookIntervalMs: {
    ...integer(0, 3_600_000),
    purpose: "within which changes of a document are told as one",
    fallback: 2_000,
  },
  logLevel: { ...choice(LOG_LEVELS), purpose: "what is written to the log", fallback: "info" },
  shutdownMs: {
    ...integer(1_000, 600_000),
    purpose: "when a shutdown that hangs is forced",
    fallback: 10_000,
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

/** Limits that are bounded more narrowly than by being natural. */
const LIMITS_WITHIN: Readonly<Record<string, readonly [number, number]>> = {
  heartbeatTimeoutMs: [2_000, 3_600_000],
  compactEntries: [2, 999_999],
};

/** Every limit of the server and of a document, as a setting of its own. */
export const LIMIT_SETTINGS: Readonly<Record<string, Setting<number> & { readonly fallback: number }>> =
  Object.fromEntries(
    Object.entries({ ...defaultServerLimits, ...DEFAULT_LIMITS }).map(([name, fallback]) => {
      const [least, most] = LIMITS_WITHIN[name] ?? [1, Number.MAX_SAFE_INTEGER];
      return [name, { ...integer(least, most), purpose: "", fallback }];
    }),
  );

type ValueOf<Row> =
  Row extends Setting<infer Value> ? (Row extends { fallback: unknown } ? Value : Value | undefined) : never;

/** What {@link SETTINGS} are set to. */
export type Settings = { readonly [Name in keyof typeof SETTINGS]: ValueOf<(typeof SETTINGS)[Name]> };

/** How a setting is called on the command line. */
export function flagOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** How a setting is called in the environment. */
export function variableOf(name: string, { variable }: Setting<unknown>): string {
  return variable ?? `MOTET_${flagOf(name).replaceAll("-", "_").toUpperCase()}`;
}
