import type { Frame } from "../frame.js";
import type { Socket } from "../socket.js";

/** Names one connection as long as the server runs; the caller draws it. */
export type ConnectionId = string;

/** How a reader is told of changes: in JSON messages, or in binary frames as a replica. */
export type ReaderKind = "json" | "replica";

/** What makes a connection. */
export interface ConnectionOptions {
  readonly id: ConnectionId;
  readonly socket: Socket;
  /** Key of the document that it edits, tenant included. */
  readonly document: string;
  /** The authenticated user. */
  readonly user: string;
  /** @default "json" */
  readonly kind?: ReaderKind;
  readonly nowMs: number;
}

/** One client on one document: its socket, and when it was last heard. */
export class Connection {
  readonly id: ConnectionId;
  readonly document: string;
  readonly user: string;
  readonly kind: ReaderKind;
  readonly connectedAtMs: number;
  /** Where in its room's tail a reader who is behind goes on; -1 for one who is not. */
  position = -1;
  /** Where in the tail the changes begin that are not in the difference that the reader is told instead of what is gone. */
  changesFrom = 0;
  /** When the reader was first seen to be behind, in milliseconds of the caller's clock. */
  behindSinceMs: number | undefined;
  /** Whether something that no difference of the document tells went by while the reader was behind. */
  hasMissed = false;
  /** Whether the reader waits for such a difference. */
  isResyncing = false;
  readonly #socket: Socket;
  readonly #outboxBytesMax: number;
  #lastHeardMs: number;
  #awaitsDrain = false;

  constructor(options: ConnectionOptions, outboxBytesMax: number) {
    this.id = options.id;
    this.document = options.document;
    this.user = options.user;
    this.kind = options.kind ?? "json";
    this.connectedAtMs = options.nowMs;
    this.#socket = options.socket;
    this.#outboxBytesMax = outboxBytesMax;
    this.#lastHeardMs = options.nowMs;
  }

  /** When the peer last gave a sign of life, in milliseconds of the caller's clock. */
  get lastHeardMs(): number {
    return this.#lastHeardMs;
  }

  /** Whether `send` still has an effect. */
  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  /** Records a sign of life. A clock that went back does not make the peer younger. */
  heard(nowMs: number): void {
    if (nowMs > this.#lastHeardMs) this.#lastHeardMs = nowMs;
  }

  /** Whole heartbeats missed as of `nowMs`: how often `intervalMs` fits into the silence. */
  missedHeartbeats(nowMs: number, intervalMs: number): number {
    return Math.max(0, Math.floor((nowMs - this.#lastHeardMs) / intervalMs));
  }

  /** Whether so much is unread that nothing more is sent. */
  get isFull(): boolean {
    return this.#socket.bufferedBytes > this.#outboxBytesMax;
  }

  /** Whether the reader misses what is said now: it keeps a position in its room's tail instead. */
  get isBehind(): boolean {
    return this.position >= 0;
  }

  /** The reader does not take what it is sent: from `position` on it has been told nothing. */
  fallBehind(position: number): void {
    this.position = position;
  }

  /** The reader has been told everything. */
  recover(): void {
    this.position = -1;
    this.changesFrom = 0;
    this.behindSinceMs = undefined;
    this.hasMissed = false;
  }

  /** Calls `run` once when all that was sent has been taken; never, where the platform does not tell. */
  whenDrained(run: () => void): void {
    if (this.#awaitsDrain || this.#socket.whenDrained === undefined) return;
    this.#awaitsDrain = true;
    this.#socket.whenDrained(() => {
      this.#awaitsDrain = false;
      run();
    });
  }

  /** Queues `frame` and says whether the socket took it. A socket that throws is cut; the caller hears by its `closed`. */
  send(frame: Frame): boolean {
    try {
      if (!this.#socket.isOpen) return false;
      this.#socket.send(frame);
      return true;
    } catch {
      this.terminate();
      return false;
    }
  }

  /** Asks for a sign of life, unless so much is unread that the question would only queue behind it. */
  ping(): void {
    try {
      if (this.#socket.isOpen && this.#socket.bufferedBytes === 0) this.#socket.ping();
    } catch {
      this.terminate();
    }
  }

  /** Starts the closing handshake; cuts the line when even that fails. */
  close(code: number, reason: string): void {
    try {
      this.#socket.close(code, reason);
    } catch {
      this.terminate();
    }
  }

  /** Cuts the line at once. */
  terminate(): void {
    try {
      this.#socket.terminate();
    } catch {
      // A socket that cannot even be cut has nothing left to release.
    }
  }
}
