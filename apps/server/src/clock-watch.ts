import type { Clock } from "./clock.js";
import type { ServerEvents } from "./server-events.js";

/** How far the wall clock may run from the monotonic one between two looks, in milliseconds: as far as stamps may be ahead. */
const JUMP_MS = 500;

/** Notices when the wall clock jumps. Nothing here depends on it but stamps and times for people; an operator wants to know. */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #events: ServerEvents;
  #aheadMs: number;

  constructor(clock: Clock, events: ServerEvents) {
    this.#clock = clock;
    this.#events = events;
    this.#aheadMs = clock.wallMs() - clock.monotonicMs();
  }

  /** Call it about once a second. */
  look(): void {
    const aheadMs = this.#clock.wallMs() - this.#clock.monotonicMs();
    const byMs = Math.round(aheadMs - this.#aheadMs);
    this.#aheadMs = aheadMs;
    if (Math.abs(byMs) > JUMP_MS) this.#events.emit({ type: "clock_jumped", byMs });
  }
}
