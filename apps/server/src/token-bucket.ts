/** What somebody may send: so much at once, and so much each second. */
export interface Allowance {
  readonly perSecond: number;
  /** What is saved up at most. */
  readonly burst: number;
}

/**
 * A bucket of tokens that fills as time goes by. It may be overdrawn, as what has come in has come in; what is owed is paid
 * back before anything is free again.
 */
export class TokenBucket {
  readonly #allowance: Allowance;
  #tokens: number;
  #filledMs: number;

  constructor(allowance: Allowance, nowMs: number) {
    this.#allowance = allowance;
    this.#tokens = allowance.burst;
    this.#filledMs = nowMs;
  }

  /** Takes `count` tokens and says how many are left, below 0 when it is overdrawn. */
  spend(count: number, nowMs: number): number {
    const { perSecond, burst } = this.#allowance;
    const gained = (Math.max(0, nowMs - this.#filledMs) / 1_000) * perSecond;
    this.#filledMs = Math.max(nowMs, this.#filledMs);
    this.#tokens = Math.min(burst, this.#tokens + gained) - count;
    return this.#tokens;
  }
}
