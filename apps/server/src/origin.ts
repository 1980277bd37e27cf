import type { ReplicaId } from "@motet/crdt-core";
import type { Commit } from "@motet/document";
import type { ConnectionId } from "@motet/transport";

/**
 * What a commit hands back: whose message it was. A replica's also says how far each of the replicas that it brought
 * has come with it, known operations included: sent again is acknowledged again.
 */
export type Origin = ConnectionId | ReplicaOrigin;

/** The origin of an update. */
export interface ReplicaOrigin {
  readonly connection: ConnectionId;
  /** Filled in as soon as the update was accepted, before anybody is told. */
  reached: readonly (readonly [ReplicaId, number])[];
}

/** The connection that a commit came from; `undefined` for one that came over HTTP or from the program itself. */
export function connectionOf({ origin }: Commit): ConnectionId | undefined {
  return typeof origin === "string" ? origin : replicaOriginOf(origin)?.connection;
}

/** The origin of a replica's commit. */
export function replicaOriginOf(origin: unknown): ReplicaOrigin | undefined {
  return typeof origin === "object" && origin !== null && "reached" in origin
    ? (origin as ReplicaOrigin)
    : undefined;
}
