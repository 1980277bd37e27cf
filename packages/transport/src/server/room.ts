import type { Frame } from "../frame.js";
import type { Connection, ReaderKind } from "./connection.js";
import { type Said, Tail } from "./tail.js";

/** A connection's place in its room. */
export interface Seat {
  readonly connection: Connection;
  readonly room: Room;
  at: number;
}

/** Which connections of a document are meant; without either all of them. */
export interface Audience {
  readonly except?: string;
  readonly kind?: ReaderKind;
}

/** Hears how readers keep up. It says nothing to them before it returns, but to whom it is told of. */
export interface ReaderObserver {
  /** The reader is behind: it has been told everything before what is being said now, and nothing from there on. */
  fellBehind(reader: Connection): void;
  /** The reader has been told everything that the stream said; of presence it may have missed something. */
  caughtUp(reader: Connection): void;
  /**
   * The reader reads again, but what it has missed is gone. `canResync` says whether the difference of the document
   * since it fell behind is all: then that is to be handed to `resynced`. Else it has to join again.
   */
  lost(reader: Connection, canResync: boolean): void;
}

/**
 * The connections of one document: a plain array, as a broadcast is one loop over it. A reader that does not take what
 * it is sent is behind: it keeps a position in the room's tail, and goes on from there when it reads again.
 */
export class Room {
  readonly document: string;
  readonly #observer: ReaderObserver;
  readonly #seats: Seat[] = [];
  readonly #counts: Record<ReaderKind, number> = { json: 0, replica: 0 };
  readonly #behind = new Set<Connection>();
  readonly #tail: Tail;

  constructor(document: string, tailBytesMax: number, observer: ReaderObserver) {
    this.document = document;
    this.#tail = new Tail(tailBytesMax);
    this.#observer = observer;
  }

  get isEmpty(): boolean {
    return this.#seats.length === 0;
  }

  /** A copy. */
  get connections(): Connection[] {
    return this.#seats.map((seat) => seat.connection);
  }

  /** Readers who are behind. */
  get behind(): Iterable<Connection> {
    return this.#behind;
  }

  /** Bytes kept for those who are behind, all of them together. */
  get tailBytes(): number {
    return this.#tail.bytes;
  }

  count(kind: ReaderKind): number {
    return this.#counts[kind];
  }

  enter(connection: Connection): Seat {
    const seat = { connection, room: this, at: this.#seats.length };
    this.#seats.push(seat);
    this.#counts[connection.kind]++;
    return seat;
  }

  /** The last one takes the free place: O(1), and the room stays dense for the broadcast's loop. */
  leave(seat: Seat): void {
    this.#counts[seat.connection.kind]--;
    this.#behind.delete(seat.connection);
    if (this.#behind.size === 0) this.#tail.clear();
    const last = this.#seats.pop();
    if (last === undefined || last === seat) return;
    this.#seats[seat.at] = last;
    last.at = seat.at;
  }

  /** Sends `frame`, and says how many took it. Who is behind misses it. */
  broadcast(frame: Frame, { except, kind }: Audience): number {
    let taken = 0;
    for (const { connection } of this.#seats) {
      const isMeant = connection.id !== except && (kind === undefined || connection.kind === kind);
      if (isMeant && this.#put(connection, frame)) taken++;
    }
    return taken;
  }

  /** Says something to readers of one kind, or of both: part of the stream, so that nobody misses it unnoticed. */
  say(said: Said, kind?: ReaderKind): void {
    for (const { connection } of this.#seats) {
      const frame = kind === undefined || connection.kind === kind ? said.frameOf(connection) : undefined;
      if (frame !== undefined) this.#put(connection, frame);
    }
    if (this.#behind.size > 0) this.#keep(kind === undefined ? said : onlyFor(kind, said));
  }

  /** Says something to one reader. */
  tell(reader: Connection, frame: Frame): boolean {
    const isTaken = this.#put(reader, frame);
    if (reader.isBehind) {
      const frameOf = (one: Connection) => (one === reader ? frame : undefined);
      this.#keep({ frameOf, bytes: frame.bytes.length, isChange: false });
    }
    return isTaken;
  }

  /** Lets a reader who is behind have what it has missed, as much as it takes now. */
  catchUp(reader: Connection): void {
    if (!reader.isBehind || reader.isResyncing || !reader.isOpen) return;
    if (this.#lacks(reader)) this.#lose(reader);
    else if (this.#replay(reader)) this.#recover(reader);
    else reader.whenDrained(() => this.catchUp(reader));
  }

  /** A reader whose missed entries were gone is told the difference instead, and goes on from there. */
  resynced(reader: Connection, frame: Frame): void {
    if (!reader.isResyncing) return;
    reader.isResyncing = false;
    reader.send(frame);
    this.catchUp(reader);
  }

  /** Sends what may be left out to one reader, if it takes it now. */
  offer(reader: Connection, frame: Frame): void {
    if (!reader.isBehind && !reader.isFull) reader.send(frame);
  }

  /** Whether something is gone from the tail that the reader is to be told, and that is in no difference. */
  #lacks({ position, changesFrom, hasMissed }: Connection): boolean {
    const { first } = this.#tail;
    return position < first && (hasMissed || first > changesFrom);
  }

  #lose(reader: Connection): void {
    reader.isResyncing = true;
    // Who came and went is in no difference: of that it is told what the tail still has. Changes it needs only from here on.
    reader.position = this.#tail.first;
    reader.changesFrom = this.#tail.end;
    this.#observer.lost(reader, reader.kind === "replica" && !reader.hasMissed);
  }

  /** Sends what was missed, until the reader has all of it or takes no more. */
  #replay(reader: Connection): boolean {
    reader.position = Math.max(reader.position, this.#tail.first);
    while (reader.position < this.#tail.end && !reader.isFull) {
      const at = reader.position++;
      const said = this.#tail.at(at);
      const frame = said.isChange && at < reader.changesFrom ? undefined : said.frameOf(reader);
      if (frame !== undefined) reader.send(frame);
    }
    return reader.position === this.#tail.end;
  }

  #recover(reader: Connection): void {
    this.#behind.delete(reader);
    if (this.#behind.size === 0) this.#tail.clear();
    reader.recover();
    this.#observer.caughtUp(reader);
  }

  #put(connection: Connection, frame: Frame): boolean {
    if (connection.isBehind) return false;
    if (!connection.isFull) return connection.send(frame);
    if (connection.isOpen) this.#fallBehind(connection);
    return false;
  }

  #fallBehind(connection: Connection): void {
    connection.fallBehind(this.#tail.end);
    this.#behind.add(connection);
    this.#observer.fellBehind(connection);
    connection.whenDrained(() => this.catchUp(connection));
  }

  #keep(said: Said): void {
    if (this.#behind.size > 0) this.#tail.push(said, (gone, at) => this.#dropped(gone, at));
  }

  #dropped(said: Said, position: number): void {
    if (said.isChange) return;
    for (const reader of this.#behind) {
      if (reader.position <= position && said.frameOf(reader) !== undefined) reader.hasMissed = true;
    }
  }
}

function onlyFor(kind: ReaderKind, said: Said): Said {
  return { ...said, frameOf: (reader) => (reader.kind === kind ? said.frameOf(reader) : undefined) };
}
