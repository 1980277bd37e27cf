import { randomBytes } from "node:crypto";
import type { RequestListener, Server } from "node:http";
import { replicaId } from "@motet/crdt-core";
import {
  DEFAULT_LIMITS,
  type DocumentId,
  DocumentManager,
  type DocumentStore,
  documentKey,
  MemoryDocumentStore,
  type Operation,
  operationKind,
  type TenantId,
  tenantId,
} from "@motet/document";
import { PresenceTracker } from "@motet/presence";
import {
  type ConnectionId,
  ConnectionManager,
  closeCode,
  encodeServerMessage,
  Frame,
  MessageCodec,
  type Socket,
  type SocketListener,
} from "@motet/transport";
import { refuseUpgrade, WebSocketAcceptor } from "@motet/transport/node";
import type { Arrival } from "./arrival.js";
import { type Authenticator, everybody } from "./authenticator.js";
import { type Clock, systemClock } from "./clock.js";
import type { CollaborativeServerOptions, ServerStatus } from "./collaborative-server-options.js";
import { DamageReport } from "./damage-report.js";
import { Door } from "./door.js";
import { ServerError } from "./errors.js";
import { DocumentAccess } from "./http/document-access.js";
import { httpApp } from "./http/http-app.js";
import { createHttpServer, listen, type OnUpgrade } from "./http/http-server.js";
import { defaultServerLimits, type ServerLimits } from "./limits.js";
import { MessageHandler, type Moment } from "./message-handler.js";
import { operationSchemas } from "./operation-schemas.js";
import { isAllowedOrigin } from "./origins.js";
import { ReplicaHandler } from "./replica-handler.js";
import { ReplicaRelay } from "./replica-relay.js";
import { Rooms } from "./rooms.js";
import { errorMessage, isRefusal } from "./server-messages.js";
import { Session } from "./session.js";
import { SlowReaders } from "./slow-readers.js";
import { StateFrames } from "./state-frames.js";
import { Throttle } from "./throttle.js";
import { unreachable } from "./unreachable.js";

/** How often the server looks for the late, the silent and the idle, in milliseconds. */
const TICK_MS = 1_000;

/**
 * Documents, presence and sockets, wired together. `listen` opens a port and starts the ticker; without it, the
 * `handle` methods and `tick` serve connections that come from elsewhere.
 */
export class CollaborativeServer {
  readonly #options: CollaborativeServerOptions;
  readonly #limits: ServerLimits;
  readonly #clock: Clock;
  readonly #tenant: TenantId;
  readonly #authenticator: Authenticator;
  readonly #onDefect: (error: unknown) => void;
  readonly #damage: DamageReport;
  readonly #documents: DocumentManager;
  readonly #connections: ConnectionManager;
  readonly #codec = new MessageCodec<Operation>({ operations: operationSchemas() });
  readonly #rooms: Rooms;
  readonly #slowReaders: SlowReaders;
  readonly #handler: MessageHandler;
  readonly #replicas: ReplicaHandler;
  readonly #states = new StateFrames();
  readonly #door: Door;
  readonly #throttle: Throttle<Session>;
  readonly #sessions = new Map<ConnectionId, Session>();
  readonly #acceptor = new WebSocketAcceptor();
  readonly #http: Server;
  readonly #startedMs: number;
  #connectionsEver = 0;
  #operations = 0;
  #ticker: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: CollaborativeServerOptions = {}) {
    this.#options = options;
    this.#limits = { ...defaultServerLimits, ...options.limits };
    this.#clock = options.clock ?? systemClock;
    this.#authenticator = options.authenticator ?? everybody;
    this.#tenant = options.tenant ?? tenantId("main");
    this.#onDefect = options.onDefect ?? (() => {});
    this.#damage = new DamageReport(options.onDamaged ?? (() => {}));
    this.#startedMs = this.#clock.monotonicMs();
    this.#documents = this.#makeDocuments(options.store ?? new MemoryDocumentStore());
    const presence = new PresenceTracker({ idleMs: this.#limits.idleMs });
    this.#connections = this.#makeConnections();
    const replicas = new ReplicaRelay(this.#connections);
    this.#slowReaders = this.#makeSlowReaders(presence, replicas);
    const [connections, states] = [this.#connections, this.#states];
    this.#rooms = new Rooms({ connections, presence, states, replicas });
    this.#handler = new MessageHandler({ presence, onDefect: this.#onDefect });
    const { textUnitsMax } = { ...DEFAULT_LIMITS, ...options.documentLimits };
    this.#replicas = new ReplicaHandler(presence, { ...this.#limits, textUnitsMax });
    this.#throttle = new Throttle({
      limits: this.#limits,
      queuedBytes: () => this.#documents.queuedBytes,
      dismiss: ({ id }, code, reason) => this.handleDisconnect(id, code, reason),
    });
    this.#door = this.#makeDoor();
    this.#http = createHttpServer(this.#makeApp(), this.#onUpgrade);
  }

  /**
   * Opens the port and starts the ticker.
   * @returns The address, such as `http://127.0.0.1:8080`.
   * @throws {ServerError} `CLOSED` after `close`. Node's error when the port cannot be had.
   */
  async listen(): Promise<string> {
    if (this.#closing !== undefined) throw new ServerError("CLOSED", "a closed server does not listen again");
    const { host = "127.0.0.1", port = 8_080 } = this.#options;
    const address = await listen(this.#http, host, port);
    this.#ticker = setInterval(() => this.tick(), TICK_MS).unref();
    return address;
  }

  /**
   * Stops in this order: no new connections and messages, everything accepted made durable and acknowledged, every
   * client told to come back (1012). A second call waits for the first.
   */
  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  /** Serves `document` to a socket of `@motet/transport`; the answer is the listener that the socket is to have. */
  serve(socket: Socket, document: DocumentId): SocketListener {
    const id = this.handleConnect(socket, document);
    return {
      text: (text) => this.handleMessage(id, text),
      binary: (bytes) => this.handleMessage(id, bytes),
      heard: () => this.handleHeard(id),
      closed: (code, reason) => this.handleDisconnect(id, code, reason),
      failed: () => {}, // The socket closes by itself and says so; a peer that breaks the framing is no defect.
    };
  }

  /** Takes a connection to `document` and says how to call it in the other methods. */
  handleConnect(socket: Socket, document: DocumentId): ConnectionId {
    const nowMs = this.#clock.monotonicMs();
    const session = new Session({
      id: `c${++this.#connectionsEver}`,
      socket,
      document,
      key: documentKey(this.#tenant, document),
      deadlineMs: nowMs + this.#limits.joinTimeoutMs,
      ...Throttle.bucketsFor(this.#limits, nowMs),
    });
    this.#sessions.set(session.id, session);
    this.#door.expect(session);
    return session.id;
  }

  /** Takes a whole message of a connection. Never throws: what is wrong with it is answered. */
  handleMessage(id: ConnectionId, data: string | Uint8Array): void {
    const session = this.#sessions.get(id);
    if (session === undefined || this.#closing !== undefined) return;
    if (this.#hear(session, Buffer.byteLength(data))) this.#process(session, data);
  }

  /** A ping or a pong came in: the peer lives. */
  handleHeard(id: ConnectionId): void {
    const session = this.#sessions.get(id);
    if (session !== undefined) this.#hear(session, 0);
  }

  /** The connection is gone, or is to go. A second call does nothing. */
  handleDisconnect(id: ConnectionId, code: number = closeCode.normal, reason = ""): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    this.#door.forget(session);
    this.#throttle.forget(session);
    const { phase, member } = session;
    this.#slowReaders.forget({ id, document: session.key });
    session.end();
    if (phase === "reading" && member !== undefined) this.#rooms.leave(session, member, code, reason);
    else session.socket.close(code, reason);
  }

  /** One round of looking for the late, the silent and the idle. `listen` calls it once a second. */
  tick(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#door.dismissLate(nowMs);
    this.#throttle.tend(nowMs);
    // Whom we do not read is not silent.
    for (const { id } of this.#throttle.paused) this.#connections.heartbeat(id, nowMs);
    this.#connections.pingSilent(nowMs);
    for (const { id } of this.#connections.cleanupDeadConnections(nowMs)) {
      this.handleDisconnect(id, closeCode.timeout, "silent for too long");
    }
    for (const { id } of this.#connections.tendReaders(nowMs)) {
      this.handleDisconnect(id, closeCode.timeout, "too slow to read");
    }
    this.#rooms.noticeIdle(nowMs);
  }

  /** Who is connected and what has been done, as of now. */
  getStatus(): ServerStatus {
    return {
      connectedClients: this.#connections.size,
      activeDocuments: [...this.#connections.documents].length,
      totalOperations: this.#operations,
      uptimeMs: Math.round(this.#clock.monotonicMs() - this.#startedMs),
      queuedBytes: this.#documents.queuedBytes,
      slowReaders: this.#connections.backlog,
    };
  }

  #makeDocuments(store: DocumentStore): DocumentManager {
    return new DocumentManager({
      store,
      newReplicaId: () => replicaId(randomBytes(12).toString("base64url")),
      ...(this.#options.documentLimits && { limits: this.#options.documentLimits }),
      published: (key, commits) => {
        this.#operations += commits.length;
        this.#rooms.relay(key, commits);
        // Until the end of this turn, what was stored still counts as on its way.
        if (this.#throttle.paused.size > 0)
          setImmediate(() => this.#throttle.tend(this.#clock.monotonicMs()));
      },
      refused: (key, commits, error) => {
        for (const id of this.#rooms.refuse(key, commits, error)) {
          this.handleDisconnect(id, closeCode.internal, "the document is read anew");
        }
      },
    });
  }

  #makeConnections(): ConnectionManager {
    const { heartbeatTimeoutMs, outboxBytesMax, tailBytesMax, behindMsMax } = this.#limits;
    const silence = { heartbeatIntervalMs: heartbeatTimeoutMs / 2, missedHeartbeatsMax: 1 };
    return new ConnectionManager(
      { ...silence, outboxBytesMax, tailBytesMax, behindMsMax },
      {
        fellBehind: (reader) => this.#slowReaders.fellBehind(reader),
        caughtUp: (reader) => this.#slowReaders.caughtUp(reader),
        lost: (reader, canResync) => this.#slowReaders.lost(reader, canResync),
      },
    );
  }

  #makeSlowReaders(presence: PresenceTracker, replicas: ReplicaRelay): SlowReaders {
    return new SlowReaders({
      connections: this.#connections,
      presence,
      replicas,
      sessionOf: (id) => this.#sessions.get(id),
      dismiss: (id, code, reason) => this.handleDisconnect(id, code, reason),
    });
  }

  #makeApp(): RequestListener {
    const { queuedBytesMax, bodyBytesMax, requestsMax } = this.#limits;
    const [documents, tenant, damage] = [this.#documents, this.#tenant, this.#damage];
    return httpApp({
      authenticator: this.#authenticator,
      tenant,
      access: new DocumentAccess({ documents, tenant, damage, queuedBytesMax }),
      clock: this.#clock,
      bodyBytesMax,
      requestsMax,
      status: () => this.getStatus(),
      onDefect: this.#onDefect,
    });
  }

  #makeDoor(): Door {
    return new Door({
      codec: this.#codec,
      documents: this.#documents,
      authenticator: this.#authenticator,
      limits: this.#limits,
      clock: this.#clock,
      states: this.#states,
      house: {
        enter: (session, arrival) => this.#enter(session, arrival),
        refuse: (session, error, repliesTo) => this.#refuse(session, error, repliesTo),
        dismiss: ({ id }, code, reason) => this.handleDisconnect(id, code, reason),
      },
    });
  }

  readonly #onUpgrade: OnUpgrade = (document, request, stream, head) => {
    const isFull = this.#sessions.size >= this.#limits.connectionsMax;
    if (isFull || this.#closing !== undefined) refuseUpgrade(stream, 503, "Service Unavailable");
    else if (!isAllowedOrigin(request.headers.origin, this.#options.origins)) {
      refuseUpgrade(stream, 403, "Forbidden");
    } else this.#acceptor.accept(request, stream, head, (socket) => this.serve(socket, document));
  };

  /** Anything that comes in is a sign of life, and has its price. */
  #hear(session: Session, bytes: number): boolean {
    const nowMs = this.#clock.monotonicMs();
    this.#connections.heartbeat(session.id, nowMs);
    return this.#throttle.spend(session, bytes, nowMs);
  }

  #process(session: Session, data: string | Uint8Array): void {
    try {
      this.#receive(session, data);
    } catch (error) {
      this.#refuse(session, error);
    }
  }

  #receive(session: Session, data: string | Uint8Array): void {
    switch (session.phase) {
      case "greeting":
        this.#door.knock(session, data, Buffer.byteLength(data));
        break;
      case "opening":
        this.#door.keep(session, data, Buffer.byteLength(data));
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
    const { id, member, open, key, document, refused } = session;
    if (member === undefined || open === undefined) return;
    const sender = { connection: id, member, key, documentId: document, open };
    const message = typeof data === "string" ? this.#codec.parseClientMessage(data) : data;
    const isUpdate = message instanceof Uint8Array;
    const effects = isUpdate
      ? this.#replicas.handle(sender, message, refused, this.#moment())
      : this.#handler.handle(sender, message, this.#moment());
    this.#rooms.perform(session, effects);
    if (isUpdate || operationKind(message.type) !== undefined) this.#throttle.wrote(session, data.length);
  }

  #enter(session: Session, arrival: Arrival): void {
    const { member } = session;
    if (member === undefined) return;
    const early = session.startReading();
    this.#rooms.enter(session, member, arrival, this.#moment());
    for (const data of early) this.#process(session, data);
  }

  #refuse(session: Session, error: unknown, repliesTo?: string): void {
    if (!isRefusal(error)) this.#onDefect(error);
    this.#damage.note(session.key, error);
    const answer = errorMessage(session.document, session.member?.user ?? "", error, repliesTo);
    if (session.phase === "reading") this.#connections.send(session.id, answer);
    else session.socket.send(Frame.text(encodeServerMessage(answer)));
  }

  #moment(): Moment {
    return { wallMs: this.#clock.wallMs(), monotonicMs: this.#clock.monotonicMs() };
  }

  async #drain(): Promise<void> {
    clearInterval(this.#ticker);
    const quiet = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    await this.#documents.close();
    for (const id of [...this.#sessions.keys()])
      this.handleDisconnect(id, closeCode.restart, "the server stops");
    await quiet;
  }
}
