import { median } from "../../statistics.js";

/** One operation that is timed again and again. */
export interface Sampled<Result> {
  /** The operation: all that is timed. */
  run(): Result;
  /** Checks the result and gives its memory back; throws if it is wrong. Not timed. */
  verify(result: Result): void;
}

/** How long an operation took, in milliseconds. */
export interface Timing {
  /** The first time in this process, unless something warmed it up before. */
  readonly firstMs: number;
  /** The middle of all but the first; the first alone if it used up the budget. */
  readonly medianMs: number;
}

const SAMPLES_MAX = 50;

/**
 * Repeats the operation until `budgetMs` of timed work are spent or 50 samples are there. The first warms up the just-in-time
 * compiler and is left out when others follow. Nobody forces a garbage collection in between: that also throws away optimised
 * code, and made a gap buffer seven times as slow as it is (283 instead of 42 ns on sveltecomponent).
 */
export function sample<Result>(operation: Sampled<Result>, budgetMs: number): Timing {
  const firstMs = timed(operation);
  const others: number[] = [];
  for (let spentMs = firstMs; spentMs < budgetMs && others.length < SAMPLES_MAX; ) {
    const elapsedMs = timed(operation);
    others.push(elapsedMs);
    spentMs += elapsedMs;
  }
  return { firstMs, medianMs: others.length > 0 ? median(others) : firstMs };
}

function timed<Result>(operation: Sampled<Result>): number {
  const startMs = performance.now();
  const result = operation.run();
  const elapsedMs = performance.now() - startMs;
  operation.verify(result);
  return elapsedMs;
}
