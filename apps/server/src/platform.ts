import { randomBytes } from "node:crypto";

/** Calls `run` once, `delayMs` milliseconds from now, unless the returned function is called before. */
export type Later = (delayMs: number, run: () => void) => () => void;

/** What a server takes from the machine beside its clocks, so that a simulation can put its own in their place. */
export interface Platform {
  readonly later: Later;
  /** Runs `work` once at the end of this turn of the event loop. */
  readonly endOfTurn: (work: () => void) => void;
  /** Gives `count` random bytes that nobody can guess. */
  readonly randomBytes: (count: number) => Uint8Array;
}

/** Node's own. Its timers keep no process alive. */
export const nodePlatform: Platform = {
  later: (delayMs, run) => {
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  },
  endOfTurn: (work) => void setImmediate(work),
  randomBytes,
};
