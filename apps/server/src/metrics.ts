import { closeCode } from "@motet/transport";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { ClusterBus } from "./cluster/cluster-bus.js";
import type { ServerStatus } from "./collaborative-server-options.js";
import type { Health } from "./health.js";
import type { ServerEvent, ServerEvents } from "./server-events.js";

/** What {@link Metrics} are made of. */
export interface MetricsOptions {
  readonly events: ServerEvents;
  readonly status: () => ServerStatus;
  readonly health: Health;
  /** How the other nodes are told and heard, where there are any. */
  readonly cluster: { readonly bus: Pick<ClusterBus, "areHeard" | "ignored"> } | undefined;
}

/** A client may close with any number: those that mean something here have a label of their own. */
const OUR_CODES: ReadonlySet<number> = new Set(Object.values(closeCode));

/** In seconds; an acknowledgement takes about a millisecond on a quiet disk. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Numbers for Prometheus. No label holds a name of a user or a document: each has few values, whatever clients do.
 * From the first reading on, the process tells of itself as well.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #options: MetricsOptions;
  #hasProcess = false;
  readonly #ack = this.#histogram(
    "motet_ack_seconds",
    "From an operation's coming in to its acknowledgement; of those that shared a commit, the first",
  );
  readonly #relay = this.#histogram("motet_fanout_seconds", "From durable to handed to all readers here");
  readonly #store = this.#histogram("motet_store_seconds", "Calls of the store", ["call"]);
  readonly #requests = this.#histogram("motet_http_seconds", "Answers over HTTP", ["route", "status"]);
  readonly #operations = this.#counter("motet_operations_total", "Operations made durable");
  readonly #opened = this.#counter("motet_documents_opened_total", "Documents loaded into memory");
  readonly #joins = this.#counter("motet_joins_total", "Connections let in", ["kind"]);
  readonly #leaves = this.#counter("motet_leaves_total", "Connections that ended", ["code"]);
  readonly #refusals = this.#counter("motet_refusals_total", "What was refused", ["over", "code"]);
  readonly #storeErrors = this.#counter("motet_store_errors_total", "Failed calls of the store", [
    "call",
    "code",
  ]);
  readonly #damaged = this.#counter("motet_damaged_documents_total", "Documents that fail their check");
  readonly #jumps = this.#counter("motet_clock_jumps_total", "Jumps of the wall clock by more than 500 ms");
  readonly #busLosses = this.#counter("motet_bus_losses_total", "How often the other nodes went unheard");
  readonly #forged = this.#counter(
    "motet_bus_forged_total",
    "Messages on the bus from whoever does not know the secret",
  );
  readonly #apart = this.#counter(
    "motet_clocks_apart_total",
    "How often another node's clock was found more than 500 ms ahead",
  );
  readonly #lost = this.#counter("motet_webhooks_lost_total", "Webhooks that were given up", ["reason"]);
  readonly #defects = this.#counter("motet_defects_total", "Errors that nobody raised on purpose");

  constructor(options: MetricsOptions) {
    this.#options = options;
    this.#addGauges();
    options.events.subscribe((event) => this.#hear(event));
  }

  /** The media type of {@link text}. */
  get type(): string {
    return this.#registry.contentType;
  }

  /** Everything as Prometheus reads it. */
  async text(): Promise<string> {
    if (!this.#hasProcess) collectDefaultMetrics({ register: this.#registry });
    this.#hasProcess = true;
    return this.#registry.metrics();
  }

  #hear(event: ServerEvent): void {
    switch (event.type) {
      case "saved":
        this.#operations.inc(event.operations);
        this.#relay.observe(event.relayMs / 1_000);
        if (event.ackMs !== undefined) this.#ack.observe(event.ackMs / 1_000);
        break;
      case "stored":
        this.#store.observe({ call: event.call }, event.durationMs / 1_000);
        if (event.code !== undefined) this.#storeErrors.inc({ call: event.call, code: event.code });
        break;
      case "answered":
        this.#requests.observe({ route: event.route, status: event.status }, event.durationMs / 1_000);
        break;
      case "opened":
        this.#opened.inc();
        break;
      case "joined":
        this.#joins.inc({ kind: event.kind });
        break;
      case "left":
        this.#leaves.inc({ code: OUR_CODES.has(event.code) ? event.code : "other" });
        break;
      case "refused":
        this.#refusals.inc({ over: event.over, code: event.code });
        break;
      default:
        this.#hearOfTrouble(event);
    }
  }

  #hearOfTrouble(event: ServerEvent): void {
    if (event.type === "damaged") this.#damaged.inc();
    else if (event.type === "clock_jumped") this.#jumps.inc();
    else if (event.type === "bus_lost") this.#busLosses.inc();
    else if (event.type === "bus_forged") this.#forged.inc();
    else if (event.type === "clocks_apart") this.#apart.inc();
    else if (event.type === "webhook_lost") this.#lost.inc({ reason: event.reason });
    else if (event.type === "defect") this.#defects.inc();
  }

  #addGauges(): void {
    const { status, health, cluster } = this.#options;
    this.#gauge("motet_connections", "Connections that read a document", () => status().connectedClients);
    this.#gauge("motet_documents", "Documents with at least one connection", () => status().activeDocuments);
    this.#gauge("motet_queued_bytes", "Bytes on their way to the disk", () => status().queuedBytes);
    this.#gauge("motet_slow_readers", "Readers who are behind", () => status().slowReaders.readers);
    this.#gauge("motet_slow_reader_bytes", "Bytes kept for them", () => status().slowReaders.bytes);
    this.#gauge("motet_ready", "1 while clients are to be sent here", () => Number(health.isReady));
    this.#gauge("motet_bus_up", "1 while the other nodes are heard, or there are none to hear", () =>
      Number(cluster?.bus.areHeard ?? true),
    );
    this.#gauge("motet_bus_ignored", "Messages from other nodes that made no sense, since the start", () =>
      Number(cluster?.bus.ignored ?? 0),
    );
    this.#gauge("motet_healthy", "1 while nothing is wrong", () => Number(health.problems.length === 0));
  }

  #gauge(name: string, help: string, read: () => number): void {
    const registers = [this.#registry];
    new Gauge({ name, help, registers, collect: gaugeOf(read) });
  }

  #counter<Label extends string = never>(name: string, help: string, labelNames: Label[] = []) {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram<Label extends string = never>(name: string, help: string, labelNames: Label[] = []) {
    return new Histogram({ name, help, labelNames, buckets: BUCKETS, registers: [this.#registry] });
  }
}

/** Sets a gauge when it is read. */
function gaugeOf(read: () => number): (this: Gauge) => void {
  return function (this: Gauge) {
    this.set(read());
  };
}
