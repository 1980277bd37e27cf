/**
 * Keeps documents in PostgreSQL, for many servers at once: places in the order of commits, retries that change nothing twice.
 *
 * ```ts
 * const store = await PostgresDocumentStore.open({ url: "postgres://motet@db.example.org/motet" });
 * await store.append(documentKey(tenantId("acme"), documentId("novel")), entryKey("first"), bytes);   // on disk now
 * await store.close();
 * ```
 * @packageDocumentation
 */
export { PostgresDocumentStore, type PostgresDocumentStoreOptions } from "./postgres-document-store.js";
export type { StoreEvent } from "./store-event.js";
