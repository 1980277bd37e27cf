import {
  type Commit,
  type DocumentId,
  type DocumentKey,
  type Operation,
  splitDocumentKey,
} from "@motet/document";
import type { Participant } from "@motet/presence";
import {
  type ConnectionId,
  type ConnectionManager,
  encodeServerMessage,
  Frame,
  type Rights,
  type ServerMessage,
  type UserMessage,
} from "@motet/transport";
import type { Arrival } from "./arrival.js";
import type { BroadcastMessage } from "./cluster/bus-messages.js";
import type { Cluster } from "./cluster/cluster.js";
import type { Effect, Moment } from "./message-handler.js";
import type { PresenceDesk } from "./presence-desk.js";
import type { PresenceRelay } from "./presence-relay.js";
import type { ReplicaRelay } from "./replica-relay.js";
import type { ServerEvents } from "./server-events.js";
import {
  ackMessage,
  changesMessage,
  errorMessage,
  type SessionFacts,
  sessionMessage,
  stateMessage,
  userMessage,
} from "./server-messages.js";
import { type Member, type Session, tabOf, tenantUserOf } from "./session.js";
import type { StateFrames } from "./state-frames.js";
import type { Unread } from "./unread.js";

/** What {@link Rooms} work with. */
export interface RoomsOptions {
  readonly connections: ConnectionManager;
  readonly desk: PresenceDesk;
  readonly presenceRelay: PresenceRelay;
  readonly states: StateFrames;
  readonly replicas: ReplicaRelay;
  readonly events: ServerEvents;
  readonly cluster: Cluster | undefined;
  readonly unread: Unread;
  /** Bytes that wait for a reader, of what is no large answer. */
  readonly limits: { readonly outboxBytesMax: number };
}

/** Who reads which document, and how word gets to them. */
export class Rooms {
  readonly #connections: ConnectionManager;
  readonly #desk: PresenceDesk;
  readonly #presenceRelay: PresenceRelay;
  readonly #replicas: ReplicaRelay;
  readonly #states: StateFrames;
  readonly #events: ServerEvents;
  readonly #cluster: Cluster | undefined;
  readonly #unread: Unread;
  readonly #outboxBytesMax: number;

  constructor({ connections, desk, presenceRelay, states, replicas, events, ...rest }: RoomsOptions) {
    this.#connections = connections;
    this.#desk = desk;
    this.#presenceRelay = presenceRelay;
    this.#states = states;
    this.#replicas = replicas;
    this.#events = events;
    this.#cluster = rest.cluster;
    this.#unread = rest.unread;
    this.#outboxBytesMax = rest.limits.outboxBytesMax;
  }

  /** Sends the state and makes the session a reader, in one step: what is committed from here on is relayed to it. */
  enter(session: Session, member: Member, arrival: Arrival, { wallMs, monotonicMs }: Moment): void {
    const { id, socket, key, document } = session;
    const { user, name, client } = member;
    const rights = member.rights as Rights; // Who has none does not come in.
    const { kind, lastId } = arrival;
    const me = this.#desk.enter({ tab: tabOf(session, member), open: arrival.open }, name, monotonicMs);
    this.#connections.connect({ id, socket, document: key, user, kind, nowMs: monotonicMs });
    const users = this.#presenceRelay.users(key, kind);
    for (const frame of beginning(document, arrival, { users, me, rights, client, lastId, wallMs })) {
      this.#connections.send(id, frame);
      this.#watch(session, member, frame);
    }
    if (arrival.kind === "replica") this.#replicas.begin(key, arrival.version);
    const isFirst = me.connections === 1;
    if (isFirst) this.#announce(key, userMessage("user_joined", document, me), id);
    this.#events.emit({ type: "joined", document: key, user, name: me.name, kind, isFirst });
  }

  /** Takes a reader out, closes its socket, and tells the others when it was the user's last. */
  leave(session: Session, member: Member, code: number, reason: string): void {
    const { id, key, document, socket } = session;
    this.#unread.remove(socket);
    this.#connections.disconnect(id, code, reason);
    if (this.#connections.count(key, "replica") === 0) {
      this.#states.drop(key);
      this.#replicas.forget(key);
    }
    const gone = this.#desk.leave(tabOf(session, member));
    if (this.#connections.connections(key).length === 0) this.#presenceRelay.forget(key);
    const isLast = gone?.connections === 0;
    if (isLast) this.#announce(key, userMessage("user_left", document, gone), id);
    this.#events.emit({
      type: "left",
      document: key,
      user: member.user,
      name: gone?.name ?? member.name,
      code,
      isLast,
    });
  }

  /** Tells of what has become durable: an ack to the sender, the changes to everyone else, in the order of the commits. */
  relay(key: DocumentKey, commits: readonly Commit[]): void {
    this.#states.drop(key);
    this.#replicas.relay(key, commits);
    if (this.#connections.count(key, "json") > 0) {
      const { document } = splitDocumentKey(key);
      for (const commit of commits) this.#tellJson(key, document, commit);
    }
    this.#desk.arrived(key);
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

  /** Somebody has come to another node with their first connection, or has gone from it with their last. */
  announceElsewhere(type: UserMessage["type"], key: DocumentKey, who: Participant): void {
    this.#announce(key, userMessage(type, splitDocumentKey(key).document, who));
  }

  /** A client of another node says something to all who read the document. */
  broadcastElsewhere(key: DocumentKey, { user, name, payload }: BroadcastMessage): void {
    const { document: doc_id } = splitDocumentKey(key);
    this.#connections.broadcast(key, { type: "broadcast", user_id: user, doc_id, name, payload });
  }

  /** Notes that somebody has yet to read what they begin with, where that is large. */
  #watch({ socket }: Session, member: Member, frame: Frame): void {
    const { length: bytes } = frame.bytes;
    if (bytes <= this.#outboxBytesMax || socket.bufferedBytes === 0 || socket.whenDrained === undefined)
      return;
    const user = tenantUserOf(member);
    this.#unread.add(socket, { user, kept: frame, bytes, cut: () => socket.terminate() });
    socket.whenDrained(() => this.#unread.remove(socket));
  }

  #tellJson(key: DocumentKey, document: DocumentId, commit: Commit): void {
    const { origin, change } = commit;
    const ack = typeof origin === "string" ? frameOf(ackMessage(document, commit)) : undefined;
    const isNews = change.version !== change.before;
    const changes = isNews ? frameOf(changesMessage(document, commit)) : undefined;
    const bytes = (ack?.bytes.length ?? 0) + (changes?.bytes.length ?? 0);
    const tell = ({ id }: { readonly id: ConnectionId }) => (id === origin ? ack : changes);
    this.#connections.publish(key, { frameOf: tell, bytes, isChange: true }, "json");
  }

  /** Who comes and goes: nobody may miss it, and no difference of the document tells it. */
  #announce(key: DocumentKey, message: ServerMessage<Operation>, except?: ConnectionId): void {
    const frame = frameOf(message);
    const tell = ({ id }: { readonly id: ConnectionId }) => (id === except ? undefined : frame);
    this.#connections.publish(key, { frameOf: tell, bytes: frame.bytes.length, isChange: false });
  }

  #deliver({ id, key }: Session, { to, message }: Effect): void {
    if (to === "sender") this.#connections.send(id, message);
    else this.#connections.broadcast(key, message, { except: id });
    if (message.type === "broadcast") {
      const { user_id: user, name, payload } = message;
      this.#cluster?.broadcast(key, { user, name, payload });
    }
  }
}

/** What a reader is sent first. */
function beginning(document: DocumentId, arrival: Arrival, facts: SessionFacts): readonly Frame[] {
  if (arrival.kind === "json") {
    return [frameOf(stateMessage(document, arrival.snapshot, facts))];
  }
  return [frameOf(sessionMessage(document, facts)), arrival.state];
}

function frameOf(message: ServerMessage<Operation>): Frame {
  return Frame.text(encodeServerMessage(message));
}
