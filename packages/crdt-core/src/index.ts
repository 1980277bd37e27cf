/**
 * Data types that converge, their versions, and their binary form. No I/O, no clock, no randomness.
 *
 * ```ts
 * const ann = new TextCRDT(replicaId("ann"));
 * const bob = new TextCRDT(replicaId("bob"));
 * ann.insert(0, "hello");
 * bob.applyUpdate(ann.encodeUpdate()); // bob.toString() === "hello"
 * ```
 * @packageDocumentation
 */

export { mergeUpdates } from "./codec/merge-updates.js";
export { deletionsOf, opaqueRowsOf, operationsOf } from "./codec/operations.js";
export { Reader } from "./codec/reader.js";
export { Update } from "./codec/update.js";
export { Writer } from "./codec/writer.js";
export { CrdtError, type CrdtErrorCode } from "./errors.js";
export { type CounterState, GCounter } from "./g-counter.js";
export { compareTimestamps, HybridLogicalClock, type Timestamp, timestamp } from "./hybrid-logical-clock.js";
export {
  compareReplicaIds,
  type ItemId,
  isReplicaId,
  type OperationRange,
  type ReplicaId,
  replicaId,
} from "./ids.js";
export { letGo } from "./let-go.js";
export type {
  DeleteOperation,
  InsertOperation,
  OpaqueRow,
  RowOperation,
  UpdateOperation,
} from "./log/operation.js";
export { LWWRegister, type RegisterState } from "./lww-register.js";
export { PNCounter, type PNCounterState } from "./pn-counter.js";
export type { Anchor, Side } from "./text/anchor.js";
export { deleteItems } from "./text/delete-items.js";
export { type DeltaSource, type DeltaStep, TextDelta } from "./text/delta.js";
export { deleteIn, insertIn } from "./text/edit-in-view.js";
export type { RefusedOperation } from "./text/integration.js";
export type { TextItem } from "./text/items.js";
export { type LineColumn, lineColumnAt, offsetAt } from "./text/line-column.js";
export { runsOf, type TextRun } from "./text/runs.js";
export { encodeState, encodeStateInSlices, encodeWhole, type StateOptions } from "./text/save.js";
export { type Edit, type Received, TextCRDT, type TextOptions } from "./text/text-crdt.js";
export { forgetBefore } from "./text/trimming.js";
export type { View } from "./text/view.js";
export { VersionVector } from "./version-vector.js";
