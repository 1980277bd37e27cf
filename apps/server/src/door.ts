import { randomUUID } from "node:crypto";
import {
  type DocumentManager,
  type DocumentSnapshot,
  type OpenDocument,
  type Operation,
  userId,
} from "@motet/document";
import { closeCode, type JoinMessage, type MessageCodec } from "@motet/transport";
import type { Clock } from "./clock.js";
import { ServerError } from "./errors.js";
import type { ServerLimits } from "./limits.js";
import type { Member, Session } from "./session.js";

/** What a new reader begins with. Everything in it is durable by the time it is handed over. */
export interface Arrival {
  readonly open: OpenDocument;
  readonly snapshot: DocumentSnapshot;
  /** The highest message id accepted from this client so far; 0 if none. */
  readonly lastId: number;
}

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
  readonly limits: ServerLimits;
  readonly clock: Clock;
  readonly house: House;
}

/**
 * From a connection's first byte to the moment when it reads its document. Whoever knocks has `joinTimeoutMs` and
 * `joinBytesMax` for a `join` that holds; wrong attempts are answered, and count against both.
 */
export class Door {
  readonly #options: DoorOptions;
  readonly #outside = new Set<Session>();
  /** The session of each instance of a client that has joined: by document, user and client. */
  readonly #instances = new Map<string, Session>();

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  /** A connection that has yet to join. */
  expect(session: Session): void {
    this.#outside.add(session);
  }

  /** A message of a session that has not joined; `bytes` is its size. */
  knock(session: Session, text: string, bytes: number): void {
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
      this.#join(session, codec.parseFirstMessage(text));
    } catch (error) {
      house.refuse(session, error);
    }
  }

  /** A message that came while the document was being opened: it waits for the state to be sent. */
  keep(session: Session, text: string, bytes: number): void {
    const { limits, house } = this.#options;
    if (session.keepEarly(text, bytes, limits)) return;
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
    const name = instanceName(session);
    if (this.#instances.get(name) === session) this.#instances.delete(name);
  }

  #join(session: Session, join: JoinMessage): void {
    if (join.doc_id !== session.document) {
      throw new ServerError("WRONG_DOCUMENT", "join names another document than the address");
    }
    const { clock, limits } = this.#options;
    session.startOpening(memberOf(join), clock.monotonicMs() + limits.heartbeatTimeoutMs);
    this.#replace(session);
    void this.#open(session);
  }

  /** Two connections of one instance would each take the other's messages for their own: the old one goes, at once. */
  #replace(session: Session): void {
    const name = instanceName(session);
    const old = this.#instances.get(name);
    if (old !== undefined) this.#options.house.dismiss(old, closeCode.replaced, "connected again");
    this.#instances.set(name, session);
  }

  async #open(session: Session): Promise<void> {
    const { documents } = this.#options;
    try {
      this.#arrive(session, await documents.open(session.key));
    } catch (error) {
      this.#turnAway(session, error);
    }
  }

  /**
   * What the reader begins with is decided now: commits before this are in it, commits after this are relayed. It may
   * hold what is not durable yet, so it waits at the gate; commits and what waits there keep their order.
   */
  #arrive(session: Session, open: OpenDocument): void {
    const { member } = session;
    if (session.phase !== "opening" || member === undefined) {
      open.release();
      return;
    }
    const snapshot = open.document.snapshot();
    const lastId = open.lastMessageId(member.user, member.client);
    open.afterCommit(
      () => {
        if (session.phase === "opening") this.#enter(session, { open, snapshot, lastId });
        else open.release();
      },
      (error) => {
        open.release();
        this.#turnAway(session, error);
      },
    );
  }

  /** The document cannot be had now. 1011 lets the client try again. */
  #turnAway(session: Session, error: unknown): void {
    const { house } = this.#options;
    house.refuse(session, error, "join");
    house.dismiss(session, closeCode.internal, "the document could not be opened");
  }

  #enter(session: Session, arrival: Arrival): void {
    this.#outside.delete(session);
    this.#options.house.enter(session, arrival);
  }
}

/** Without authentication, a user is who they say; from here on they cannot say otherwise. */
function memberOf({ user_id, client_id, name }: JoinMessage): Member {
  return { user: userId(user_id), client: client_id ?? randomUUID(), name: name ?? user_id };
}

/** No part of it can hold a slash, but the key, whose only one is in a fixed place. */
function instanceName({ key, member }: Session): string {
  return `${key}/${member?.user}/${member?.client}`;
}
