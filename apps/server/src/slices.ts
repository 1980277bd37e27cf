import type { Socket } from "@motet/transport";

/** How long one connection's messages may hold up everybody else's in a turn of the event loop, in milliseconds. */
const SLICE_MS = 10;

/** A connection whose messages come in turns. */
export interface Sliced {
  readonly socket: Pick<Socket, "pause" | "resume">;
}

/** What {@link Slices} work with. */
export interface SlicesOptions<S extends Sliced> {
  readonly process: (sender: S, data: string | Uint8Array) => void;
  readonly nowMs: () => number;
  /** Runs its argument at the end of this turn of the event loop. */
  readonly endOfTurn: (work: () => void) => void;
  /** Whether the connection may be read again, as far as others are concerned. */
  readonly mayRead: (sender: S) => boolean;
}

/**
 * Keeps a connection that says a thousand things at once, or what takes long, from being the only one that is heard: what does not fit into its slice of a
 * turn waits for the next one, and its line is not read meanwhile. What waits came in by one read, and so has a bound.
 */
export class Slices<S extends Sliced> {
  readonly #options: SlicesOptions<S>;
  /** Who has been heard in this turn, and since when, in milliseconds. */
  readonly #begunMs = new Map<S, number>();
  readonly #waiting = new Map<S, (string | Uint8Array)[]>();

  constructor(options: SlicesOptions<S>) {
    this.#options = options;
  }

  /** A message has come in, at `nowMs`: it is processed now, or in a turn to come. */
  take(sender: S, data: string | Uint8Array, nowMs: number): void {
    const waiting = this.#waiting.get(sender);
    if (waiting === undefined && this.#hasTime(sender, nowMs)) {
      this.#options.process(sender, data);
      return;
    }
    // What a socket hands out is a view of its read buffer.
    const kept = typeof data === "string" ? data : new Uint8Array(data);
    if (waiting === undefined) this.#waiting.set(sender, [kept]);
    else waiting.push(kept);
    sender.socket.pause?.();
  }

  /** The connection is gone: what came in before that still counts. */
  finish(sender: S): void {
    const waiting = this.#waiting.get(sender) ?? [];
    this.forget(sender);
    for (const data of waiting) this.#options.process(sender, data);
  }

  /** Nothing more of the connection is processed. */
  forget(sender: S): void {
    this.#waiting.delete(sender);
    this.#begunMs.delete(sender);
  }

  #hasTime(sender: S, nowMs: number): boolean {
    const begunMs = this.#begunMs.get(sender);
    if (begunMs !== undefined) return nowMs - begunMs < SLICE_MS;
    if (this.#begunMs.size === 0) this.#options.endOfTurn(() => this.#nextTurn());
    this.#begunMs.set(sender, nowMs);
    return true;
  }

  #nextTurn(): void {
    this.#begunMs.clear();
    for (const [sender, waiting] of [...this.#waiting]) this.#goOn(sender, waiting);
  }

  #goOn(sender: S, waiting: (string | Uint8Array)[]): void {
    const { process, nowMs, mayRead } = this.#options;
    let at = 0;
    while (at < waiting.length && this.#waiting.has(sender) && this.#hasTime(sender, nowMs())) {
      process(sender, waiting[at++]!);
    }
    waiting.splice(0, at);
    if (waiting.length > 0 || !this.#waiting.delete(sender)) return;
    if (mayRead(sender)) sender.socket.resume?.();
  }
}
