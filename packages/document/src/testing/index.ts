/**
 * The promises of `DocumentStore` as tests, for every store that makes them. Needs vitest.
 *
 * ```ts
 * documentStoreSuite("MemoryDocumentStore", { open: async () => new MemoryDocumentStore() });
 * ```
 * @packageDocumentation
 */
export { documentStoreSuite, type StoreFixture } from "./document-store-suite.js";
