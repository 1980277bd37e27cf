import { randomUUID } from "node:crypto";
import { replicaId } from "@motet/crdt-core";
import {
  DocumentError,
  type DocumentId,
  type DocumentManager,
  documentKey,
  type OpenDocument,
  type Operation,
} from "@motet/document";
import {
  type CloseCode,
  closeCode,
  decodeReplicaClientFrame,
  type JoinMessage,
  type MessageCodec,
} from "@motet/transport";
import type { Arrival } from "./arrival.js";
import type { Clock } from "./clock.js";
import { ServerError } from "./errors.js";
import { askedEvenly } from "./even-refusal.js";
import { Instances, replicaTaken } from "./instances.js";
import type { ServerLimits } from "./limits.js";
import { Occupancy } from "./occupancy.js";
import { type Known, type Reception, rightsIn } from "./reception.js";
import { isRefusal } from "./server-messages.js";
import { type Member, type Session, tenantUserOf } from "./session.js";
import type { StateFrames } from "./state-frames.js";
import { Turns } from "./turns.js";
import type { Unread } from "./unread.js";

/** UTF-16 units of a text that takes milliseconds to say. */
const LONG_UNITS = 100_000;

/** Whom the door works for. */
export interface House {
  /** Makes a reader of a session whose state may be sent now. */
  enter(session: Session, arrival: Arrival): void;
  /** Answers a session with an error; the connection lives. */
  refuse(session: Session, error: unknown, repliesTo?: string): void;
  /** Ends a session. */
  dismiss(session: Session, code: number, reason: string): void;
}

/** What a door is made of. */
export interface DoorOptions {
  readonly codec: MessageCodec<Operation>;
  readonly documents: DocumentManager;
  readonly reception: Reception;
  readonly limits: ServerLimits;
  readonly clock: Clock;
  readonly states: StateFrames;
  readonly unread: Unread;
  readonly house: House;
}

/**
 * From a connection's first byte to the moment when it reads its document. Whoever knocks has `joinTimeoutMs` and
 * `joinBytesMax` for a `join` that holds; wrong attempts are answered, and count against both.
 */
export class Door {
  readonly #options: DoorOptions;
  readonly #outside = new Set<Session>();
  readonly #instances = new Instances();
  readonly #occupancy: Occupancy;
  readonly #turns = new Turns();

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#occupancy = new Occupancy(options.limits);
  }

  /** A connection that has yet to join. */
  expect(session: Session): void {
    this.#outside.add(session);
  }

  /** A message of a session that has not joined; `bytes` is its size. */
  knock(session: Session, data: string | Uint8Array, bytes: number): void {
    const { codec, limits, house } = this.#options;
    if (!session.spendBeforeJoin(bytes, limits)) {
      house.refuse(
        session,
        new ServerError("NOT_JOINED", `join must come within ${limits.joinBytesMax} bytes`),
      );
      house.dismiss(session, closeCode.protocol, "no join");
      return;
    }
    try {
      if (typeof data !== "string") throw new ServerError("NOT_JOINED", "the first message must be join");
      this.#join(session, codec.parseFirstMessage(data));
    } catch (error) {
      house.refuse(session, error);
    }
  }

  /** A message that came while the document was being opened: it waits for the state to be sent. */
  keep(session: Session, data: string | Uint8Array, bytes: number): void {
    const { limits, house } = this.#options;
    if (typeof data !== "string" && this.#hearVector(session, data)) return;
    if (session.keepEarly(data, bytes, limits)) return;
    house.dismiss(session, closeCode.protocol, "too many messages before the state");
  }

  /** Ends the sessions whose `join` or whose document has not come in time. */
  dismissLate(nowMs: number): void {
    const late = [...this.#outside].filter((session) => session.isLate(nowMs));
    for (const session of late) {
      const reason = session.phase === "greeting" ? "no join in time" : "the document took too long to open";
      this.#options.house.dismiss(session, closeCode.timeout, reason);
    }
  }

  /** The session has ended. */
  forget(session: Session): void {
    this.#outside.delete(session);
    this.#instances.delete(session);
    if (session.member !== undefined) this.#occupancy.leave(tenantUserOf(session.member), session.member.key);
  }

  #join(session: Session, join: JoinMessage): void {
    if (join.doc_id !== session.document) {
      throw new ServerError("WRONG_DOCUMENT", "join names another document than the address");
    }
    const { clock, limits } = this.#options;
    session.startOpening(clock.monotonicMs() + limits.heartbeatTimeoutMs, join.replica !== undefined);
    session.socket.pause?.();
    void this.#admit(session, join);
  }

  /** Who it is first; then, and only then, the document. */
  async #admit(session: Session, join: JoinMessage): Promise<void> {
    const { reception, clock, unread } = this.#options;
    try {
      const { document } = session;
      const credentials = { user: join.user_id || undefined, token: join.token, document };
      const known = await reception.identify(credentials);
      if (session.phase !== "opening") return;
      const member = memberOf(join, known, document);
      unread.mustHaveRoom(tenantUserOf(member));
      this.#takePlace(session, member);
      const open = await askedEvenly(clock, () => this.#hold(session, member));
      if (open === undefined) return;
      mayWrite(open, member);
      if (open.document.length > LONG_UNITS) await this.#turns.next();
      this.#arrive(session);
    } catch (error) {
      this.#turnAway(session, error);
    } finally {
      session.socket.resume?.();
    }
  }

  /** Opens the document for the session; `undefined` when that has ended meanwhile. @throws {ServerError} as {@link rightsIn}. */
  async #hold(session: Session, member: Member): Promise<OpenDocument | undefined> {
    const open = await this.#options.documents.open(member.key);
    if (session.phase !== "opening") {
      open.release();
      return undefined;
    }
    session.hold(open);
    session.identify({ ...member, rights: rightsIn(open, member.identity) });
    return open;
  }

  /** Two connections of one instance would each take the other's messages for their own: the old one goes, at once. */
  #takePlace(session: Session, member: Member): void {
    const old = this.#instances.replacedBy(member.key, member);
    if (old !== undefined) this.#options.house.dismiss(old, closeCode.replaced, "connected again");
    this.#occupancy.enter(tenantUserOf(member), member.key);
    session.identify(member);
    this.#instances.add(session);
  }

  /** The first binary frame of a replica, if it says what the replica has. */
  #hearVector(session: Session, data: Uint8Array): boolean {
    if (!session.awaitsVector) return false;
    const frame = decodeReplicaClientFrame(data, this.#options.limits);
    if (frame.kind !== "vector")
      throw new ServerError("NOT_JOINED", "the vector comes first", { inReplyTo: "update" });
    session.want(frame.vector);
    this.#arrive(session);
    return true;
  }

  /**
   * What the reader begins with is decided now: commits before this are in it, commits after this are relayed. It may
   * hold what is not durable yet, so it waits at the gate; commits and what waits there keep their order.
   */
  #arrive(session: Session): void {
    if (holdsWhatWasDeleted(session)) {
      this.#turnAway(session, new DocumentError("DELETED", "what this replica holds was deleted"));
      return;
    }
    const arrival = this.#arrivalOf(session);
    arrival?.open.afterCommit(
      () => this.#enter(session, arrival),
      (error) => this.#turnAway(session, error),
    );
  }

  /** What the session begins with; `undefined` while the document, or what the replica has, is not known. */
  #arrivalOf({ phase, open, member, wanted }: Session): Arrival | undefined {
    if (phase !== "opening" || open === undefined || member === undefined) return undefined;
    const lastId = open.lastMessageId(member.user, member.client);
    if (member.replica === undefined)
      return { kind: "json", open, lastId, snapshot: open.document.snapshot() };
    if (wanted === undefined) return undefined;
    const { version, frame } = this.#options.states.for(open, wanted);
    return { kind: "replica", open, lastId, version, state: frame };
  }

  /** They may not come in, or the document cannot be had now. The close code says whether to try again. */
  #turnAway(session: Session, error: unknown): void {
    if (session.phase !== "opening") return;
    const { house } = this.#options;
    house.refuse(session, error, "join");
    const code = (isRefusal(error) ? TURNED_AWAY.get(error.code) : undefined) ?? closeCode.internal;
    house.dismiss(session, code, "not let in");
  }

  #enter(session: Session, arrival: Arrival): void {
    if (session.phase !== "opening") return;
    this.#outside.delete(session);
    this.#options.house.enter(session, arrival);
  }
}

/** Who a connection is from here on: what its credentials say, and of what it says itself only what is its own to say. */
function memberOf({ client_id, name, replica }: JoinMessage, identity: Known, document: DocumentId): Member {
  const { user, tenant, expiresMs } = identity;
  return {
    user,
    key: documentKey(tenant, document),
    identity,
    client: client_id ?? randomUUID(),
    name: identity.name ?? name ?? user,
    rights: "none", // What they may do says the document, once it is open.
    ...(expiresMs !== undefined && { expiresMs }),
    ...(replica && { replica }),
  };
}

/** How a connection that is not let in is closed, by the code of the refusal; 1011 for all others. */
const TURNED_AWAY: ReadonlyMap<string, CloseCode> = new Map([
  ["UNAUTHENTICATED", closeCode.unauthenticated],
  ["WRONG_USER", closeCode.unauthenticated],
  ["FORBIDDEN", closeCode.forbidden],
  ["NO_DOCUMENT", closeCode.forbidden],
  ["REPLICA_TAKEN", closeCode.taken],
  ["DELETED", closeCode.deleted],
  ["TOO_MANY_CONNECTIONS", closeCode.flooding],
  ["TOO_MANY_DOCUMENTS", closeCode.flooding],
  ["TOO_BUSY", closeCode.flooding],
]);

function holdsWhatWasDeleted({ open, wanted }: Session): boolean {
  return wanted !== undefined && open?.recalls(wanted) === true;
}

/** A replica that is somebody else's learns it before it has sent anything. */
function mayWrite(open: OpenDocument, member: Member | undefined): void {
  if (member?.replica === undefined) return;
  const owner = open.userOf(replicaId(member.replica.id));
  if (owner !== undefined && owner !== member.user) throw replicaTaken();
}
