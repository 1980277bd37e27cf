import { closeCode } from "../close-code.js";
import { TransportError } from "../errors.js";
import { Frame } from "../frame.js";
import { type ConnectionLimits, defaultLimits } from "../limits.js";
import type { ServerMessage } from "../message.js";
import { encodeServerMessage } from "../message-codec.js";
import { Connection, type ConnectionId, type ConnectionOptions, type ReaderKind } from "./connection.js";
import { type Audience, type ReaderObserver, Room, type Seat } from "./room.js";
import type { Said } from "./tail.js";

/**
 * Who is connected to which document, who was heard when, and the way to all of them. Holds no timer: the caller
 * passes the time.
 *
 * Adding, removing and finding a connection cost O(1), a broadcast O(readers) and one encoding.
 */
export class ConnectionManager {
  readonly #limits: ConnectionLimits;
  readonly #observer: ReaderObserver;
  readonly #connections = new Map<ConnectionId, Seat>();
  readonly #rooms = new Map<string, Room>();

  /** @param observer Hears how readers keep up; without one, who has missed something for good stays behind. */
  constructor(limits: Partial<ConnectionLimits> = {}, observer: Partial<ReaderObserver> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
    this.#observer = { ...unobserved, ...observer };
  }

  /** How many connections there are. */
  get size(): number {
    return this.#connections.size;
  }

  /** Keys of the documents that have at least one connection. */
  get documents(): Iterable<string> {
    return this.#rooms.keys();
  }

  /**
   * Registers a connection; from now on broadcasts reach it.
   * @throws {TransportError} `DUPLICATE_CONNECTION` when `id` is taken.
   */
  connect(options: ConnectionOptions): Connection {
    if (this.#connections.has(options.id)) {
      throw new TransportError("DUPLICATE_CONNECTION", `connection ${options.id} exists already`);
    }
    const connection = new Connection(options, this.#limits.outboxBytesMax);
    this.#connections.set(connection.id, this.#roomOf(connection.document).enter(connection));
    return connection;
  }

  /**
   * Forgets a connection and closes its socket; `undefined` when it is unknown or gone already, so that a socket's
   * own `closed` may follow in any order.
   */
  disconnect(id: ConnectionId, code: number = closeCode.normal, reason = ""): Connection | undefined {
    const connection = this.#remove(id);
    connection?.close(code, reason);
    return connection;
  }

  /** The connection called `id`. */
  get(id: ConnectionId): Connection | undefined {
    return this.#connections.get(id)?.connection;
  }

  /** The connections of a document, in no order that means anything. A copy: it may be kept. */
  connections(document: string): Connection[] {
    return this.#rooms.get(document)?.connections ?? [];
  }

  /** Records that connection `id` was heard at `nowMs`; a late frame of one that is gone changes nothing. */
  heartbeat(id: ConnectionId, nowMs: number): void {
    this.#connections.get(id)?.connection.heard(nowMs);
  }

  /**
   * Sends `message` to the connections of `document`, and says how many took it. Closed and failing sockets are passed
   * over, and so is who is behind: for what may be missed, such as cursors.
   */
  broadcast(document: string, message: ServerMessage | Frame, to: Audience = {}): number {
    return this.#rooms.get(document)?.broadcast(frameOf(message), to) ?? 0;
  }

  /** How many connections of that kind a document has. */
  count(document: string, kind: ReaderKind): number {
    return this.#rooms.get(document)?.count(kind) ?? 0;
  }

  /**
   * Says something to the readers of one kind, or of both, that nobody may miss: who is behind hears it later. Each is
   * sent what `frameOf` says, the same frame for all who are told the same. Cost: O(readers).
   */
  publish(document: string, said: Said, kind?: ReaderKind): void {
    this.#rooms.get(document)?.say(said, kind);
  }

  /** Sends `message` to one connection, later if it is behind, and says whether its socket took it now. */
  send(id: ConnectionId, message: ServerMessage | Frame): boolean {
    const seat = this.#connections.get(id);
    return seat?.room.tell(seat.connection, frameOf(message)) ?? false;
  }

  /** Sends `message` to one connection if it takes it now: for what may be missed. */
  offer(id: ConnectionId, message: ServerMessage | Frame): void {
    const seat = this.#connections.get(id);
    seat?.room.offer(seat.connection, frameOf(message));
  }

  /** The difference for a reader of whom the observer heard that it was lost. */
  resynced(id: ConnectionId, frame: Frame): void {
    const seat = this.#connections.get(id);
    seat?.room.resynced(seat.connection, frame);
  }

  /** How many readers are behind, and the bytes that are kept for them. */
  get backlog(): { readonly readers: number; readonly bytes: number } {
    const rooms = [...this.#rooms.values()];
    const readers = rooms.reduce((sum, room) => sum + [...room.behind].length, 0);
    return { readers, bytes: rooms.reduce((sum, room) => sum + room.tailBytes, 0) };
  }

  /**
   * Lets those who are behind go on where sockets do not say by themselves that they may, and returns those who have
   * been behind for longer than `behindMsMax`: the caller closes them. Cost: O(documents).
   */
  tendReaders(nowMs: number): Connection[] {
    const slow: Connection[] = [];
    for (const room of this.#rooms.values()) {
      for (const reader of [...room.behind]) {
        reader.behindSinceMs ??= nowMs;
        if (nowMs - reader.behindSinceMs > this.#limits.behindMsMax) slow.push(reader);
        else if (!reader.isFull) room.catchUp(reader);
      }
    }
    return slow;
  }

  /** Pings every connection that has been silent for a heartbeat's interval. Call it a few times in each interval. */
  pingSilent(nowMs: number): void {
    for (const { connection } of this.#connections.values()) {
      if (this.#missed(connection, nowMs) >= 1) connection.ping();
    }
  }

  /**
   * Forgets and cuts every connection that has missed more than `missedHeartbeatsMax` heartbeats, and returns them.
   * They are cut, not closed: a close frame would wait for a peer that does not answer. Cost: O(connections).
   */
  cleanupDeadConnections(nowMs: number): Connection[] {
    const dead: Connection[] = [];
    for (const { connection } of this.#connections.values()) {
      if (this.#missed(connection, nowMs) > this.#limits.missedHeartbeatsMax) dead.push(connection);
    }
    for (const connection of dead) {
      this.#remove(connection.id);
      connection.terminate();
    }
    return dead;
  }

  #missed(connection: Connection, nowMs: number): number {
    return connection.missedHeartbeats(nowMs, this.#limits.heartbeatIntervalMs);
  }

  #roomOf(document: string): Room {
    const known = this.#rooms.get(document);
    if (known !== undefined) return known;
    const room = new Room(document, this.#limits.tailBytesMax, this.#observer);
    this.#rooms.set(document, room);
    return room;
  }

  #remove(id: ConnectionId): Connection | undefined {
    const seat = this.#connections.get(id);
    if (seat === undefined) return undefined;
    this.#connections.delete(id);
    seat.room.leave(seat);
    if (seat.room.isEmpty) this.#rooms.delete(seat.room.document);
    return seat.connection;
  }
}

function frameOf(message: ServerMessage | Frame): Frame {
  return message instanceof Frame ? message : Frame.text(encodeServerMessage(message));
}

const unobserved: ReaderObserver = { fellBehind: () => {}, caughtUp: () => {}, lost: () => {} };
