import { createHmac, randomBytes, randomUUID } from "node:crypto";
import type { Authenticator, Credentials, Identity } from "./authenticator.js";
import { readIdentity } from "./callback-authenticator.js";
import { type Clock, systemClock } from "./clock.js";
import { ServerError } from "./errors.js";
import { readBody } from "./http/json-body.js";
import { signatureHeaders } from "./signature.js";

/** Where to ask, and for how long an answer holds. */
export interface HookOptions {
  readonly url: string;
  /** What requests are signed with; see `signatureHeaders`. */
  readonly secret: string;
  /** Longest that an answer may take, in milliseconds. @default 5_000 */
  readonly timeoutMs?: number;
  /** How long an answer that lets somebody in holds, in milliseconds; 0 asks each time. @default 60_000 */
  readonly cacheMs?: number;
  readonly clock?: Clock;
}

/** Largest answer, in bytes. */
const ANSWER_BYTES_MAX = 65_536;

/** Answers that are remembered; the oldest is forgotten first. */
const CACHED_MAX = 10_000;

interface Cached {
  untilMs: number;
  readonly identity: Promise<Identity | undefined>;
}

/**
 * Asks an address who somebody is: `POST`, with `{ "token", "user", "document" }` as far as they are known. It answers 200 with what a
 * line in a file of tokens says, `expiresMs` as an extra; 401, 403 or 404 when the token does not hold. Anything else, and no answer in
 * time, is no answer.
 */
export class HookAuthenticator implements Authenticator {
  readonly #options: Required<HookOptions>;
  readonly #cache = new Map<string, Cached>();
  readonly #key = randomBytes(32);

  constructor(options: HookOptions) {
    this.#options = { timeoutMs: 5_000, cacheMs: 60_000, clock: systemClock, ...options };
  }

  /** @throws {ServerError} `AUTH_UNAVAILABLE`. */
  authenticate(credentials: Credentials): Promise<Identity | undefined> {
    const { clock, cacheMs } = this.#options;
    const question = JSON.stringify({
      token: credentials.token,
      user: credentials.user,
      document: credentials.document,
    });
    // No token is kept, and none can be found by how long a look-up takes.
    const key = createHmac("sha256", this.#key).update(question).digest("base64");
    const nowMs = clock.monotonicMs();
    const cached = this.#cache.get(key);
    if (cached !== undefined && nowMs < cached.untilMs) return cached.identity;
    const identity = this.#ask(question);
    this.#remember(key, { identity, untilMs: nowMs + cacheMs });
    return identity;
  }

  /** One question for all who ask it at once. What lets nobody in is asked again: they may be let in by then. */
  #remember(key: string, cached: Cached): void {
    this.#cache.delete(key);
    this.#cache.set(key, cached);
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= CACHED_MAX) break;
      this.#cache.delete(oldest);
    }
    const forget = () => {
      if (this.#cache.get(key) === cached) this.#cache.delete(key);
    };
    cached.identity.then((identity) => {
      if (identity === undefined) forget();
      else if (identity.expiresMs !== undefined)
        cached.untilMs = Math.min(cached.untilMs, this.#endOf(identity.expiresMs));
    }, forget);
  }

  #endOf(expiresMs: number): number {
    const { clock } = this.#options;
    return clock.monotonicMs() + expiresMs - clock.wallMs();
  }

  async #ask(body: string): Promise<Identity | undefined> {
    const { url, secret, timeoutMs, clock } = this.#options;
    const signed = { id: randomUUID(), atMs: clock.wallMs(), body };
    try {
      const response = await fetch(url, {
        method: "POST",
        body,
        headers: { "content-type": "application/json", ...signatureHeaders(signed, secret) },
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
      const answer = await readBody(response, ANSWER_BYTES_MAX);
      if ([401, 403, 404].includes(response.status)) return undefined;
      if (response.status !== 200) throw new TypeError(`status ${response.status}`);
      return readIdentity(JSON.parse(Buffer.from(answer).toString("utf8")));
    } catch (cause) {
      throw new ServerError("AUTH_UNAVAILABLE", "who you are cannot be found out now", { cause });
    }
  }
}
