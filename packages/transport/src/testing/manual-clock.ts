import type { Clock } from "../clock.js";

/** A clock that stands still until a test moves it; what waits for it runs while it is moved. */
export class ManualClock implements Clock {
  #nowMs: number;
  readonly #timers = new Set<Timer>();

  constructor(nowMs = 1_700_000_000_000) {
    this.#nowMs = nowMs;
  }

  /** Milliseconds since 1970, as `Date.now()` counts them. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many callbacks wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** The same as a function, to be passed where `Date.now` would be. */
  readonly now = (): number => this.#nowMs;

  after(delayMs: number, run: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Moves on by `byMs` and returns the new time. What falls due on the way runs at its own time, in order. */
  advance(byMs: number): number {
    const endMs = this.#nowMs + byMs;
    for (let next = this.#due(endMs); next !== undefined; next = this.#due(endMs)) {
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.run();
    }
    this.#nowMs = endMs;
    return endMs;
  }

  /** Lets `forMs` pass with nothing running, as when a laptop sleeps; then what fell due meanwhile runs, late. */
  sleep(forMs: number): void {
    this.#nowMs += forMs;
    this.advance(0);
  }

  #due(endMs: number): Timer | undefined {
    const due = [...this.#timers].filter(({ dueMs }) => dueMs <= endMs);
    return due.reduce<Timer | undefined>(
      (first, it) => (first && first.dueMs <= it.dueMs ? first : it),
      undefined,
    );
  }
}

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}
