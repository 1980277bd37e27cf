import type { DocumentId, DocumentKey, OpenDocument, UserId } from "@motet/document";
import type { ConnectionId, Socket } from "@motet/transport";
import type { ServerLimits } from "./limits.js";

/** Who a connection is, from its `join` on. Nothing that a later message says changes it. */
export interface Member {
  readonly user: UserId;
  /** The instance of the client: stable over its reconnects. */
  readonly client: string;
  readonly name: string;
}

/** What makes a session. */
export interface SessionOptions {
  readonly id: ConnectionId;
  readonly socket: Socket;
  readonly document: DocumentId;
  readonly key: DocumentKey;
  /** When `join` must have come, in milliseconds of the monotonic clock. */
  readonly deadlineMs: number;
}

/**
 * Where a connection stands. It only ever moves to the right:
 *
 *     greeting --join--> opening --state sent--> reading --> closed
 *         |                 |                                  ^
 *         +-----------------+----------- line lost ------------+
 */
export type Phase = "greeting" | "opening" | "reading" | "closed";

/** One connection's life on the server, from the upgrade to the close. */
export class Session {
  readonly id: ConnectionId;
  readonly socket: Socket;
  readonly document: DocumentId;
  readonly key: DocumentKey;
  #deadlineMs: number;
  #phase: Phase = "greeting";
  #member: Member | undefined;
  #open: OpenDocument | undefined;
  #bytesBeforeJoin = 0;
  /** Messages that came after `join` and before the state was sent, in order. */
  #early: string[] = [];
  #earlyBytes = 0;

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.socket = options.socket;
    this.document = options.document;
    this.key = options.key;
    this.#deadlineMs = options.deadlineMs;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Who this is; `undefined` before `join`. */
  get member(): Member | undefined {
    return this.#member;
  }

  /** The document it reads; `undefined` before the state was sent. */
  get open(): OpenDocument | undefined {
    return this.#open;
  }

  /** Counts what arrives before `join`; false once it is more than a stranger may send. */
  spendBeforeJoin(bytes: number, { joinBytesMax }: ServerLimits): boolean {
    this.#bytesBeforeJoin += bytes;
    return this.#bytesBeforeJoin <= joinBytesMax;
  }

  /** Whether the next step is overdue as of `nowMs`: `join` at first, then the document. A reader is never late. */
  isLate(nowMs: number): boolean {
    return nowMs > this.#deadlineMs;
  }

  /** `join` was accepted; the document is being opened, which must be done by `deadlineMs`. */
  startOpening(member: Member, deadlineMs: number): void {
    this.#member = member;
    this.#deadlineMs = deadlineMs;
    this.#phase = "opening";
  }

  /** Keeps a message until the state was sent; false once more wait than may. */
  keepEarly(text: string, bytes: number, { earlyMessagesMax, earlyBytesMax }: ServerLimits): boolean {
    this.#early.push(text);
    this.#earlyBytes += bytes;
    return this.#early.length <= earlyMessagesMax && this.#earlyBytes <= earlyBytesMax;
  }

  /** The state was sent: from here on this is a reader of `open`. Hands out what came early, in order. */
  startReading(open: OpenDocument): readonly string[] {
    this.#open = open;
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.#phase = "reading";
    const early = this.#early;
    this.#early = [];
    return early;
  }

  /** Ends the session and lets go of its document. A second call does nothing. */
  end(): void {
    this.#phase = "closed";
    this.#early = [];
    this.#open?.release();
    this.#open = undefined;
  }
}
