import { type Random, random } from "@motet/testing";
import type { Timeline } from "./timeline.js";

/** 14 November 2023: what the clock on the wall shows at the start. */
const EPOCH_MS = 1_700_000_000_000;

/** What a program on a machine waits for. */
interface Awaited {
  readonly program: object;
  readonly run: () => void;
  isCancelled: boolean;
}

/**
 * A computer with one program on it, a server or a client. Everything that happens to the program happens in turns of its machine: none while
 * it is paused, late after that, and never once the program has ended.
 */
export class Machine {
  readonly name: string;
  readonly rng: Random;
  readonly #timeline: Timeline;
  readonly #timers = new Set<Awaited>();
  readonly #ends: (() => void)[] = [];
  #program: object | undefined;
  #isPaused = false;
  #late: { timers: Awaited[]; events: Awaited[] } = { timers: [], events: [] };
  /** Events that came while it was paused and are still to happen: what comes at the very moment of waking stands behind them. */
  #overdue = 0;
  #aheadMs = 0;

  constructor(name: string, timeline: Timeline, seed: number) {
    this.name = name;
    this.rng = random(seed);
    this.#timeline = timeline;
  }

  get isUp(): boolean {
    return this.#program !== undefined;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** How far its clock on the wall is ahead of the true time, in milliseconds. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** Timers that the program has set and that have not rung. */
  get timers(): number {
    return this.#timers.size;
  }

  readonly wallMs = (): number => EPOCH_MS + this.#timeline.nowMs + this.#aheadMs;
  readonly monotonicMs = (): number => this.#timeline.nowMs;

  readonly randomBytes = (count: number): Uint8Array =>
    Uint8Array.from({ length: count }, () => this.rng.int(256));

  /** Calls `run` after `delayMs`, unless the program has ended, or the returned function is called before. */
  readonly after = (delayMs: number, run: () => void): (() => void) => {
    const timer = this.#await(() => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
    this.#timeline.plan(delayMs, () => this.#due(timer, "timers"));
    return () => {
      timer.isCancelled = true;
      this.#timers.delete(timer);
    };
  };

  readonly endOfTurn = (run: () => void): void => this.turn(0, run);

  /** Lets something happen to the program in `delayMs`, if it runs then. */
  turn(delayMs: number, run: () => void): void {
    const event = this.#await(run);
    this.#timeline.plan(delayMs, () => {
      if (this.#overdue > 0) this.#timeline.plan(0, () => this.#due(event, "events"));
      else this.#due(event, "events");
    });
  }

  /** Whether the program that runs now still does, whenever that is asked. */
  life(): () => boolean {
    const program = this.#program;
    return () => this.#program === program;
  }

  /** A program begins. */
  start(): void {
    this.#program = {};
  }

  /** The program ends, at once; `onEnd` says what follows from that. */
  end(): void {
    this.#program = undefined;
    this.#timers.clear();
    this.#isPaused = false;
    this.#late = { timers: [], events: [] };
    for (const tell of this.#ends.splice(0)) tell();
  }

  /** Calls `tell` once, when the program that runs now ends. */
  onEnd(tell: () => void): void {
    this.#ends.push(tell);
  }

  /** The program stands still until {@link wake}. */
  pause(): void {
    this.#isPaused = true;
  }

  /** It goes on: timers that are overdue first, then all that has come meanwhile, in order. */
  wake(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    const { timers, events } = this.#late;
    this.#late = { timers: [], events: [] };
    for (const timer of timers) this.#timeline.plan(0, () => this.#due(timer, "timers"));
    this.#overdue += events.length;
    for (const event of events) {
      this.#timeline.plan(0, () => {
        this.#overdue--;
        this.#due(event, "events");
      });
    }
  }

  /** The clock on the wall is set; the other one goes on. */
  setClock(aheadMs: number): void {
    this.#aheadMs = aheadMs;
  }

  #await(run: () => void): Awaited {
    return { program: this.#program ?? {}, run, isCancelled: false };
  }

  #due(awaited: Awaited, kind: "timers" | "events"): void {
    if (awaited.isCancelled || awaited.program !== this.#program) return;
    if (this.#isPaused) this.#late[kind].push(awaited);
    else awaited.run();
  }
}
