import type { OperationRange } from "@motet/crdt-core";
import type { ConnectionId } from "@motet/transport";

/** A replica, and up to which seq its operations are here. */
export type Reached = Pick<OperationRange, "replica" | "to">;

/**
 * Where a replica's update came from, as its commit hands it back. Operations that were known count as well: what is
 * sent again is acknowledged again. A JSON message's origin is the id of its connection alone.
 */
export interface ReplicaOrigin {
  readonly connection: ConnectionId;
  /** How far each replica of the update had come with it; filled in when it was accepted, before anybody is told. */
  reached: readonly Reached[];
}

/** Where an edit over HTTP came from: the trace of the request. */
export interface RequestOrigin {
  readonly traceparent: string;
}

/** The trace that a commit is part of; `undefined` for one that came over a socket. */
export function traceparentOf(origin: unknown): string | undefined {
  const isOurs = typeof origin === "object" && origin !== null && "traceparent" in origin;
  return isOurs ? (origin as RequestOrigin).traceparent : undefined;
}

/** The connection that a commit came from; `undefined` for one that came over HTTP or from the program itself. */
export function connectionOf(origin: unknown): ConnectionId | undefined {
  return typeof origin === "string" ? origin : replicaOriginOf(origin)?.connection;
}

/** The origin of a replica's commit. */
export function replicaOriginOf(origin: unknown): ReplicaOrigin | undefined {
  const isOurs = typeof origin === "object" && origin !== null && "reached" in origin;
  return isOurs ? (origin as ReplicaOrigin) : undefined;
}
