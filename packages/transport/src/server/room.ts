import type { Frame } from "../frame.js";
import type { Connection, ReaderKind } from "./connection.js";

/** A connection's place in its room. */
export interface Seat {
  readonly connection: Connection;
  readonly room: Room;
  at: number;
}

/** The connections of one document: a plain array, as a broadcast is one loop over it. */
export class Room {
  readonly document: string;
  readonly #seats: Seat[] = [];
  readonly #counts: Record<ReaderKind, number> = { json: 0, replica: 0 };

  constructor(document: string) {
    this.document = document;
  }

  get isEmpty(): boolean {
    return this.#seats.length === 0;
  }

  /** A copy. */
  get connections(): Connection[] {
    return this.#seats.map((seat) => seat.connection);
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
    const last = this.#seats.pop();
    if (last === undefined || last === seat) return;
    this.#seats[seat.at] = last;
    last.at = seat.at;
  }

  /** Sends `frame` to all but `except`, and says how many took it. */
  broadcast(frame: Frame, except: string | undefined): number {
    let taken = 0;
    for (const { connection } of this.#seats) {
      if (connection.id !== except && connection.send(frame)) taken++;
    }
    return taken;
  }

  /** Sends each reader of one kind what `frameOf` says. */
  publish(kind: ReaderKind, frameOf: (reader: Connection) => Frame | undefined): void {
    for (const { connection } of this.#seats) {
      const frame = connection.kind === kind ? frameOf(connection) : undefined;
      if (frame !== undefined) connection.send(frame);
    }
  }
}
