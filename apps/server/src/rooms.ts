import { type Commit, type DocumentKey, splitDocumentKey } from "@motet/document";
import type { PresenceTracker } from "@motet/presence";
import type { ConnectionId, ConnectionManager } from "@motet/transport";
import type { Arrival } from "./door.js";
import type { Effect, Moment } from "./message-handler.js";
import {
  ackMessage,
  changesMessage,
  errorMessage,
  presenceMessage,
  stateMessage,
  userMessage,
} from "./server-messages.js";
import type { Member, Session } from "./session.js";

/** Who reads which document, and how word gets to them. */
export class Rooms {
  readonly #connections: ConnectionManager;
  readonly #presence: PresenceTracker;

  constructor(connections: ConnectionManager, presence: PresenceTracker) {
    this.#connections = connections;
    this.#presence = presence;
  }

  /** Sends the state and makes the session a reader, in one step: what is committed from here on is relayed to it. */
  enter(session: Session, member: Member, { snapshot, lastId }: Arrival, moment: Moment): void {
    const { id, socket, key, document } = session;
    const { user, name, client } = member;
    const { wallMs, monotonicMs } = moment;
    const me = this.#presence.join(key, { id: user, name }, monotonicMs);
    this.#connections.connect({ id, socket, document: key, user, nowMs: monotonicMs });
    const users = this.#presence.participants(key);
    this.#connections.send(id, stateMessage(document, { snapshot, users, me, client, lastId, wallMs }));
    if (me.connections === 1) this.#connections.broadcast(key, userMessage("user_joined", document, me), id);
  }

  /** Takes a reader out, closes its socket, and tells the others when it was the user's last. */
  leave({ id, key, document }: Session, { user }: Member, code: number, reason: string): void {
    this.#connections.disconnect(id, code, reason);
    const gone = this.#presence.leave(key, user);
    if (gone?.connections === 0) this.#connections.broadcast(key, userMessage("user_left", document, gone));
  }

  /** Tells of what has become durable: an ack to the sender, the changes to everyone else, in the order of the commits. */
  relay(key: DocumentKey, commits: readonly Commit[]): void {
    const { document } = splitDocumentKey(key);
    for (const commit of commits) {
      const sender = typeof commit.origin === "string" ? commit.origin : undefined;
      if (sender !== undefined) this.#connections.send(sender, ackMessage(document, commit));
      if (commit.change.version === commit.change.before) continue;
      this.#connections.broadcast(key, changesMessage(document, commit), sender);
    }
  }

  /** Tells the senders that their messages were not saved, and returns the connections that have to join again. */
  refuse(key: DocumentKey, commits: readonly Commit[], error: unknown): readonly ConnectionId[] {
    const { document } = splitDocumentKey(key);
    for (const { origin, user, message } of commits) {
      if (typeof origin === "string")
        this.#connections.send(origin, errorMessage(document, user, error, message?.id));
    }
    return this.#connections.connections(key).map(({ id }) => id);
  }

  /** Sends what follows from a message of `session`. */
  perform(session: Session, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.when === "now") this.#deliver(session, effect);
      else session.open?.afterCommit(() => this.#deliver(session, effect));
    }
  }

  /** Tells of users who have newly become idle. */
  noticeIdle(nowMs: number): void {
    for (const { document: key, userId } of this.#presence.checkIdle(nowMs)) {
      const { document } = splitDocumentKey(key);
      const participant = this.#presence.participant(key, userId);
      if (participant) this.#connections.broadcast(key, presenceMessage(document, participant));
    }
  }

  #deliver({ id, key }: Session, { to, message }: Effect): void {
    if (to === "sender") this.#connections.send(id, message);
    else this.#connections.broadcast(key, message, id);
  }
}
