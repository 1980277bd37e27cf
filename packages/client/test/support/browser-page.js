// Bundled by esbuild and run in a real browser: a page with one document, for the test to drive.
import { connect, IndexedDbStore } from "@motet/client";

class NotedStore extends IndexedDbStore {
  write(...request) {
    globalThis.lastWrite = super.write(...request);
    return globalThis.lastWrite;
  }
}

const server = new URLSearchParams(location.search).get("server");
globalThis.minutes = connect(server, { document: "minutes", user: "ann", store: new NotedStore() });
