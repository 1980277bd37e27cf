import { VersionVector } from "@motet/crdt-core";
import type { LocalKey, LocalStore } from "./local-store.js";
import { type Piece, pieceOf } from "./outbox.js";

// entry := 1:u8 update          Operations that the server or another replica has.
//        | 2:u8 update          Operations made here, to be delivered as they are.
//        | 3:u8 vector          What the server has acknowledged of them.
const THEIRS = 1;
const OURS = 2;
const ACKNOWLEDGED = 3;

/** What a document keeps of itself between two page loads. */
export interface Whole {
  /** Everything known of the document. */
  readonly state: Uint8Array;
  /** What is still to be delivered. */
  readonly pieces: readonly Piece[];
}

/** What was found. */
export interface Kept {
  /** Everything, in the order in which it was written. */
  readonly updates: readonly Uint8Array[];
  readonly pieces: readonly Piece[];
  /** Entries that could not be read; they stay where they are until the next time everything is written anew. */
  readonly damaged: number;
}

/** What a journal is made of. */
export interface JournalOptions {
  readonly store: LocalStore;
  /** The document's bag in the store. */
  readonly bag: string;
  /** The document as it is now. */
  readonly whole: () => Whole;
  /** Entries before everything is written anew, if they are worth it. */
  readonly entriesMax: number;
  /** The store did not take something; it is tried again later. */
  readonly failed: (error: unknown) => void;
}

/**
 * A document's notes to its own future: everything that is made or received is put down, a write at a time, gathering
 * while one is under way. A store that fails costs the notes, never the document.
 */
export class Journal {
  readonly #options: JournalOptions;
  #keys: LocalKey[] = [];
  /** Bytes written since everything was written anew, and how many that was. */
  #bytesSince = 0;
  #bytesAnew = 0;
  #queue: Uint8Array[] = [];
  #writing: Promise<void> | undefined;
  #isIncomplete = false;
  #failures = 0;
  #missed = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** What earlier page loads have left. @throws what the store throws. */
  async load(): Promise<Kept> {
    const entries = await this.#options.store.load(this.#options.bag);
    this.#keys = entries.map(({ key }) => key);
    return read(entries.map(({ bytes }) => bytes));
  }

  /** Operations that somebody else has as well. */
  noteTheirs(update: Uint8Array): void {
    this.#note(entry(THEIRS, update));
  }

  /** Operations made here. */
  noteOurs({ update }: Piece): void {
    this.#note(entry(OURS, update));
  }

  /** The server has acknowledged what is in `vector`. */
  noteAcknowledged(vector: VersionVector): void {
    this.#note(entry(ACKNOWLEDGED, vector.encode()));
  }

  /** Writes everything anew, in one step; resolves when that is done or has failed. */
  rewrite(): Promise<void> {
    this.#isIncomplete = true;
    this.#pump();
    return this.idle();
  }

  /** Resolves when nothing waits to be written. */
  async idle(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  #note(bytes: Uint8Array): void {
    if (this.#failures > 0 && !this.#isTimeToTry()) return;
    if (!this.#isIncomplete) this.#queue.push(bytes);
    this.#pump();
  }

  /** A store that refuses is asked at the 1st, 2nd, 4th, 8th note after it: writing everything anew is not free. */
  #isTimeToTry(): boolean {
    this.#missed++;
    return (this.#missed & (this.#missed - 1)) === 0;
  }

  #pump(): void {
    if (this.#writing !== undefined || (this.#queue.length === 0 && !this.#isIncomplete)) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined;
      if (this.#failures === 0) this.#pump();
    });
  }

  /** Writing everything costs as much as there is: it waits until as much was added, so that each byte is paid for once. */
  #isCluttered(): boolean {
    const { entriesMax } = this.#options;
    if (this.#keys.length < entriesMax) return false;
    return this.#bytesSince >= this.#bytesAnew || this.#keys.length >= entriesMax * CLUTTER_MAX;
  }

  async #write(): Promise<void> {
    const isAnew = this.#isIncomplete || this.#isCluttered();
    const add = isAnew ? allOf(this.#options.whole()) : this.#queue;
    const bytes = add.reduce((sum, { length }) => sum + length, 0);
    const remove = isAnew ? this.#keys : [];
    this.#queue = [];
    this.#isIncomplete = false;
    try {
      const keys = await this.#options.store.write(this.#options.bag, add, remove);
      this.#keys = isAnew ? [...keys] : [...this.#keys, ...keys];
      this.#bytesSince = isAnew ? 0 : this.#bytesSince + bytes;
      if (isAnew) this.#bytesAnew = bytes;
      this.#failures = 0;
      this.#missed = 0;
    } catch (error) {
      this.#isIncomplete = true; // Something is missing in the store, so the next write brings everything.
      this.#queue = [];
      this.#failures++;
      this.#options.failed(error);
    }
  }
}

/** However large a document is, no more entries than so many times `entriesMax` pile up. */
const CLUTTER_MAX = 16;

function entry(kind: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 1);
  bytes[0] = kind;
  bytes.set(body, 1);
  return bytes;
}

function allOf({ state, pieces }: Whole): readonly Uint8Array[] {
  return [entry(THEIRS, state), ...pieces.map(({ update }) => entry(OURS, update))];
}

function read(entries: readonly Uint8Array[]): Kept {
  const [updates, pieces, acknowledged]: [Uint8Array[], Piece[], VersionVector] = [
    [],
    [],
    new VersionVector(),
  ];
  let damaged = 0;
  for (const bytes of entries) {
    try {
      const body = bytes.slice(1);
      if (bytes[0] === ACKNOWLEDGED) acknowledged.merge(VersionVector.decode(body));
      else {
        const piece = pieceOf(body);
        updates.push(body);
        if (bytes[0] === OURS) pieces.push(piece);
      }
    } catch {
      damaged++;
    }
  }
  const isPending = ({ ranges }: Piece) => ranges.some(({ replica, to }) => to > acknowledged.get(replica));
  return { updates, pieces: pieces.filter(isPending), damaged };
}
