/**
 * What a document is, and how a server keeps it: operations, merging, history, and the log in which nothing is lost.
 *
 * ```ts
 * const ann = new Document({ id: documentId("novel"), replica: replicaId("ann") });
 * const bob = new Document({ id: documentId("novel"), replica: replicaId("bob") });
 * ann.apply({ type: "insert", position: 0, text: "Call me Ishmael." }, Date.now());
 * bob.merge(ann); // bob.text === "Call me Ishmael."
 * ```
 * @packageDocumentation
 */
// A document: one replica of it, and what changes it.

export type { AcceptedRequest, RequestName } from "./accepted-requests.js";
// What a document was, and who wrote what.
export { ACCESS, type Access, type AccessRule, type ReadonlyAccessList } from "./access-list.js";
// A server's documents, and those of other servers on the same store.
export {
  type AnnouncedEntry,
  type Announcement,
  decodeAnnouncement,
  encodeAnnouncement,
} from "./announcement.js";
export type { AuthoredStep } from "./authored-diff.js";
export type { BlamedRange } from "./blame.js";
export type {
  BatchContext,
  BatchOutcome,
  ChangeContext,
  Commit,
  Duplicate,
  MessageName,
} from "./commit.js";
export type { Credit } from "./credits.js";
export { Document, type DocumentOptions, type DocumentSnapshot, type Version } from "./document.js";
export { DocumentChange } from "./document-change.js";
export type { Changed, ContentDiff, DocumentDiff } from "./document-diff.js";
export { DocumentManager } from "./document-manager.js";
export type { DocumentManagerOptions } from "./document-manager-options.js";
export type { ListRequest, StoredEntry } from "./document-store.js";
// Where they are kept.
export {
  type Appended,
  type DocumentStore,
  type EntryKey,
  entryKey,
  isTombstone,
  TOMBSTONE,
} from "./document-store.js";
// Names and errors.
export { DocumentError, type DocumentErrorCode, type DocumentErrorOptions } from "./errors.js";
export type { DocumentHistory, HistoryDiff, WrittenAhead } from "./history.js";
export {
  type DocumentId,
  type DocumentKey,
  documentId,
  documentKey,
  isDocumentId,
  isDocumentKey,
  isTenantId,
  isUserId,
  splitDocumentKey,
  type TenantId,
  tenantId,
  type UserId,
  userId,
} from "./ids.js";
export type { IncrementCounterOperation } from "./kinds/counter.js";
export type { FieldValue, SetFieldOperation } from "./kinds/field.js";
export type { OperationKind, Right } from "./kinds/row-kind.js";
export type { DeleteOperation, InsertOperation } from "./kinds/text.js";
export type { SetTitleOperation } from "./kinds/title.js";
export { DEFAULT_LIMITS, type DocumentLimits } from "./limits.js";
export type { ListedChange } from "./listed-change.js";
export type { LoggedDelete, LoggedInsert, LoggedOperation, UnknownRow } from "./logged-operation.js";
export { MemoryDocumentStore } from "./memory-document-store.js";
export type { OpenDocument } from "./open-document.js";
export {
  type Operation,
  operationKind,
  operationKinds,
  type PlacedOperation,
  type RowOperation,
} from "./operation.js";
export { type OperationSchemas, operationSchemas } from "./operation-schemas.js";
export type { OtherNodes } from "./other-nodes.js";
export type { Sitting } from "./sittings.js";
export { UndoStack } from "./undo.js";
export type { NamedVersion } from "./version-names.js";
export type { VersionReference } from "./version-reference.js";
export type { ViewName } from "./view-ring.js";
