import { documentKey } from "@motet/document";
import { type ConnectionManager, closeCode, type RefreshMessage } from "@motet/transport";
import type { Identity } from "./authenticator.js";
import type { Clock } from "./clock.js";
import type { House } from "./door.js";
import { ServerError } from "./errors.js";
import { type Reception, rightsIn } from "./reception.js";
import { isRefusal, refreshRequest, rightsMessage } from "./server-messages.js";
import type { Session } from "./session.js";

/** How long before a token runs out another is asked for, in milliseconds. */
const AHEAD_MS = 60_000;

/** How long it takes until it is asked for again, in milliseconds. */
const AGAIN_MS = 15_000;

/** How long after its end a token still serves, in milliseconds: clocks differ. */
const GRACE_MS = 30_000;

/** What {@link Renewals} work with. */
export interface RenewalsOptions {
  readonly reception: Reception;
  readonly clock: Clock;
  readonly connections: ConnectionManager;
  readonly house: House;
}

/** A token's end, and when to ask for the next one; both by the monotonic clock. */
interface Term {
  readonly endsMs: number;
  askMs: number;
}

/** Connections outlive tokens: asks for another while there is time, and ends those that bring none. */
export class Renewals {
  readonly #options: RenewalsOptions;
  readonly #terms = new Map<Session, Term>();
  readonly #underWay = new Set<Session>();

  constructor(options: RenewalsOptions) {
    this.#options = options;
  }

  /** The session reads from here on, until its token runs out. */
  watch(session: Session): void {
    const expiresMs = session.member?.expiresMs;
    if (expiresMs === undefined) {
      this.#terms.delete(session);
      return;
    }
    const { clock } = this.#options;
    const endsMs = clock.monotonicMs() + expiresMs - clock.wallMs();
    this.#terms.set(session, { endsMs, askMs: endsMs - AHEAD_MS });
  }

  /** The session has ended. */
  forget(session: Session): void {
    this.#terms.delete(session);
    this.#underWay.delete(session);
  }

  /** Asks those whose token is about to run out, and ends those whose token has. Cost: O(sessions with such tokens). */
  tend(nowMs: number): void {
    for (const [session, term] of this.#terms) {
      if (!this.isCurrent(session, nowMs)) this.end(session);
      else if (nowMs >= term.askMs) this.#ask(session, term, nowMs);
    }
  }

  /** Whether the session's token holds, or has only just ceased to. */
  isCurrent(session: Session, nowMs: number): boolean {
    const term = this.#terms.get(session);
    return term === undefined || nowMs <= term.endsMs + GRACE_MS;
  }

  /** Ends a session whose token has run out. */
  end(session: Session): void {
    const error = new ServerError("UNAUTHENTICATED", "the token has run out");
    this.#options.house.refuse(session, error, "refresh");
    this.#options.house.dismiss(session, closeCode.unauthenticated, "the token has run out");
  }

  /** Another token: one that holds takes the place of the old one, one that does not changes nothing. */
  renew(session: Session, message: RefreshMessage): void {
    void this.#renew(session, message).catch((error) => {
      if (session.phase !== "reading") return;
      this.#options.house.refuse(session, error, "refresh");
      if (isRefusal(error) && error.code === "FORBIDDEN") {
        this.#options.house.dismiss(session, closeCode.forbidden, "not allowed any more");
      }
    });
  }

  async #renew(session: Session, { user_id, doc_id, token }: RefreshMessage): Promise<void> {
    const { member, document } = session;
    if (member === undefined) return;
    if (user_id !== member.user)
      throw new ServerError("WRONG_USER", "this connection belongs to another user");
    if (doc_id !== document)
      throw new ServerError("WRONG_DOCUMENT", "this connection edits another document");
    if (this.#underWay.has(session)) throw new ServerError("TOO_BUSY", "another token is being looked at");
    this.#underWay.add(session);
    try {
      const known = await this.#options.reception.identify({ user: user_id, token, document });
      if (documentKey(known.tenant, document) !== member.key)
        throw new ServerError("WRONG_USER", "the token is another tenant's");
      if (session.phase === "reading") this.#renewed(session, known);
    } finally {
      this.#underWay.delete(session);
    }
  }

  #renewed(session: Session, identity: Identity): void {
    const { member, open } = session;
    if (member === undefined || open === undefined) return;
    const { expiresMs: _old, ...rest } = member;
    const { expiresMs } = identity;
    const rights = rightsIn(open, identity);
    session.identify({ ...rest, identity, rights, ...(expiresMs !== undefined && { expiresMs }) });
    this.watch(session);
    this.#options.connections.send(session.id, rightsMessage(session.document, member.user, rights));
  }

  #ask(session: Session, term: Term, nowMs: number): void {
    const { member, document } = session;
    if (member === undefined) return;
    term.askMs = nowMs + AGAIN_MS;
    this.#options.connections.send(
      session.id,
      refreshRequest(document, member.user, Math.max(0, term.endsMs - nowMs)),
    );
  }
}
