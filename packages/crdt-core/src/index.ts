/**
 * Data types that converge, versions, and their binary form. No I/O, no clock, no randomness.
 *
 * ```ts
 * const ann = new PNCounter(replicaId("ann"));
 * const bob = new PNCounter(replicaId("bob"));
 * ann.increment(3);
 * bob.decrement();
 * ann.merge(bob); // ann.value === 2
 * ```
 * @packageDocumentation
 */

export { Reader } from "./codec/reader.js";
export { Writer } from "./codec/writer.js";
export { CrdtError, type CrdtErrorCode } from "./errors.js";
export { type CounterState, GCounter } from "./g-counter.js";
export {
  CLOCK_AHEAD_MS_MAX,
  compareTimestamps,
  HybridLogicalClock,
  type Timestamp,
  timestamp,
} from "./hybrid-logical-clock.js";
export {
  compareReplicaIds,
  formatId,
  type ItemId,
  isReplicaId,
  isSeq,
  type OperationRange,
  type ReplicaId,
  replicaId,
  SEQ_MAX,
  sameId,
} from "./ids.js";
export { LWWRegister, type RegisterState } from "./lww-register.js";
export { PNCounter, type PNCounterState } from "./pn-counter.js";
export { VersionVector } from "./version-vector.js";
