import { documentStoreSuite } from "@motet/document/testing";
import { LmdbDocumentStore } from "../src/index.js";
import { newFolder } from "./support.js";

const folders = new WeakMap<object, string>();

async function openIn(folder: string): Promise<LmdbDocumentStore> {
  const store = await LmdbDocumentStore.open({ folder });
  folders.set(store, folder);
  return store;
}

documentStoreSuite("LmdbDocumentStore", {
  open: async () => openIn(await newFolder()),
  reopen: async (closed) => openIn(folders.get(closed)!),
});
