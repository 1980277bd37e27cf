import type { ServerLimits } from "./limits.js";
import { TokenBucket } from "./token-bucket.js";

/** The longest wait that anybody is told, in milliseconds: by then those who were told nothing have come as well. */
const WAIT_MS_MAX = 30_000;

/**
 * Lets in so many connections a second, so that thousands who come back at once do not hold up those who are here. Whoever is not
 * let in is told a time of their own: each the next one that nobody else was told.
 */
export class Admissions {
  readonly #bucket: TokenBucket;
  readonly #stepMs: number;
  #promisedMs = 0;

  constructor({ admissionsPerSecond, admissionsBurst }: ServerLimits, nowMs: number) {
    this.#bucket = new TokenBucket({ perSecond: admissionsPerSecond, burst: admissionsBurst }, nowMs);
    this.#stepMs = 1_000 / admissionsPerSecond;
  }

  /** Somebody comes: 0 lets them in, anything else is how long they are to wait, in milliseconds. */
  ask(nowMs: number): number {
    if (this.#bucket.spend(0, nowMs) >= 1) {
      this.#bucket.spend(1, nowMs);
      return 0;
    }
    this.#promisedMs = Math.max(this.#promisedMs, nowMs) + this.#stepMs;
    const waitMs = this.#promisedMs - nowMs;
    if (waitMs <= WAIT_MS_MAX) return waitMs;
    this.#promisedMs = nowMs; // All times are given away: from the beginning.
    return WAIT_MS_MAX;
  }
}
