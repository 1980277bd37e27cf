import type { Environment } from "./config-sources.js";
import { isLoopback } from "./loopback.js";
import type { Settings } from "./settings.js";

type Auth = NonNullable<Settings["auth"]>;

/** What each kind of authentication is told by; settings of another kind beside it are a mistake. */
const SETTINGS_OF: Readonly<Record<Auth, readonly (keyof Settings)[]>> = {
  none: [],
  tokens: ["tokens"],
  jwt: ["jwtSecret", "jwtPublicKey", "jwks", "jwtAlgorithms", "jwtAudience", "jwtIssuer"],
  hook: ["hookUrl", "hookSecret"],
};

/** What a check of settings among each other looks at. */
interface Checked {
  readonly settings: Settings;
  /** What somebody has set, by name. */
  readonly isSet: (name: keyof Settings) => boolean;
  /** Where it was written, or how it could be. */
  readonly nameOf: (name: keyof Settings) => string;
  readonly environment: Environment;
}

/** The kind of authentication: the one named, else the one whose settings are there. */
export function authOf({ auth }: Pick<Settings, "auth">, isSet: Checked["isSet"]): Auth {
  const kinds = Object.keys(SETTINGS_OF) as Auth[];
  return auth ?? kinds.find((kind) => SETTINGS_OF[kind].some(isSet)) ?? "none";
}

/** Everything that is wrong with settings that are right one by one, each in a sentence. */
export function problemsAmong(checked: Checked): string[] {
  return [kept, shared, encrypted, authenticated, signed, asked, administered].flatMap((rule) =>
    rule(checked),
  );
}

function kept({ settings, isSet, nameOf }: Checked): string[] {
  if (!settings.memory || !isSet("data")) return [];
  const [memory, data] = [nameOf("memory"), nameOf("data")];
  return [`${memory} keeps documents in no folder, but ${data} names one: leave one of them out.`];
}

function shared({ settings, isSet, nameOf }: Checked): string[] {
  const [store, fanout] = [nameOf("store"), nameOf("fanout")];
  const twice = (["data", "memory"] as const).filter((name) => isSet("store") && isSet(name));
  const wrong = twice.map((name) => `${store} keeps documents in a database: leave ${nameOf(name)} out.`);
  if (!isSet("fanout")) return wrong;
  if (!isSet("store")) wrong.push(`${fanout} is for servers that share a database: ${store} is missing.`);
  if (settings.fanoutTrusted === isSet("fanoutSecret")) {
    const [secret, trusted] = [nameOf("fanoutSecret"), nameOf("fanoutTrusted")];
    wrong.push(
      `${fanout} needs one of ${secret} and ${trusted}: who else reaches Redis must not be believed unasked.`,
    );
  }
  return wrong;
}

function encrypted({ isSet, nameOf }: Checked): string[] {
  if (isSet("tlsCertificate") === isSet("tlsKey")) return [];
  const [there, missing] = isSet("tlsKey")
    ? (["tlsKey", "tlsCertificate"] as const)
    : (["tlsCertificate", "tlsKey"] as const);
  return [`${nameOf(there)} needs ${nameOf(missing)} beside it.`];
}

function authenticated({ settings, isSet, nameOf, environment }: Checked): string[] {
  const auth = authOf(settings, isSet);
  if (auth === "none" && settings.auth === undefined && environment["NODE_ENV"] === "production") {
    return [
      `With NODE_ENV=production the server has to know who may do what: set ${nameOf("auth")} to tokens, jwt or ` +
        "hook and what belongs to it, or to none to let everybody do everything.",
    ];
  }
  if (auth === "tokens" && !isSet("tokens")) return [`${nameOf("tokens")} is missing: the file of tokens.`];
  const foreign = Object.entries(SETTINGS_OF).flatMap(([kind, names]) => (kind === auth ? [] : names));
  return foreign
    .filter(isSet)
    .map((name) => `${nameOf(name)} says nothing where authentication is "${auth}": leave it out.`);
}

function signed({ settings, isSet, nameOf }: Checked): string[] {
  if (authOf(settings, isSet) !== "jwt") return [];
  const keys = (["jwtSecret", "jwtPublicKey", "jwks"] as const).filter(isSet);
  const one = keys.length === 1 ? [] : [oneOf(keys, nameOf)];
  const missing = (["jwtAudience", "jwtIssuer"] as const).filter((name) => !isSet(name));
  return [...one, ...missing.map((name) => `${nameOf(name)} is missing.`), ...mixed({ settings, nameOf })];
}

function oneOf(keys: readonly (keyof Settings)[], nameOf: Checked["nameOf"]): string {
  if (keys.length > 1)
    return `Only one of ${keys.map(nameOf).join(" and ")} can be what JWTs are checked with.`;
  const [secret, key, jwks] = [nameOf("jwtSecret"), nameOf("jwtPublicKey"), nameOf("jwks")];
  return `One of ${secret}, ${key} and ${jwks} is missing.`;
}

/** With algorithms of both kinds, a public key would pass for a shared secret (RFC 8725, section 2.1). */
function mixed({ settings, nameOf }: Pick<Checked, "settings" | "nameOf">): string[] {
  const { jwtAlgorithms = [], jwtSecret } = settings;
  const isWrong = jwtAlgorithms.some((name) => name.startsWith("HS") !== (jwtSecret !== undefined));
  if (!isWrong) return [];
  const fitting = jwtSecret === undefined ? "RS, PS, ES or EdDSA" : "HS";
  return [`${nameOf("jwtAlgorithms")} must be of the kind that fits the key: ${fitting}.`];
}

function asked({ settings, isSet, nameOf }: Checked): string[] {
  if (authOf(settings, isSet) !== "hook") return [];
  return SETTINGS_OF.hook.filter((name) => !isSet(name)).map((name) => `${nameOf(name)} is missing.`);
}

function administered({ settings: { adminHost }, isSet, nameOf }: Checked): string[] {
  if (!isSet("adminPort") || isSet("adminToken") || isLoopback(adminHost)) return [];
  return [`${nameOf("adminToken")} is missing: others than this machine reach ${nameOf("adminHost")}.`];
}
