import type { VersionVector } from "@motet/crdt-core";
import {
  type DocumentId,
  type DocumentKey,
  type OpenDocument,
  splitDocumentKey,
  type UserId,
} from "@motet/document";
import type { Tab } from "@motet/presence";
import type { ConnectionId, ReplicaInstance, Socket } from "@motet/transport";
import type { Identity } from "./authenticator.js";
import type { ServerLimits } from "./limits.js";
import type { Sender } from "./message-handler.js";
import { tenantUser } from "./reception.js";
import { RefusedReplicas } from "./refused-replicas.js";
import type { Granted } from "./rights.js";
import type { TokenBucket } from "./token-bucket.js";

/** Who a connection is, from its `join` on. Nothing that a later message says changes it. */
export interface Member {
  readonly user: UserId;
  /** The document, among those of all tenants. */
  readonly key: DocumentKey;
  /** What whoever knows the users says of them. */
  readonly identity: Identity;
  /** The instance of the client: stable over its reconnects. */
  readonly client: string;
  readonly name: string;
  /** What they may do with the document; nothing until it is open. */
  readonly rights: Granted;
  /** When their token runs out, in milliseconds since 1970. */
  readonly expiresMs?: number;
  /** Of a client that is a replica itself, and is told the document in binary frames. */
  readonly replica?: ReplicaInstance;
}

/** How presence knows a member's connection. */
export function tabOf({ id }: Pick<Session, "id">, { key, user }: Member): Tab {
  return { document: key, user, connection: id };
}

/** A member's user, among those of all tenants. */
export function tenantUserOf({ user, key }: Pick<Member, "user" | "key">): string {
  return tenantUser(splitDocumentKey(key).tenant, user);
}

/** What makes a session. */
export interface SessionOptions {
  readonly id: ConnectionId;
  readonly socket: Socket;
  readonly document: DocumentId;
  /** When `join` must have come, in milliseconds of the monotonic clock. */
  readonly deadlineMs: number;
  /** What it may still send. */
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
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
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
  /** Replicas that may bring nothing more over this connection. */
  readonly refused = new RefusedReplicas();
  #deadlineMs: number;
  #phase: Phase = "greeting";
  #member: Member | undefined;
  #open: OpenDocument | undefined;
  #sender: Sender | undefined;
  #bytesBeforeJoin = 0;
  #awaitsVector = false;
  #wanted: VersionVector | undefined;
  /** Messages that came after `join` and before the state was sent, in order. */
  #early: (string | Uint8Array)[] = [];
  #earlyBytes = 0;

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.socket = options.socket;
    this.document = options.document;
    this.messages = options.messages;
    this.bytes = options.bytes;
    this.#deadlineMs = options.deadlineMs;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Who this is; `undefined` until it is known. */
  get member(): Member | undefined {
    return this.#member;
  }

  /** The document among those of all tenants. @throws {TypeError} before it is known who this is. */
  get key(): DocumentKey {
    if (this.#member === undefined) throw new TypeError("nobody knows whose document this is");
    return this.#member.key;
  }

  /** The document it holds, open from some time before the state is sent. */
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

  /** `join` has come; who it is and what the document says must be known by `deadlineMs`. */
  startOpening(deadlineMs: number, isReplica: boolean): void {
    this.#deadlineMs = deadlineMs;
    this.#awaitsVector = isReplica;
    this.#phase = "opening";
  }

  /** It is known who this is. */
  identify(member: Member): void {
    this.#member = member;
    this.#sender = undefined;
  }

  /** The document is open; the session lets go of it when it ends. */
  hold(open: OpenDocument): void {
    this.#open = open;
    this.#sender = undefined;
  }

  /** Who sends, and to what; `undefined` until both are known. The same object for every message, as there are many. */
  get sender(): Sender | undefined {
    if (this.#sender === undefined && this.#member !== undefined && this.#open !== undefined) {
      const { id: connection, document: documentId } = this;
      const [member, open] = [this.#member, this.#open];
      this.#sender = { connection, member, tab: tabOf(this, member), documentId, open };
    }
    return this.#sender;
  }

  /** What a replica has seen, once it has said so. */
  get wanted(): VersionVector | undefined {
    return this.#wanted;
  }

  /** Whether this is a replica that has not yet said what it has seen. */
  get awaitsVector(): boolean {
    return this.#awaitsVector;
  }

  /** A replica has said what it has seen: what it lacks is to be sent. */
  want(version: VersionVector): void {
    this.#awaitsVector = false;
    this.#wanted = version;
  }

  /** Keeps a message until the state was sent; false once more wait than may. */
  keepEarly(data: string | Uint8Array, bytes: number, limits: ServerLimits): boolean {
    // What a socket hands out is a view of its read buffer.
    this.#early.push(typeof data === "string" ? data : new Uint8Array(data));
    this.#earlyBytes += bytes;
    return this.#early.length <= limits.earlyMessagesMax && this.#earlyBytes <= limits.earlyBytesMax;
  }

  /** The state was sent: from here on this is a reader. Hands out what came early, in order. */
  startReading(): readonly (string | Uint8Array)[] {
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
    this.#sender = undefined;
  }
}
