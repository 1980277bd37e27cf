import type { Clock } from "../clock.js";

/** How long a server may be silent. */
export interface SilenceLimits {
  /** Silence after which the server is asked for a sign of life, in milliseconds. @default 15_000 */
  readonly heartbeatIntervalMs: number;
  /** How long it may take to answer before the line counts as dead, in milliseconds. @default 15_000: dead after 30 s */
  readonly answerTimeoutMs: number;
  /** The same after a sleep or a wake-up, when the line is probably gone. @default 5_000 */
  readonly wakeTimeoutMs: number;
}

/** A timer that rings this late did not run while the machine slept, in milliseconds. */
const LATE_MS = 5_000;

/** What a heartbeat tells its line. */
export interface HeartbeatListener {
  /** Send something that the server answers. */
  ask(): void;
  /** The server did not answer: TCP may say otherwise for hours. */
  dead(): void;
}

/**
 * Tells a dead line from a quiet one. Asks after a silence, gives up when no answer comes. Whoever was asleep asks
 * first: a timer that rings late proves nothing against the server.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #limits: SilenceLimits;
  readonly #listener: HeartbeatListener;
  #heardMs: number;
  #isAsking = false;
  #cancel: () => void = () => {};

  constructor(clock: Clock, limits: SilenceLimits, listener: HeartbeatListener) {
    this.#clock = clock;
    this.#limits = limits;
    this.#listener = listener;
    this.#heardMs = clock.now();
    this.#listen(limits.heartbeatIntervalMs);
  }

  /** The server gave a sign of life. Cost: O(1), no timer is set. */
  heard(): void {
    this.#heardMs = this.#clock.now();
    if (!this.#isAsking) return;
    this.#isAsking = false;
    this.#listen(this.#limits.heartbeatIntervalMs);
  }

  /** The line may have broken unnoticed: asks at once and waits shortly. */
  doubt(): void {
    this.#ask(this.#limits.wakeTimeoutMs);
  }

  /** Ends it; nothing is told any more. */
  stop(): void {
    this.#cancel();
  }

  #listen(forMs: number): void {
    this.#wait(forMs, () => {
      const quietMs = this.#clock.now() - this.#heardMs;
      const restMs = this.#limits.heartbeatIntervalMs - quietMs;
      if (restMs <= 0 || quietMs < 0) this.#ask(this.#limits.answerTimeoutMs);
      else this.#listen(restMs);
    });
  }

  #ask(patienceMs: number): void {
    this.#isAsking = true;
    this.#wait(patienceMs, () => this.#listener.dead());
    this.#listener.ask();
  }

  #wait(delayMs: number, then: () => void): void {
    this.#cancel();
    const dueMs = this.#clock.now() + delayMs;
    this.#cancel = this.#clock.after(delayMs, () => {
      if (this.#clock.now() - dueMs > LATE_MS) this.doubt();
      else then();
    });
  }
}
