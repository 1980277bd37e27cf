import type { DocumentKey, DocumentManager } from "@motet/document";
import type { Fanout } from "@motet/transport";
import type { Clock } from "../clock.js";
import type { ServerEvents } from "../server-events.js";
import { type BroadcastMessage, readBusMessage } from "./bus-messages.js";
import { ClusterBus } from "./cluster-bus.js";
import { PeopleElsewhere, type PeopleElsewhereOptions } from "./people-elsewhere.js";

/** What a {@link Cluster} works with. */
export interface ClusterOptions extends Omit<PeopleElsewhereOptions, "bus" | "nowMs"> {
  readonly fanout: Fanout;
  readonly clock: Clock;
  readonly events: ServerEvents;
  readonly documents: () => DocumentManager;
  /** Another node's client says something to all who read the document. */
  readonly broadcast: (key: DocumentKey, message: BroadcastMessage) => void;
}

/** How often a node says that it lives, in milliseconds. */
const BEAT_MS = 5_000;

/** A node that has done nothing for so long was paused, and has missed what the others said, in milliseconds. */
const PAUSED_MS = 8_000;

/** A node whose clock is further ahead is told of, in milliseconds: stamps of titles may be as far ahead, and no further. */
const SKEW_MS = 500;

/** The other nodes of this server's cluster: what is told to them, and what becomes of what they tell. */
export class Cluster {
  readonly bus: ClusterBus;
  readonly people: PeopleElsewhere;
  readonly #options: ClusterOptions;
  readonly #skewed = new Set<string>();
  #lastTendMs: number;
  #nextBeatMs = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.bus = new ClusterBus(options.fanout);
    const nowMs = () => options.clock.monotonicMs();
    this.people = new PeopleElsewhere({ ...options, bus: this.bus, nowMs });
    this.#lastTendMs = nowMs();
  }

  start(): void {
    const { events } = this.#options;
    this.bus.start({
      entries: (key, announcement) => this.#options.documents().heard(key, announcement),
      people: (key, bytes) => this.people.heard(key, bytes),
      broadcast: (key, bytes) => this.#relay(key, bytes),
      beat: (bytes) => this.#beat(bytes),
      restored: () => {
        events.emit({ type: "bus_restored" });
        this.#catchUp();
      },
      lost: () => events.emit({ type: "bus_lost" }),
      forged: () => events.emit({ type: "bus_forged" }),
    });
  }

  /** Something of an application's own, from a client of this node. */
  broadcast(key: DocumentKey, message: Omit<BroadcastMessage, "node">): void {
    this.bus.say(key, "broadcast", { node: this.#options.node, ...message });
  }

  /** Once a second: says that this node lives, looks for what was missed, and lets go of whoever is at dead nodes. */
  tend(nowMs: number): void {
    const wasPaused = nowMs - this.#lastTendMs > PAUSED_MS;
    this.#lastTendMs = nowMs;
    if (nowMs >= this.#nextBeatMs) {
      this.#nextBeatMs = nowMs + BEAT_MS;
      this.bus.say(undefined, "beat", {
        node: this.#options.node,
        wallMs: Math.floor(this.#options.clock.wallMs()),
      });
    }
    // Before it is found that everybody else has been silent.
    if (wasPaused) this.#catchUp();
    else this.people.tend(nowMs);
    void this.#options.documents().tend();
  }

  close(): Promise<void> {
    return this.bus.close();
  }

  #catchUp(): void {
    this.people.restored();
    void this.#options.documents().relearn();
  }

  #relay(key: DocumentKey, bytes: Uint8Array): void {
    const message = readBusMessage("broadcast", bytes);
    if (message !== undefined) this.#options.broadcast(key, message);
  }

  #beat(bytes: Uint8Array): void {
    const message = readBusMessage("beat", bytes);
    if (message === undefined) return;
    const { node, wallMs } = message;
    this.people.lives(node);
    const aheadMs = Math.round(wallMs - this.#options.clock.wallMs());
    // Only ahead: what a pause or a slow line held up looks late, and nothing can make it look early. Of two nodes, the later one tells.
    const isSkewed = aheadMs > SKEW_MS;
    if (isSkewed && !this.#skewed.has(node))
      this.#options.events.emit({ type: "clocks_apart", node, aheadMs });
    if (isSkewed) this.#skewed.add(node);
    else this.#skewed.delete(node);
    if (this.#skewed.size > NODES_MAX) this.#skewed.clear();
  }
}

/** Nodes of which it is remembered that they were told of. */
const NODES_MAX = 1_000;
