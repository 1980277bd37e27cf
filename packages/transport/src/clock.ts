/** Time, as the few places that wait need it. A test passes one that it moves by hand. */
export interface Clock {
  /** Milliseconds since 1970. It may jump: people set their clocks, and laptops sleep. */
  now(): number;
  /** Calls `run` once, at least `delayMs` milliseconds from now, unless the returned function is called before. */
  after(delayMs: number, run: () => void): () => void;
}

/** The clock of the platform. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
