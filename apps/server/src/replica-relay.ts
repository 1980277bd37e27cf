import { type ReplicaId, VersionVector } from "@motet/crdt-core";
import type { Commit, DocumentKey } from "@motet/document";
import type { ConnectionId, ConnectionManager } from "@motet/transport";
import { replicaOriginOf } from "./origin.js";
import { ReplicaBatch } from "./replica-batch.js";

/** What is known of a document's replicas. */
interface Told {
  /** What all of them have been told, but those who are behind: everything that is durable. */
  readonly version: VersionVector;
  /** Who brought the replicas of which operations wait for others. */
  readonly waiting: Map<ReplicaId, ConnectionId>;
}

/** Tells the replicas among the readers what has become durable. */
export class ReplicaRelay {
  readonly #connections: ConnectionManager;
  readonly #told = new Map<DocumentKey, Told>();

  constructor(connections: ConnectionManager) {
    this.#connections = connections;
  }

  /** A replica begins to read, at `version`, which is durable. */
  begin(key: DocumentKey, version: VersionVector): void {
    if (!this.#told.has(key)) this.#told.set(key, { version: version.copy(), waiting: new Map() });
  }

  /** What every replica has been told that is not behind, as a copy. */
  toldOf(key: DocumentKey): VersionVector {
    return this.#told.get(key)?.version.copy() ?? new VersionVector();
  }

  /** One frame for each replica, for all these commits. */
  relay(key: DocumentKey, commits: readonly Commit[]): void {
    const told = this.#told.get(key);
    if (told === undefined) return;
    const batch = new ReplicaBatch(commits);
    for (const commit of commits) acknowledge(told, commit, batch);
    const frameOf = ({ id }: { readonly id: ConnectionId }) => batch.frameFor(id);
    this.#connections.publish(key, { frameOf, bytes: batch.bytes, isChange: true }, "replica");
    for (const { change } of commits) {
      for (const { replica, to } of change.applied) told.version.advance(replica, to);
    }
  }

  /** No replica reads the document any more. */
  forget(key: DocumentKey): void {
    this.#told.delete(key);
  }
}

function acknowledge({ waiting }: Told, commit: Commit, batch: ReplicaBatch): void {
  const { change, origin } = commit;
  const from = replicaOriginOf(origin);
  if (from !== undefined) batch.acknowledge(from.connection, from.reached);
  for (const { replica, to } of waiting.size === 0 ? [] : change.applied) {
    const bringer = waiting.get(replica);
    if (bringer === undefined) continue;
    batch.acknowledge(bringer, [{ replica, to }]);
    batch.tellItsWriter(commit);
  }
  if (change.waiting > 0) {
    for (const { replica } of from?.reached ?? []) waiting.set(replica, from!.connection);
  } else if (waiting.size > 0) waiting.clear(); // To clear an empty one is to build a new one.
}
