import type { Clock } from "./clock.js";

/** Something to be looked at from time to time; `nowMs` is of the monotonic clock. */
export type Round = (nowMs: number) => void;

/** How often a started ticker ticks, in milliseconds. */
const TICK_MS = 1_000;

/** The only timer of the server that runs all the time: goes its rounds once a second from `start` on, or whenever it is told to tick. */
export class Ticker {
  readonly #clock: Clock;
  readonly #rounds: readonly Round[];
  #timer: NodeJS.Timeout | undefined;

  /** @param rounds in the order in which they are gone. */
  constructor(clock: Clock, rounds: readonly Round[]) {
    this.#clock = clock;
    this.#rounds = rounds;
  }

  /** A second call does nothing. */
  start(): void {
    this.#timer ??= setInterval(() => this.tick(), TICK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  tick(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const round of this.#rounds) round(nowMs);
  }
}
