import type { Clock } from "./clock.js";
import type { Later } from "./platform.js";

/** Something to be looked at from time to time; `nowMs` is of the monotonic clock. */
export type Round = (nowMs: number) => void;

/** How often a started ticker ticks, in milliseconds. */
const TICK_MS = 1_000;

/** The only timer of the server that runs all the time: goes its rounds once a second from `start` on, or whenever it is told to tick. */
export class Ticker {
  readonly #clock: Clock;
  readonly #later: Later;
  readonly #rounds: readonly Round[];
  #cancel: (() => void) | undefined;

  /** @param rounds in the order in which they are gone. */
  constructor(clock: Clock, later: Later, rounds: readonly Round[]) {
    this.#clock = clock;
    this.#later = later;
    this.#rounds = rounds;
  }

  /** A second call does nothing. */
  start(): void {
    this.#cancel ??= this.#wait();
  }

  stop(): void {
    this.#cancel?.();
  }

  tick(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const round of this.#rounds) round(nowMs);
  }

  #wait(): () => void {
    return this.#later(TICK_MS, () => {
      this.#cancel = this.#wait(); // First, so that a round that throws does not end them.
      this.tick();
    });
  }
}
