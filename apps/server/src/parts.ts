import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import { replicaId } from "@motet/crdt-core";
import {
  DEFAULT_LIMITS,
  DocumentManager,
  MemoryDocumentStore,
  type Operation,
  operationSchemas,
  tenantId,
} from "@motet/document";
import { PresenceTracker } from "@motet/presence";
import { ConnectionManager, closeCode, MessageCodec } from "@motet/transport";
import { everybody } from "./authenticator.js";
import { type Clock, systemClock } from "./clock.js";
import type { CollaborativeServerOptions } from "./collaborative-server-options.js";
import { DamageReport } from "./damage-report.js";
import { Door, type House } from "./door.js";
import { Entrance } from "./entrance.js";
import { DocumentAccess } from "./http/document-access.js";
import { httpApp } from "./http/http-app.js";
import { readPlayground } from "./http/playground-files.js";
import { defaultServerLimits, type ServerLimits } from "./limits.js";
import { MessageHandler } from "./message-handler.js";
import { Reception } from "./reception.js";
import { Renewals } from "./renewals.js";
import { ReplicaHandler } from "./replica-handler.js";
import { ReplicaRelay } from "./replica-relay.js";
import { Rooms } from "./rooms.js";
import type { Session } from "./session.js";
import { Sessions } from "./sessions.js";
import { SlowReaders } from "./slow-readers.js";
import { StateFrames } from "./state-frames.js";
import { StatusReport } from "./status-report.js";
import { Throttle } from "./throttle.js";
import { Ticker } from "./ticker.js";

/**
 * What a server is made of, wired together: one field for each part, made in the order in which they need each other.
 * Parts that need a later one are given a function that finds it. Nothing here starts anything.
 */
export class Parts {
  readonly options: CollaborativeServerOptions;
  readonly limits: ServerLimits;
  readonly clock: Clock;
  readonly reception: Reception;
  readonly onDefect: (error: unknown) => void;
  readonly damage: DamageReport;
  readonly codec: MessageCodec<Operation>;
  readonly states = new StateFrames();
  readonly documents: DocumentManager;
  readonly presence: PresenceTracker;
  readonly connections: ConnectionManager;
  readonly status: StatusReport;
  readonly replicaRelay: ReplicaRelay;
  readonly rooms: Rooms;
  readonly slowReaders: SlowReaders;
  readonly throttle: Throttle<Session>;
  readonly door: Door;
  readonly renewals: Renewals;
  readonly sessions: Sessions;
  readonly entrance: Entrance;
  readonly ticker: Ticker;

  constructor(options: CollaborativeServerOptions) {
    this.options = options;
    this.limits = { ...defaultServerLimits, ...options.limits };
    this.codec = new MessageCodec({ operations: operationSchemas(), limits: this.limits });
    this.clock = options.clock ?? systemClock;
    const { authenticator = everybody, tenant = tenantId("main") } = options;
    this.reception = new Reception({ authenticator, tenant, clock: this.clock });
    this.onDefect = options.onDefect ?? (() => {});
    this.damage = new DamageReport(options.onDamaged ?? (() => {}));
    this.documents = this.#makeDocuments();
    this.presence = new PresenceTracker({ idleMs: this.limits.idleMs });
    this.connections = this.#makeConnections();
    this.status = new StatusReport(this);
    this.replicaRelay = new ReplicaRelay(this.connections);
    this.rooms = new Rooms({ ...this, replicas: this.replicaRelay });
    this.slowReaders = this.#makeSlowReaders();
    this.throttle = this.#makeThrottle();
    const house = this.#makeHouse();
    this.door = new Door({ ...this, house });
    this.renewals = new Renewals({ ...this, house });
    this.sessions = this.#makeSessions();
    this.entrance = this.#makeEntrance();
    const { sessions, rooms } = this;
    this.ticker = new Ticker(this.clock, [
      (nowMs) => sessions.tend(nowMs),
      (nowMs) => rooms.noticeIdle(nowMs),
    ]);
  }

  #makeDocuments(): DocumentManager {
    const { store = new MemoryDocumentStore(), documentLimits } = this.options;
    return new DocumentManager({
      store,
      newReplicaId: () => replicaId(randomBytes(12).toString("base64url")),
      ...(documentLimits && { limits: documentLimits }),
      published: (key, commits) => {
        this.status.count(commits.length);
        this.rooms.relay(key, commits);
        // Until the end of this turn, what was stored still counts as on its way.
        if (this.throttle.paused.size > 0) setImmediate(() => this.throttle.tend(this.clock.monotonicMs()));
      },
      refused: (key, commits, error) => {
        for (const id of this.rooms.refuse(key, commits, error)) {
          if (error.code === "DELETED") this.sessions.disconnect(id, closeCode.deleted, "deleted");
          else this.sessions.disconnect(id, closeCode.internal, "the document is read anew");
        }
      },
    });
  }

  #makeConnections(): ConnectionManager {
    const { heartbeatTimeoutMs, outboxBytesMax, tailBytesMax, behindMsMax } = this.limits;
    const silence = { heartbeatIntervalMs: heartbeatTimeoutMs / 2, missedHeartbeatsMax: 1 };
    return new ConnectionManager(
      { ...silence, outboxBytesMax, tailBytesMax, behindMsMax },
      {
        fellBehind: (reader) => this.slowReaders.fellBehind(reader),
        caughtUp: (reader) => this.slowReaders.caughtUp(reader),
        lost: (reader, canResync) => this.slowReaders.lost(reader, canResync),
      },
    );
  }

  #makeSlowReaders(): SlowReaders {
    const { connections, presence, replicaRelay } = this;
    return new SlowReaders({
      connections,
      presence,
      replicas: replicaRelay,
      sessionOf: (id) => this.sessions.get(id),
      dismiss: (id, code, reason) => this.sessions.disconnect(id, code, reason),
    });
  }

  #makeThrottle(): Throttle<Session> {
    return new Throttle({
      limits: this.limits,
      queuedBytes: () => this.documents.queuedBytes,
      dismiss: (session, code, reason) => this.sessions.dismiss(session, code, reason),
    });
  }

  #makeHouse(): House {
    return {
      enter: (session, arrival) => this.sessions.enter(session, arrival),
      refuse: (session, error, repliesTo) => this.sessions.refuse(session, error, repliesTo),
      dismiss: (session, code, reason) => this.sessions.dismiss(session, code, reason),
    };
  }

  #makeSessions(): Sessions {
    const { presence, onDefect, limits } = this;
    const { textUnitsMax } = { ...DEFAULT_LIMITS, ...this.options.documentLimits };
    return new Sessions({
      ...this,
      handler: new MessageHandler({ presence, onDefect }),
      replicas: new ReplicaHandler(presence, { ...limits, textUnitsMax }),
    });
  }

  #makeEntrance(): Entrance {
    const { host = "127.0.0.1", port = 8_080, origins, tls } = this.options;
    return new Entrance({
      host,
      port,
      origins,
      tls,
      clock: this.clock,
      limits: this.limits,
      app: this.#makeApp(),
      isFull: () => this.sessions.size >= this.limits.connectionsMax,
      serve: (socket, document) => this.sessions.serve(socket, document),
    });
  }

  #makeApp(): RequestListener {
    const { documents, presence, damage, reception, clock, onDefect, limits } = this;
    const { queuedBytesMax } = limits;
    const { playground } = this.options;
    return httpApp({
      ...limits,
      reception,
      documents,
      presence,
      access: new DocumentAccess({ documents, damage, queuedBytesMax }),
      clock,
      status: () => this.status.now(),
      onDefect,
      playground: playground === undefined ? undefined : readPlayground(playground),
    });
  }
}
