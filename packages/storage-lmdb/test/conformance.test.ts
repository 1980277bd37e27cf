import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { documentStoreSuite } from "@motet/document/testing";
import { LmdbDocumentStore } from "../src/index.js";

const folders = new WeakMap<object, string>();

async function openIn(folder: string): Promise<LmdbDocumentStore> {
  const store = await LmdbDocumentStore.open({ folder });
  folders.set(store, folder);
  return store;
}

documentStoreSuite("LmdbDocumentStore", {
  open: async () => openIn(await mkdtemp(join(tmpdir(), "motet-lmdb-"))),
  reopen: async (closed) => openIn(folders.get(closed)!),
});
