import { compareReplicaIds, compareTimestamps, type ItemId, type Timestamp } from "@motet/crdt-core";

/** A value with the moment and the operation that wrote it. */
export interface Written<T> {
  readonly value: T;
  readonly stamp: Timestamp;
  readonly id: ItemId;
}

/**
 * Whether `challenger` is the one to read: the later stamp; of equal stamps the higher replica id; then the higher seq.
 * A total order on writes, so every replica keeps the same one, in whatever order they come.
 */
export function isLater(challenger: Written<unknown>, holder: Written<unknown> | undefined): boolean {
  if (holder === undefined) return true;
  const order =
    compareTimestamps(challenger.stamp, holder.stamp) ||
    compareReplicaIds(challenger.id.replica, holder.id.replica) ||
    challenger.id.seq - holder.id.seq;
  return order > 0;
}
