/**
 * Keeps documents in one folder on disk: durable before it answers, many documents in one commit, every entry checked.
 *
 * ```ts
 * const store = await LmdbDocumentStore.open({ folder: "./data" });
 * await store.append(documentKey(tenantId("acme"), documentId("novel")), entryKey("first"), bytes);   // on disk now
 * await store.close();
 * ```
 * @packageDocumentation
 */
export { LmdbDocumentStore, type LmdbDocumentStoreOptions } from "./lmdb-document-store.js";
export type { StoreEvent } from "./store-event.js";
export type { StoreState } from "./store-state.js";
