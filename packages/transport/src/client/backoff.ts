/** How long to wait before connecting again. */
export interface BackoffLimits {
  /** Ceiling of the first wait, in milliseconds. @default 500 */
  readonly backoffBaseMs: number;
  /** Ceiling of every wait, in milliseconds. @default 30_000 */
  readonly backoffCeilingMs: number;
}

/**
 * Full jitter: a random wait below a ceiling that doubles with each vain attempt, so that ten thousand clients which
 * were cut at once do not come back at once. `attempt` counts from 0, `random` gives a number in [0, 1).
 * @see Brooker 2015, "Exponential Backoff And Jitter"
 */
export function backoffMs(attempt: number, random: () => number, limits: BackoffLimits): number {
  return random() * Math.min(limits.backoffCeilingMs, limits.backoffBaseMs * 2 ** attempt);
}
