import type { ItemId, ReplicaId } from "@motet/crdt-core";
import { DocumentError } from "./errors.js";
import type { UserId } from "./ids.js";

/** Whose operations a replica's are: said once, for ever. */
export interface Binding {
  readonly replica: ReplicaId;
  readonly user: UserId;
  /** The node that writes under this replica for the user; missing for a replica of the user's own. */
  readonly node?: ReplicaId;
}

/** Who writes under which replica, in one document. */
export class ReplicaBindings implements Iterable<Binding> {
  readonly #byReplica = new Map<ReplicaId, Binding>();
  readonly #served = new Map<string, ReplicaId>();

  /** Notes a binding. The first of a replica counts; later ones change nothing. */
  add(binding: Binding): void {
    if (this.#byReplica.has(binding.replica)) return;
    this.#byReplica.set(binding.replica, binding);
    if (binding.node !== undefined) this.#served.set(`${binding.node}/${binding.user}`, binding.replica);
  }

  /** The user to whom `replica` is bound. */
  userOf(replica: ReplicaId): UserId | undefined {
    return this.#byReplica.get(replica)?.user;
  }

  /** The replica under which `node` writes for `user`. */
  servedBy(node: ReplicaId, user: UserId): ReplicaId | undefined {
    return this.#served.get(`${node}/${user}`);
  }

  /**
   * Whether a client of `user` may make `operation`: its replica is theirs, or nobody's yet.
   * @returns Whether it is nobody's yet.
   * @throws {DocumentError} `REPLICA_TAKEN` when it is somebody else's, or a node's.
   */
  check(operation: ItemId, user: UserId): boolean {
    const bound = this.#byReplica.get(operation.replica);
    if (bound === undefined) return true;
    if (bound.user !== user || bound.node !== undefined) {
      throw new DocumentError("REPLICA_TAKEN", `replica ${operation.replica} belongs to somebody else`, {
        operation,
      });
    }
    return false;
  }

  /** How many replicas are bound. */
  get size(): number {
    return this.#byReplica.size;
  }

  /** In the order in which they were bound. */
  [Symbol.iterator](): IterableIterator<Binding> {
    return this.#byReplica.values();
  }
}
