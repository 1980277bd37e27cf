/**
 * What a document is, and how it is kept.
 * @packageDocumentation
 */
export {
  type Appended,
  type DocumentStore,
  type EntryKey,
  entryKey,
  type ListRequest,
  type StoredEntry,
} from "./document-store.js";
export { DocumentError, type DocumentErrorCode } from "./errors.js";
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
export { MemoryDocumentStore } from "./memory-document-store.js";
