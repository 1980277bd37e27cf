import type { ItemId, OperationRange, ReplicaId } from "@motet/crdt-core";
import { ServerError } from "./errors.js";

/** How many are remembered; of one more the first is forgotten, and its operations wait in vain, which is bounded too. */
const REPLICAS_MAX = 64;

/**
 * The replicas of one connection of which an operation was refused. As seqs have no gaps, nothing that comes after it
 * is taken in: it would wait for ever for the one that is missing.
 */
export class RefusedReplicas {
  /** Made when it is needed: hardly any connection ever needs it. */
  #from: Map<ReplicaId, number> | undefined;

  /** @throws {ServerError} `REPLICA_REFUSED` for operations that come after a refused one. */
  check(ranges: readonly OperationRange[]): void {
    if (this.#from === undefined) return;
    for (const { replica, from, to } of ranges) {
      const first = this.#from.get(replica);
      if (first === undefined || to < first) continue;
      const operation = { replica, seq: Math.max(from, first) };
      throw new ServerError("REPLICA_REFUSED", "an earlier operation of this replica was refused", {
        operation,
      });
    }
  }

  /** The operation was refused, and so is everything behind it. */
  add({ replica, seq }: ItemId): void {
    this.#from ??= new Map();
    this.#from.set(replica, Math.min(seq, this.#from.get(replica) ?? seq));
    const [oldest] = this.#from.keys();
    if (this.#from.size > REPLICAS_MAX && oldest !== undefined) this.#from.delete(oldest);
  }
}
