import type { Frame } from "../frame.js";
import type { Connection } from "./connection.js";

/** One thing that was said in a room. */
export interface Said {
  /** What it is for a reader; nothing for those whom it does not concern. */
  readonly frameOf: (reader: Connection) => Frame | undefined;
  /** What keeping it costs, about. */
  readonly bytes: number;
  /** Whether a reader that has missed it can be told by a difference of the document; others it has to join again. */
  readonly isChange: boolean;
}

/** What an entry costs beside its bytes. */
const ENTRY_BYTES = 256;

/**
 * The last things that were said in a room, kept as long as somebody is behind: one list for all of them, so that a
 * reader who does not read costs a position in it, not a queue.
 */
export class Tail {
  readonly #bytesMax: number;
  #entries: Said[] = [];
  #first = 0;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The position of the oldest entry; those before it are gone. */
  get first(): number {
    return this.#first;
  }

  /** The position that the next entry will have. */
  get end(): number {
    return this.#first + this.#entries.length;
  }

  /** Bytes that it holds, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The entry at `position`, in [first, end). */
  at(position: number): Said {
    return this.#entries[position - this.#first]!;
  }

  /** Adds an entry, and takes the oldest ones out that there is no room for: `dropped` hears of each before it goes. */
  push(said: Said, dropped: (said: Said, position: number) => void): void {
    this.#entries.push(said);
    this.#bytes += said.bytes + ENTRY_BYTES;
    let gone = 0;
    for (; this.#bytes > this.#bytesMax && gone < this.#entries.length; gone++) {
      const oldest = this.#entries[gone]!;
      this.#bytes -= oldest.bytes + ENTRY_BYTES;
      dropped(oldest, this.#first + gone);
    }
    if (gone > 0) this.#entries = this.#entries.slice(gone);
    this.#first += gone;
  }

  /** Nobody is behind: nothing is kept. */
  clear(): void {
    this.#first = this.end;
    this.#entries = [];
    this.#bytes = 0;
  }
}
