import type { ReplicaId } from "@motet/crdt-core";
import type { Commit, DocumentKey } from "@motet/document";
import type { ConnectionId, ConnectionManager } from "@motet/transport";
import { replicaOriginOf } from "./origin.js";
import { ReplicaBatch } from "./replica-batch.js";

/** Tells the replicas among the readers what has become durable. */
export class ReplicaRelay {
  readonly #connections: ConnectionManager;
  /** Who brought the replicas of which operations wait for others, by document. */
  readonly #waiting = new Map<DocumentKey, Map<ReplicaId, ConnectionId>>();

  constructor(connections: ConnectionManager) {
    this.#connections = connections;
  }

  /** One frame for each reader of the document, for all these commits. */
  relay(key: DocumentKey, commits: readonly Commit[]): void {
    if (this.#connections.count(key, "replica") === 0) return;
    const batch = new ReplicaBatch(commits);
    for (const commit of commits) this.#acknowledge(key, commit, batch);
    this.#connections.publish(key, "replica", ({ id }) => batch.frameFor(id));
  }

  /** Nobody reads the document any more. */
  forget(key: DocumentKey): void {
    this.#waiting.delete(key);
  }

  #acknowledge(key: DocumentKey, { change, origin }: Commit, batch: ReplicaBatch): void {
    const from = replicaOriginOf(origin);
    if (from !== undefined) batch.acknowledge(from.connection, from.reached);
    const waiting = this.#waiting.get(key);
    for (const { replica, to } of waiting === undefined ? [] : change.applied) {
      const deliverer = waiting?.get(replica);
      if (deliverer !== undefined) batch.acknowledge(deliverer, [[replica, to]]);
    }
    if (change.waiting === 0) this.#waiting.delete(key);
    else for (const [replica] of from?.reached ?? []) this.#waitersOf(key).set(replica, from!.connection);
  }

  #waitersOf(key: DocumentKey): Map<ReplicaId, ConnectionId> {
    const known = this.#waiting.get(key) ?? new Map<ReplicaId, ConnectionId>();
    this.#waiting.set(key, known);
    return known;
  }
}
