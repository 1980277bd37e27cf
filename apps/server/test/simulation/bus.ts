import type { Fanout, FanoutListener } from "@motet/transport";
import type { Machine } from "./machine.js";
import type { Timeline } from "./timeline.js";

/** How a bus does. */
export interface BusHealth {
  /** Longest time that a message takes, in milliseconds; messages overtake each other. */
  readonly delayMs: number;
  /** The part of messages that are lost on the way to one server, in [0, 1]. */
  readonly lossy: number;
  /** The part of messages that arrive twice. */
  readonly doubling: number;
}

export const SOUND: BusHealth = { delayMs: 8, lossy: 0, doubling: 0 };

/** The one bus of all servers. */
export class Bus {
  health = SOUND;
  readonly timeline: Timeline;
  readonly #lines = new Map<Machine, BusLine>();

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  /** The bus as the program that runs on `machine` has it. */
  lineOf(machine: Machine): Fanout {
    const line = new BusLine(this, machine);
    this.#lines.set(machine, line);
    machine.onEnd(() => {
      this.#lines.delete(machine);
      void line.close();
    });
    return line;
  }

  /** Nothing comes through to or from a server, which notices it after a while. */
  cut(machine: Machine, noticedMs: number): void {
    this.#lines.get(machine)?.cut(noticedMs);
  }

  mend(machine: Machine): void {
    this.#lines.get(machine)?.mend();
  }

  /** Brings a message of one server to the others. */
  spread(from: BusLine, machine: Machine, channel: string, message: Uint8Array): void {
    const { rng } = machine;
    for (const [other, line] of this.#lines) {
      if (line === from) continue;
      const copies = rng.next() < this.health.lossy ? 0 : rng.next() < this.health.doubling ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        this.timeline.plan(this.delayMs(machine), () => {
          if (line.hears(channel))
            other.turn(this.delayMs(machine), () => line.hear(channel, message.slice()));
        });
      }
    }
  }

  delayMs({ rng }: Machine): number {
    return 1 + rng.int(this.health.delayMs);
  }
}

/** A server's line to the bus. */
export class BusLine implements Fanout {
  readonly #bus: Bus;
  readonly #machine: Machine;
  readonly #wanted = new Set<string>();
  /** What the bus knows that it wants. */
  #subscribed = new Set<string>();
  #waiting: (() => void)[] = [];
  #listener: FanoutListener | undefined;
  #isUp = false;
  #isCut = false;

  constructor(bus: Bus, machine: Machine) {
    this.#bus = bus;
    this.#machine = machine;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  start(listener: FanoutListener): void {
    this.#listener = listener;
    this.#connect();
  }

  subscribe(channel: string): Promise<void> {
    this.#wanted.add(channel);
    if (!this.#isUp) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#machine.turn(this.#bus.delayMs(this.#machine), () => {
        if (!this.#isCut && this.#wanted.has(channel)) this.#subscribed.add(channel);
        if (!this.#isCut) this.#machine.turn(this.#bus.delayMs(this.#machine), resolve);
      });
    });
  }

  unsubscribe(channel: string): void {
    this.#wanted.delete(channel);
    this.#subscribed.delete(channel);
  }

  publish(channel: string, message: Uint8Array): void {
    if (this.#isUp && !this.#isCut) this.#bus.spread(this, this.#machine, channel, message);
  }

  async close(): Promise<void> {
    this.#isUp = false;
    this.#listener = undefined;
  }

  hears(channel: string): boolean {
    return !this.#isCut && this.#subscribed.has(channel);
  }

  hear(channel: string, message: Uint8Array): void {
    if (this.#isUp && this.#wanted.has(channel)) this.#listener?.heard(channel, message);
  }

  cut(noticedMs: number): void {
    this.#isCut = true;
    this.#machine.turn(noticedMs, () => {
      if (!this.#isCut || !this.#isUp) return;
      this.#isUp = false;
      for (const resolve of this.#waiting.splice(0)) resolve();
      this.#listener?.lost();
    });
  }

  mend(): void {
    this.#isCut = false;
    if (!this.#isUp) this.#connect();
    this.#subscribed = new Set(this.#wanted);
    for (const resolve of this.#waiting.splice(0)) this.#machine.turn(0, resolve);
  }

  #connect(): void {
    this.#machine.turn(this.#bus.delayMs(this.#machine), () => {
      if (this.#isCut || this.#isUp || this.#listener === undefined) return;
      this.#isUp = true;
      this.#subscribed = new Set(this.#wanted);
      this.#listener.restored();
    });
  }
}
