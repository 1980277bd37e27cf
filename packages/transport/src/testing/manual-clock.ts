/** A clock that stands still until a test moves it. */
export class ManualClock {
  #nowMs: number;

  constructor(nowMs = 1_700_000_000_000) {
    this.#nowMs = nowMs;
  }

  /** Milliseconds since 1970, as `Date.now()` counts them. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** The same as a function, to be passed where `Date.now` would be. */
  readonly now = (): number => this.#nowMs;

  /** Moves on by `byMs` and returns the new time. */
  advance(byMs: number): number {
    this.#nowMs += byMs;
    return this.#nowMs;
  }
}
