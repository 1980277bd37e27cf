import type { Authenticator, Credentials, Identity } from "./authenticator.js";
import { ServerError } from "./errors.js";
import { type Grant, identityOf, readGrant } from "./grant.js";

/** A grant, and until when it holds, in milliseconds since 1970. */
export type TimedGrant = Grant & { readonly expiresMs?: number };

/** Says who somebody is from what they show; `undefined` when it does not hold. Rejects when it cannot be known now. */
export type Callback = (credentials: Credentials) => Promise<TimedGrant | undefined> | TimedGrant | undefined;

/** Asks a function of the program that embeds the server. */
export class CallbackAuthenticator implements Authenticator {
  readonly #callback: Callback;

  constructor(callback: Callback) {
    this.#callback = callback;
  }

  /** @throws {ServerError} `AUTH_UNAVAILABLE` when the function throws, or answers with what is no grant. */
  async authenticate(credentials: Credentials): Promise<Identity | undefined> {
    try {
      const answer = await this.#callback(credentials);
      return answer && readIdentity(answer);
    } catch (cause) {
      throw new ServerError("AUTH_UNAVAILABLE", "who you are cannot be found out now", { cause });
    }
  }
}

/** @throws {TypeError} when it is no grant. */
export function readIdentity(answer: unknown): Identity {
  const { expiresMs, ...fields } = answer as { readonly expiresMs?: unknown };
  const grant = readGrant(fields);
  if (grant === undefined || !isTime(expiresMs)) throw new TypeError("the answer is no grant");
  return identityOf(grant, expiresMs);
}

function isTime(value: unknown): value is number | undefined {
  return value === undefined || Number.isFinite(value);
}
