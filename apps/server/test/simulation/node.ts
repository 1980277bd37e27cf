import type { DocumentId } from "@motet/document";
import type { Socket, SocketListener } from "@motet/transport";
import { drain } from "../../src/drain.js";
import { Parts } from "../../src/parts.js";
import type { ServerEvent } from "../../src/server-events.js";
import type { Bus } from "./bus.js";
import type { Database } from "./database.js";
import type { Distortion } from "./distortion.js";
import type { Ledger } from "./ledger.js";
import type { Machine } from "./machine.js";
import { altered, type Host } from "./network.js";

/** What a {@link Node} works with. */
export interface NodeOptions {
  readonly machine: Machine;
  readonly database: Database;
  readonly bus: Bus;
  readonly ledgerOf: (document: DocumentId) => Ledger;
  readonly distortion: Distortion | undefined;
  /** Hears of everything that happens on it. */
  readonly onEvent: (event: ServerEvent) => void;
}

/** So small that readers fall behind, and logs are put together, within a short simulation. */
const LIMITS = { outboxBytesMax: 3_000, tailBytesMax: 8_000 };
const DOCUMENT_LIMITS = { compactEntries: 12, compactBytes: 20_000 };

/** How long a server that stops may take, in milliseconds. */
const STOP_MS = 10_000;

/** A server: all of the real one but port, store, bus, clocks, timers and randomness. It can stop, crash, and start again. */
export class Node implements Host {
  readonly machine: Machine;
  readonly #options: NodeOptions;
  #parts: Parts | undefined;
  #isStopping = false;
  #isWanted = true;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.machine = options.machine;
  }

  /** What it is made of, while it runs. */
  get parts(): Parts | undefined {
    return this.#parts;
  }

  get takesConnections(): boolean {
    return this.#parts !== undefined && !this.#isStopping;
  }

  /** While it stops, it starts again once it has stopped. */
  start(): void {
    const { machine, database, bus, distortion, onEvent } = this.#options;
    this.#isWanted = true;
    if (machine.isUp) return;
    machine.start();
    const [store, fanout] = [database.lineOf(machine), bus.lineOf(machine)];
    const parts = new Parts({
      store: distortion?.store?.(store, machine) ?? store,
      fanout: distortion?.fanout?.(fanout, machine) ?? fanout,
      clock: machine,
      platform: {
        later: machine.after,
        endOfTurn: machine.endOfTurn,
        randomBytes: machine.randomBytes,
      },
      limits: LIMITS,
      documentLimits: DOCUMENT_LIMITS,
      onEvent,
    });
    distortion?.parts?.(parts, machine);
    parts.cluster?.start();
    parts.ticker.start();
    this.#parts = parts;
    this.#isStopping = false;
  }

  serve(socket: Socket, document: DocumentId): SocketListener {
    const { ledgerOf, distortion, machine } = this.#options;
    const ledger = ledgerOf(document);
    const send = distortion?.send ?? ((frame, line) => line.send(frame));
    const watched = altered(socket, (frame, line) => {
      ledger.told(`a client of ${machine.name}`, frame.bytes);
      send(frame, line);
    });
    return this.#parts!.sessions.serve(watched, document);
  }

  /** Stops as it should; what hangs is killed. */
  stop(): void {
    const { machine } = this;
    const parts = this.#parts;
    if (parts === undefined || this.#isStopping) return;
    this.#isStopping = true;
    this.#isWanted = false;
    const end = () => {
      if (this.#parts !== parts) return;
      this.crash();
      if (this.#isWanted) this.start();
    };
    machine.after(STOP_MS, end);
    void drain(parts).then(end);
  }

  /** Ends at once: what was in memory is gone. */
  crash(): void {
    this.#parts = undefined;
    this.#isStopping = false;
    this.machine.end();
  }
}
