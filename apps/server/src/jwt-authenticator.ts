import { decodeProtectedHeader, type JWTPayload, jwtVerify } from "jose";
import type { Authenticator, Credentials, Identity } from "./authenticator.js";
import { type Clock, systemClock } from "./clock.js";
import { ServerError } from "./errors.js";
import { identityOf, readGrant } from "./grant.js";
import { type JwtKeys, type OpenKeys, openKeys } from "./jwt-keys.js";

/** Which tokens hold. */
export interface JwtOptions {
  readonly keys: JwtKeys;
  /** How they may be signed. @default HS256 for a secret, what fits a public key, RS256, ES256 and EdDSA for a set */
  readonly algorithms?: readonly string[];
  /** Their `aud`, or one of them. */
  readonly audience: string;
  /** Their `iss`. */
  readonly issuer: string;
  /** How far clocks may be apart, in seconds in [0, 30]. @default 10 */
  readonly leewaySeconds?: number;
  readonly clock?: Clock;
}

/** Headers that bring a key along, or say where one is: whoever follows them trusts whoever wrote the token. */
const FOREIGN_KEYS = ["jku", "jwk", "x5u", "x5c"] as const;

/** A key's id, and neither a path nor a piece of a query. */
const KEY_ID = /^(?!\/)(?!.*\.\.)[A-Za-z0-9+/=_.:-]{1,256}$/;

const TYPES: ReadonlySet<unknown> = new Set([undefined, "JWT", "jwt", "at+jwt"]);

/** What jose says of a token that does not hold. Everything else it says is about keys that cannot be had. */
const ABOUT_TOKENS: ReadonlySet<unknown> = new Set([
  "ERR_JOSE_ALG_NOT_ALLOWED",
  "ERR_JOSE_NOT_SUPPORTED",
  "ERR_JWKS_MULTIPLE_MATCHING_KEYS",
  "ERR_JWKS_NO_MATCHING_KEY",
  "ERR_JWS_INVALID",
  "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
  "ERR_JWT_CLAIM_VALIDATION_FAILED",
  "ERR_JWT_EXPIRED",
  "ERR_JWT_INVALID",
]);

/**
 * Users and rights from signed tokens (RFC 7519, and RFC 8725 on what not to do with them). `sub` is the user, `name` their name, `exp`
 * has to be there, and the claim `motet` says what a line in a file of tokens says, such as
 * `{ "rights": "read", "documents": { "minutes": "write" } }`.
 */
export class JwtAuthenticator implements Authenticator {
  readonly #options: JwtOptions;
  readonly #clock: Clock;
  readonly #keys: OpenKeys;
  readonly #algorithms: readonly string[];
  readonly #leewaySeconds: number;

  /** @throws {ServerError} `BAD_CONFIG` when the keys are none, an algorithm does not fit them, or the leeway is too long. */
  constructor(options: JwtOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#keys = openKeys(options.keys);
    this.#algorithms = options.algorithms ?? this.#keys.usual;
    this.#leewaySeconds = options.leewaySeconds ?? 10;
    const stray = this.#algorithms.filter((one) => !this.#keys.fitting.includes(one));
    if (stray.length > 0 || this.#algorithms.length === 0) {
      throw new ServerError("BAD_CONFIG", `JWTs with these keys are not signed with ${stray.join(", ")}.`);
    }
    if (!(this.#leewaySeconds >= 0 && this.#leewaySeconds <= 30)) {
      throw new ServerError("BAD_CONFIG", "The leeway for JWTs must be 0 to 30 seconds.");
    }
  }

  async authenticate({ token }: Credentials): Promise<Identity | undefined> {
    if (token === undefined || !isPlain(token)) return undefined;
    const claims = await this.#verify(token);
    return claims && this.#identify(claims);
  }

  async #verify(token: string): Promise<JWTPayload | undefined> {
    const { audience, issuer } = this.#options;
    try {
      const { payload } = await jwtVerify(token, this.#keys.keyOf, {
        algorithms: [...this.#algorithms],
        audience,
        issuer,
        clockTolerance: this.#leewaySeconds,
        requiredClaims: ["exp", "sub"],
        currentDate: new Date(this.#clock.wallMs()),
      });
      return payload;
    } catch (cause) {
      if (ABOUT_TOKENS.has((cause as { code?: unknown }).code)) return undefined;
      throw new ServerError("AUTH_UNAVAILABLE", "who you are cannot be found out now", { cause });
    }
  }

  #identify({ sub, name, exp = 0, motet }: JWTPayload): Identity | undefined {
    if (typeof motet !== "object" || motet === null || Array.isArray(motet)) return undefined;
    const grant = readGrant({ ...(name !== undefined && { name }), ...motet, user: sub });
    return grant && identityOf(grant, (exp + this.#leewaySeconds) * 1_000);
  }
}

/** Whether a token's header asks for nothing but to be checked with the keys that are here. */
function isPlain(token: string): boolean {
  try {
    const header = decodeProtectedHeader(token);
    const isOwn = FOREIGN_KEYS.every((name) => header[name] === undefined);
    const kid: unknown = header.kid ?? "none";
    return isOwn && TYPES.has(header.typ) && typeof kid === "string" && KEY_ID.test(kid);
  } catch {
    return false;
  }
}
