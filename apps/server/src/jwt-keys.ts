import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from "jose";
import { ServerError } from "./errors.js";
import { readBody } from "./http/json-body.js";

/** What tokens are checked with: a secret shared with whoever signs them, their public key, or their set of keys. */
export type JwtKeys =
  /** At least 32 bytes in UTF-8. */
  | { readonly secret: string }
  /** In PEM: a public key or a certificate. */
  | { readonly publicKey: string }
  /** A set of keys (RFC 7517), as JSON. */
  | { readonly jwks: string }
  /** Where such a set is: fetched when it is needed, after 10 minutes, and for a key it lacks, at most every 30 s. */
  | { readonly jwksUrl: URL };

/** Keys, ready to check signatures with. */
export interface OpenKeys {
  readonly keyOf: JWTVerifyGetKey;
  /** The algorithms that hold where none are named. */
  readonly usual: readonly string[];
  /** The algorithms that may be named. Never both shared secrets and public keys (RFC 8725, section 3.1). */
  readonly fitting: readonly string[];
}

/** Largest set of keys that is taken from an address, in bytes. */
const JWKS_BYTES_MAX = 1_048_576;

const JWKS_TIMEOUT_MS = 5_000;

/** RFC 7518, section 3.2: as many as HS256 makes. */
const SECRET_BYTES_MIN = 32;

/** NIST SP 800-131A: shorter ones are not to be relied on. */
const RSA_BITS_MIN = 2_048;

const HMAC = ["HS256", "HS384", "HS512"];
const RSA = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
const CURVES: ReadonlyMap<string, string> = new Map([
  ["prime256v1", "ES256"],
  ["secp384r1", "ES384"],
  ["secp521r1", "ES512"],
]);

/** @throws {ServerError} `BAD_CONFIG` for what is no key, or too weak; nothing of it is in the message. */
export function openKeys(keys: JwtKeys): OpenKeys {
  if ("secret" in keys) return openSecret(keys.secret);
  if ("publicKey" in keys) return openPublicKey(keys.publicKey);
  const keyOf = "jwks" in keys ? localSet(keys.jwks) : remoteSet(keys.jwksUrl);
  return { keyOf, usual: ["RS256", "ES256", "EdDSA"], fitting: [...RSA, ...CURVES.values(), "EdDSA"] };
}

function openSecret(secret: string): OpenKeys {
  if (typeof secret !== "string") throw noKeys("the secret is no string");
  const key = Buffer.from(secret, "utf8");
  if (key.length < SECRET_BYTES_MIN) throw noKeys(`the secret has fewer than ${SECRET_BYTES_MIN} bytes`);
  return { keyOf: only(createSecretKey(key)), usual: ["HS256"], fitting: HMAC };
}

function only(key: KeyObject): JWTVerifyGetKey {
  return async () => key;
}

function openPublicKey(pem: string): OpenKeys {
  const key = publicKeyOf(pem);
  const keyOf = only(key);
  const { modulusLength = 0, namedCurve = "" } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case "rsa":
      if (modulusLength < RSA_BITS_MIN) throw noKeys(`the RSA key has fewer than ${RSA_BITS_MIN} bits`);
      return { keyOf, usual: ["RS256"], fitting: RSA };
    case "ed25519":
      return { keyOf, usual: ["EdDSA"], fitting: ["EdDSA"] };
    default: {
      const algorithm = CURVES.get(namedCurve);
      if (algorithm === undefined) throw noKeys("RSA, Ed25519, or P-256, P-384 and P-521 are known");
      return { keyOf, usual: [algorithm], fitting: [algorithm] };
    }
  }
}

function publicKeyOf(pem: string): KeyObject {
  if (/PRIVATE KEY/.test(pem)) throw noKeys("this is a private key, which belongs to whoever signs");
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw noKeys("the public key is not in PEM", cause);
  }
}

function localSet(text: string): JWTVerifyGetKey {
  try {
    return createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
  } catch (cause) {
    throw noKeys("the set of keys is none", cause);
  }
}

function remoteSet(url: URL): JWTVerifyGetKey {
  return createRemoteJWKSet(url, {
    timeoutDuration: JWKS_TIMEOUT_MS,
    [customFetch]: async (address, options) => {
      const response = await fetch(address, options);
      const body = await readBody(response, JWKS_BYTES_MAX);
      return new Response(new Uint8Array(body), { status: response.status });
    },
  });
}

function noKeys(sentence: string, cause?: unknown): ServerError {
  return new ServerError("BAD_CONFIG", `The keys for JWTs cannot be used: ${sentence}.`, { cause });
}
