import type { RequestListener } from "node:http";
import { replicaId } from "@motet/crdt-core";
import {
  type Commit,
  DEFAULT_LIMITS,
  type DocumentKey,
  type DocumentLimits,
  DocumentManager,
  MemoryDocumentStore,
  type Operation,
  operationSchemas,
  type TenantId,
  tenantId,
} from "@motet/document";
import { PresenceTracker } from "@motet/presence";
import { ConnectionManager, closeCode, MessageCodec } from "@motet/transport";
import type { Hono } from "hono";
import { AccessChanges } from "./access-changes.js";
import { adminApp } from "./admin/admin-app.js";
import { AdminEntrance } from "./admin/admin-entrance.js";
import { everybody } from "./authenticator.js";
import { reportChanges } from "./change-report.js";
import { type Clock, systemClock } from "./clock.js";
import { ClockWatch } from "./clock-watch.js";
import { Cluster } from "./cluster/cluster.js";
import type { CollaborativeServerOptions } from "./collaborative-server-options.js";
import { DamageReport } from "./damage-report.js";
import { Door, type House } from "./door.js";
import { Entrance } from "./entrance.js";
import { Health } from "./health.js";
import { DocumentAccess } from "./http/document-access.js";
import { adminHttpApp, httpApp } from "./http/http-app.js";
import { readPlayground } from "./http/playground-files.js";
import { defaultServerLimits, limitsWith, type ServerLimits } from "./limits.js";
import { MessageHandler } from "./message-handler.js";
import { Metrics } from "./metrics.js";
import { nodePlatform, type Platform } from "./platform.js";
import { PresenceDesk } from "./presence-desk.js";
import { PresenceRelay } from "./presence-relay.js";
import { Reception } from "./reception.js";
import { Renewals } from "./renewals.js";
import { ReplicaHandler } from "./replica-handler.js";
import { ReplicaRelay } from "./replica-relay.js";
import { Rooms } from "./rooms.js";
import { ServerEvents } from "./server-events.js";
import type { Session } from "./session.js";
import { Sessions } from "./sessions.js";
import { SlowReaders } from "./slow-readers.js";
import { StateFrames } from "./state-frames.js";
import { StatusReport } from "./status-report.js";
import { Throttle } from "./throttle.js";
import { Ticker } from "./ticker.js";
import { Unread } from "./unread.js";
import { WatchedStore } from "./watched-store.js";
import { Webhooks } from "./webhooks/webhooks.js";

/**
 * What a server is made of, wired together: one field for each part, made in the order in which they need each other.
 * Parts that need a later one are given a function that finds it. Nothing here starts anything.
 */
export class Parts {
  readonly options: CollaborativeServerOptions;
  readonly limits: ServerLimits;
  readonly documentLimits: DocumentLimits;
  readonly clock: Clock;
  readonly platform: Platform;
  /** Whose documents they are whose identity does not say so. */
  readonly tenant: TenantId;
  readonly reception: Reception;
  readonly events = new ServerEvents();
  readonly onDefect = (error: unknown): void => this.events.emit({ type: "defect", error });
  readonly damage: DamageReport;
  readonly store: WatchedStore;
  readonly health: Health;
  readonly codec: MessageCodec<Operation>;
  readonly states = new StateFrames();
  readonly unread: Unread;
  /** The other nodes, where there are any. */
  readonly cluster: Cluster | undefined;
  readonly documents: DocumentManager;
  readonly presence: PresenceTracker;
  readonly connections: ConnectionManager;
  readonly presenceRelay: PresenceRelay;
  readonly desk: PresenceDesk;
  readonly status: StatusReport;
  readonly replicaRelay: ReplicaRelay;
  readonly rooms: Rooms;
  readonly slowReaders: SlowReaders;
  readonly throttle: Throttle<Session>;
  readonly door: Door;
  readonly renewals: Renewals;
  readonly accessChanges: AccessChanges;
  readonly sessions: Sessions;
  readonly metrics: Metrics;
  readonly webhooks: Webhooks;
  readonly entrance: Entrance;
  /** Where administrators come in, if that is not where everybody does. */
  readonly adminEntrance: AdminEntrance | undefined;
  readonly ticker: Ticker;

  constructor(options: CollaborativeServerOptions) {
    this.options = options;
    this.limits = limitsWith(defaultServerLimits, options.limits);
    this.documentLimits = limitsWith(DEFAULT_LIMITS, options.documentLimits);
    this.codec = new MessageCodec({ operations: operationSchemas(), limits: this.limits });
    this.unread = new Unread(this.limits.unreadBytesMax);
    this.clock = options.clock ?? systemClock;
    this.platform = { ...nodePlatform, ...options.platform };
    const { authenticator = everybody, tenant = tenantId("main") } = options;
    this.tenant = tenant;
    this.reception = new Reception({ authenticator, tenant, clock: this.clock });
    if (options.onEvent !== undefined) this.events.subscribe(options.onEvent);
    this.damage = new DamageReport((document, { message: reason }) =>
      this.events.emit({ type: "damaged", document, reason }),
    );
    const { store = new MemoryDocumentStore() } = options;
    this.store = new WatchedStore(store, this.events, () => this.clock.monotonicMs());
    this.presence = new PresenceTracker({ idleMs: this.limits.idleMs });
    this.cluster = this.#makeCluster();
    this.health = new Health(this.store, () => this.cluster?.bus.areHeard ?? true);
    this.documents = this.#makeDocuments();
    this.connections = this.#makeConnections();
    this.presenceRelay = this.#makePresenceRelay();
    this.desk = new PresenceDesk(this.presence, this.presenceRelay, this.cluster?.people);
    this.status = new StatusReport(this);
    this.replicaRelay = new ReplicaRelay(this.connections);
    this.rooms = new Rooms({ ...this, replicas: this.replicaRelay });
    this.slowReaders = this.#makeSlowReaders();
    this.throttle = this.#makeThrottle();
    const house = this.#makeHouse();
    this.door = new Door({ ...this, house });
    this.renewals = new Renewals({ ...this, house });
    const { connections } = this;
    this.accessChanges = new AccessChanges({ connections, house, sessions: () => this.sessions.all() });
    this.sessions = this.#makeSessions();
    this.metrics = new Metrics({ ...this, status: () => this.status.now() });
    this.webhooks = this.#makeWebhooks();
    const admin = this.#makeAdmin();
    this.adminEntrance = this.#makeAdminEntrance(admin);
    this.entrance = this.#makeEntrance(this.adminEntrance === undefined ? admin : undefined);
    const { sessions, desk, webhooks, cluster } = this;
    const clockWatch = new ClockWatch(this.clock, this.events);
    this.ticker = new Ticker(this.clock, this.platform.later, [
      (nowMs) => sessions.tend(nowMs),
      (nowMs) => desk.noticeIdle(nowMs),
      (nowMs) => void webhooks.tend(nowMs),
      () => clockWatch.look(),
      (nowMs) => cluster?.tend(nowMs),
    ]);
  }

  #makeCluster(): Cluster | undefined {
    const { fanout } = this.options;
    const { clock, events, presence } = this;
    if (fanout === undefined) return undefined;
    return new Cluster({
      ...{ fanout, clock, events, presence },
      node: this.#drawName(),
      documents: () => this.documents,
      later: this.platform.later,
      announce: (type, key, who) => this.rooms.announceElsewhere(type, key, who),
      note: (key) => this.presenceRelay.note(key),
      broadcast: (key, message) => this.rooms.broadcastElsewhere(key, message),
    });
  }

  #makeDocuments(): DocumentManager {
    return new DocumentManager({
      store: this.store,
      ...(this.cluster && { others: this.cluster.bus }),
      opened: (document) => this.events.emit({ type: "opened", document }),
      deleted: (document) => this.events.emit({ type: "deleted", document }),
      newReplicaId: () => replicaId(this.#drawName()),
      schedule: this.platform.endOfTurn,
      limits: this.documentLimits,
      published: (key, commits) => {
        for (const { isForeign } of commits) if (!isForeign) this.status.count(1);
        this.#tell(key, commits);
        // Until the end of this turn, what was stored still counts as on its way.
        if (this.throttle.paused.size > 0)
          this.platform.endOfTurn(() => this.throttle.tend(this.clock.monotonicMs()));
      },
      accessChanged: (key, rule) => this.accessChanges.heard(key, rule),
      refused: (key, commits, error) => {
        for (const id of this.rooms.refuse(key, commits, error)) {
          if (error.code === "DELETED") this.sessions.disconnect(id, closeCode.deleted, "deleted");
          else this.sessions.disconnect(id, closeCode.internal, "the document is read anew");
        }
      },
    });
  }

  /** 96 random bits: names that never meet. */
  #drawName(): string {
    return Buffer.from(this.platform.randomBytes(12)).toString("base64url");
  }

  #tell(key: DocumentKey, commits: readonly Commit[]): void {
    const startedMs = this.clock.monotonicMs();
    this.rooms.relay(key, commits);
    const nowMs = this.clock.monotonicMs();
    reportChanges(this.events, key, commits, { nowMs, relayMs: nowMs - startedMs });
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

  #makePresenceRelay(): PresenceRelay {
    const { connections, presence, clock, platform } = this;
    const { later } = platform;
    return new PresenceRelay({ connections, presence, nowMs: () => clock.monotonicMs(), later });
  }

  #makeSlowReaders(): SlowReaders {
    const { connections, presenceRelay, replicaRelay } = this;
    return new SlowReaders({
      connections,
      presenceRelay,
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
    const { desk, onDefect, limits, documentLimits } = this;
    return new Sessions({
      ...this,
      handler: new MessageHandler({ desk, onDefect }),
      replicas: new ReplicaHandler(desk, { ...limits, ...documentLimits }),
    });
  }

  #makeWebhooks(): Webhooks {
    const { endpoints = [], intervalMs = 2_000 } = this.options.webhooks ?? {};
    return new Webhooks({ endpoints, intervalMs, events: this.events, clock: this.clock });
  }

  #makeAdmin(): Hono {
    return adminApp({ ...this, adminToken: this.options.adminToken, status: () => this.status.now() });
  }

  #makeAdminEntrance(admin: Hono): AdminEntrance | undefined {
    const { adminAddress } = this.options;
    return adminAddress && new AdminEntrance(adminAddress, adminHttpApp(admin, this));
  }

  #makeEntrance(admin: Hono | undefined): Entrance {
    const { host = "127.0.0.1", port = 8_080, origins, tls } = this.options;
    return new Entrance({
      host,
      port,
      origins,
      tls,
      clock: this.clock,
      limits: this.limits,
      app: this.#makeApp(admin),
      events: this.events,
      isFull: () => this.sessions.size >= this.limits.connectionsMax,
      serve: (socket, document) => this.sessions.serve(socket, document),
    });
  }

  #makeApp(admin: Hono | undefined): RequestListener {
    const { documents, damage, limits } = this;
    const { queuedBytesMax } = limits;
    const { playground, origins } = this.options;
    return httpApp({
      ...limits,
      ...this,
      access: new DocumentAccess({ documents, damage, queuedBytesMax }),
      admin,
      origins,
      playground: playground === undefined ? undefined : readPlayground(playground),
    });
  }
}
