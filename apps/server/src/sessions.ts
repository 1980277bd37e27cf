import { type DocumentId, type Operation, operationKind } from "@motet/document";
import {
  type ConnectionId,
  type ConnectionManager,
  closeCode,
  encodeServerMessage,
  Frame,
  type MessageCodec,
  type Socket,
  type SocketListener,
} from "@motet/transport";
import type { Arrival } from "./arrival.js";
import type { Clock } from "./clock.js";
import type { DamageReport } from "./damage-report.js";
import type { Door, House } from "./door.js";
import type { ServerLimits } from "./limits.js";
import type { MessageHandler, Moment } from "./message-handler.js";
import type { Platform } from "./platform.js";
import type { Renewals } from "./renewals.js";
import type { ReplicaHandler } from "./replica-handler.js";
import type { Rooms } from "./rooms.js";
import type { ServerEvents } from "./server-events.js";
import { errorMessage, isRefusal } from "./server-messages.js";
import { Session } from "./session.js";
import { Slices } from "./slices.js";
import type { SlowReaders } from "./slow-readers.js";
import { Throttle } from "./throttle.js";
import { unreachable } from "./unreachable.js";

/** What {@link Sessions} work with. */
export interface SessionsOptions {
  readonly limits: ServerLimits;
  readonly clock: Clock;
  readonly codec: MessageCodec<Operation>;
  readonly connections: ConnectionManager;
  readonly door: Door;
  readonly throttle: Throttle<Session>;
  readonly slowReaders: SlowReaders;
  readonly rooms: Rooms;
  readonly renewals: Renewals;
  readonly handler: MessageHandler;
  readonly replicas: ReplicaHandler;
  readonly damage: DamageReport;
  readonly platform: Pick<Platform, "endOfTurn">;
  readonly events: ServerEvents;
  readonly onDefect: (error: unknown) => void;
}

/** Every connection there is: takes what comes in over it to whoever deals with it, by how far the connection has come. */
export class Sessions implements House {
  readonly #options: SessionsOptions;
  readonly #sessions = new Map<ConnectionId, Session>();
  readonly #slices: Slices<Session>;
  #ever = 0;
  #areDeaf = false;

  constructor(options: SessionsOptions) {
    this.#options = options;
    const { clock, platform, throttle } = options;
    this.#slices = new Slices({
      process: (session, data) => this.#process(session, data),
      nowMs: () => clock.monotonicMs(),
      endOfTurn: platform.endOfTurn,
      mayRead: (session) => !this.#areDeaf && !throttle.paused.has(session),
    });
  }

  get size(): number {
    return this.#sessions.size;
  }

  get(id: ConnectionId): Session | undefined {
    return this.#sessions.get(id);
  }

  /** All there are. */
  all(): Iterable<Session> {
    return this.#sessions.values();
  }

  /** Serves `document` to a socket; the answer is the listener that the socket is to have. */
  serve(socket: Socket, document: DocumentId): SocketListener {
    const id = this.connect(socket, document);
    return {
      text: (text) => this.receive(id, text),
      binary: (bytes) => this.receive(id, bytes),
      heard: () => this.hear(id),
      closed: (code, reason) => this.#closed(id, code, reason),
      failed: () => {}, // The socket closes by itself and says so; a peer that breaks the framing is no defect.
    };
  }

  /** Takes a connection to `document`. */
  connect(socket: Socket, document: DocumentId): ConnectionId {
    const { clock, limits, door } = this.#options;
    const nowMs = clock.monotonicMs();
    const session = new Session({
      id: `c${++this.#ever}`,
      socket,
      document,
      deadlineMs: nowMs + limits.joinTimeoutMs,
      ...Throttle.bucketsFor(limits, nowMs),
    });
    this.#sessions.set(session.id, session);
    door.expect(session);
    return session.id;
  }

  /** Takes a whole message. Never throws: what is wrong with it is answered. */
  receive(id: ConnectionId, data: string | Uint8Array): void {
    const session = this.#sessions.get(id);
    if (session === undefined || this.#areDeaf) return;
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#spend(session, Buffer.byteLength(data), nowMs)) this.#slices.take(session, data, nowMs);
  }

  /** A ping or a pong came in: the peer lives. */
  hear(id: ConnectionId): void {
    const session = this.#sessions.get(id);
    if (session !== undefined) this.#spend(session, 0, this.#options.clock.monotonicMs());
  }

  /** The connection is gone, or is to go. A second call does nothing. */
  disconnect(id: ConnectionId, code: number = closeCode.normal, reason = ""): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const { door, throttle, slowReaders, rooms, renewals } = this.#options;
    this.#sessions.delete(id);
    door.forget(session);
    this.#slices.forget(session);
    throttle.forget(session);
    renewals.forget(session);
    const { phase, member } = session;
    if (member !== undefined) slowReaders.forget({ id, document: member.key });
    session.end();
    if (phase === "reading" && member !== undefined) rooms.leave(session, member, code, reason);
    else session.socket.close(code, reason);
  }

  /** Takes no more messages, and reads none, so that they wait with their senders; connections stay. */
  stopReceiving(): void {
    this.#areDeaf = true;
    for (const { socket } of this.#sessions.values()) socket.pause?.();
  }

  /** Looks for the late, the silent and those whose token runs out, and lets those be read again who may. */
  tend(nowMs: number): void {
    const { door, throttle, connections, renewals } = this.#options;
    door.dismissLate(nowMs);
    renewals.tend(nowMs);
    throttle.tend(nowMs);
    // Whom we do not read is not silent.
    for (const { id } of throttle.paused) connections.heartbeat(id, nowMs);
    connections.pingSilent(nowMs);
    for (const { id } of connections.cleanupDeadConnections(nowMs)) {
      this.disconnect(id, closeCode.timeout, "silent for too long");
    }
    for (const { id } of connections.tendReaders(nowMs)) {
      this.disconnect(id, closeCode.timeout, "too slow to read");
    }
  }

  enter(session: Session, arrival: Arrival): void {
    const { member } = session;
    if (member === undefined) return;
    const early = session.startReading();
    this.#options.renewals.watch(session);
    this.#options.rooms.enter(session, member, arrival, this.#moment());
    for (const data of early) this.#slices.take(session, data, this.#options.clock.monotonicMs());
  }

  refuse(session: Session, error: unknown, repliesTo?: string): void {
    const { damage, connections, onDefect } = this.#options;
    if (!isRefusal(error)) onDefect(error);
    else this.#refused(error.code);
    const { member } = session;
    if (member !== undefined) damage.note(member.key, error);
    const answer = errorMessage(session.document, member?.user ?? "", error, repliesTo);
    if (session.phase === "reading") connections.send(session.id, answer);
    else session.socket.send(Frame.text(encodeServerMessage(answer)));
  }

  dismiss({ id }: Session, code: number, reason: string): void {
    this.disconnect(id, code, reason);
  }

  /** Anything that comes in is a sign of life, and has its price. */
  #spend(session: Session, bytes: number, nowMs: number): boolean {
    const { connections, throttle } = this.#options;
    connections.heartbeat(session.id, nowMs);
    return throttle.spend(session, bytes, nowMs);
  }

  /** The peer has gone; what it said before counts. */
  #closed(id: ConnectionId, code: number, reason: string): void {
    const session = this.#sessions.get(id);
    if (session !== undefined) this.#slices.finish(session);
    this.disconnect(id, code, reason);
  }

  #process(session: Session, data: string | Uint8Array): void {
    if (this.#areDeaf) return;
    try {
      this.#route(session, data);
    } catch (error) {
      this.refuse(session, error);
    }
  }

  #route(session: Session, data: string | Uint8Array): void {
    const { door } = this.#options;
    switch (session.phase) {
      case "greeting":
        door.knock(session, data, Buffer.byteLength(data));
        break;
      case "opening":
        door.keep(session, data, Buffer.byteLength(data));
        break;
      case "reading":
        this.#handle(session, data);
        break;
      case "closed":
        break;
      default:
        unreachable(session.phase);
    }
  }

  #handle(session: Session, data: string | Uint8Array): void {
    const { sender, refused } = session;
    if (sender === undefined) return;
    const { codec, replicas, handler, renewals, rooms, throttle } = this.#options;
    const moment = this.#moment();
    const message = typeof data === "string" ? codec.parseClientMessage(data) : data;
    const isUpdate = message instanceof Uint8Array;
    if (!isUpdate && message.type === "refresh") {
      renewals.renew(session, message);
      return;
    }
    if (!renewals.isCurrent(session, moment.monotonicMs)) {
      renewals.end(session);
      return;
    }
    const effects = isUpdate
      ? replicas.handle(sender, message, refused, moment)
      : handler.handle(sender, message, moment);
    rooms.perform(session, effects);
    for (const { message: answer } of effects) if (answer.type === "error") this.#refused(answer.code);
    if (isUpdate || operationKind(message.type) !== undefined) throttle.wrote(session, data.length);
    else if (message.type === "broadcast")
      throttle.told(session, this.#readersOf(session), moment.monotonicMs);
  }

  #readersOf({ key }: Session): number {
    const { connections } = this.#options;
    return connections.count(key, "json") + connections.count(key, "replica");
  }

  #refused(code: string): void {
    this.#options.events.emit({ type: "refused", code, over: "socket" });
  }

  #moment(): Moment {
    const { clock } = this.#options;
    return { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };
  }
}
