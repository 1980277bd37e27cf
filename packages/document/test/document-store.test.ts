import { MemoryDocumentStore } from "../src/memory-document-store.js";
import { documentStoreSuite } from "../src/testing/index.js";

documentStoreSuite("MemoryDocumentStore", { open: async () => new MemoryDocumentStore() });
