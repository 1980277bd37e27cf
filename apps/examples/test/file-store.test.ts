import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DocumentStore, documentId, documentKey, entryKey, tenantId } from "@motet/document";
import { documentStoreSuite } from "@motet/document/testing";
import { CollaborativeServer } from "@motet/server";
import { afterAll, expect, it } from "vitest";
import { FileDocumentStore } from "../src/file-store.mjs";

const folders = new Map<DocumentStore, string>();
afterAll(() => {
  for (const folder of folders.values()) rmSync(folder, { recursive: true, force: true });
});

function storeIn(folder: string): DocumentStore {
  const store = new FileDocumentStore(folder) as DocumentStore;
  folders.set(store, folder);
  return store;
}

const newStore = (): DocumentStore => storeIn(mkdtempSync(join(tmpdir(), "motet-files-")));

documentStoreSuite("the store in files", {
  open: async () => newStore(),
  reopen: async (closed) => storeIn(folders.get(closed)!),
});

it("a server that keeps its documents in files has them again after a restart", async () => {
  const store = newStore();
  const first = new CollaborativeServer({ store });
  await first.document("minutes").create([{ type: "insert", position: 0, text: "kept" }]);
  await first.close();
  await store.close();
  const second = new CollaborativeServer({ store: storeIn(folders.get(store)!) });
  expect(await second.document("minutes").read()).toMatchObject({ text: "kept" });
  await second.close();
});

it("a file that somebody has written over is called damaged, and is not taken for an empty document", async () => {
  const store = newStore();
  const id = documentKey(tenantId("acme"), documentId("novel"));
  await store.append(id, entryKey("one"), Uint8Array.of(1));
  writeFileSync(join(folders.get(store)!, `${id}.json`), "scribble");
  await expect(store.load(id)).rejects.toMatchObject({ code: "DAMAGED" });
});
