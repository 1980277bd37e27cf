import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "./clock.js";
import { ServerError } from "./errors.js";

/** How long it takes to be refused a document, in milliseconds: longer than it takes to read one. */
const REFUSED_MS = 100;

/**
 * What `ask` says, with a `FORBIDDEN` held back for a while that is always the same: else its time would tell whether there is such a
 * document, and how long it is.
 */
export async function askedEvenly<T>(
  clock: Pick<Clock, "monotonicMs">,
  ask: () => Promise<T>,
  wait: (ms: number) => Promise<unknown> = delay,
): Promise<T> {
  const untilMs = clock.monotonicMs() + REFUSED_MS;
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ServerError && error.code === "FORBIDDEN") {
      await wait(Math.max(0, untilMs - clock.monotonicMs()));
    }
    throw error;
  }
}
