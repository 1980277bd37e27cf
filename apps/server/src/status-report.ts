import type { DocumentManager } from "@motet/document";
import type { ConnectionManager } from "@motet/transport";
import type { Clock } from "./clock.js";
import type { ServerStatus } from "./collaborative-server-options.js";

/** What a {@link StatusReport} tells of. */
export interface StatusReportOptions {
  readonly clock: Clock;
  readonly connections: ConnectionManager;
  readonly documents: DocumentManager;
}

/** Who is connected and what has been done since it was made. */
export class StatusReport {
  readonly #options: StatusReportOptions;
  readonly #startedMs: number;
  #operations = 0;

  constructor(options: StatusReportOptions) {
    this.#options = options;
    this.#startedMs = options.clock.monotonicMs();
  }

  /** So many operations have become durable. */
  count(operations: number): void {
    this.#operations += operations;
  }

  now(): ServerStatus {
    const { clock, connections, documents } = this.#options;
    return {
      connectedClients: connections.size,
      activeDocuments: [...connections.documents].length,
      totalOperations: this.#operations,
      uptimeMs: Math.round(clock.monotonicMs() - this.#startedMs),
      queuedBytes: documents.queuedBytes,
      slowReaders: connections.backlog,
    };
  }
}
