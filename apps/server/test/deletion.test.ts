import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectOptions, connect, MemoryLocalStore, type RemoteDocument } from "@motet/client";
import { documentId } from "@motet/document";
import { LmdbDocumentStore } from "@motet/storage-lmdb";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Line } from "./support/line.js";
import { TestServer } from "./support/test-server.js";

const page = documentId("page");
const insert = (position: number, text: string) => ({ type: "insert", position, text }) as const;

let folder: string;
let store: LmdbDocumentStore;
let world: TestServer;
let line: Line;
const open: RemoteDocument[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "motet-"));
  store = await LmdbDocumentStore.open({ folder });
  world = await TestServer.start({ store });
  line = await Line.to(world.address);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((document) => document.close()));
  await line.close();
  await world.close();
  await store.close();
  await rm(folder, { recursive: true });
  expect(world.defects).toEqual([]);
});

/** A client of the SDK that comes back at once. */
function client(user: string, options: Partial<ConnectOptions> = {}): RemoteDocument {
  const base = { document: "page", user, store: new MemoryLocalStore(), platform: { random: () => 0 } };
  const document = connect(line.address, { ...base, ...options });
  open.push(document);
  return document;
}

const inState = (document: RemoteDocument, state: RemoteDocument["state"]) =>
  world.until(() => document.state === state);

it("a document that is deleted does not come back by a client that has it open, nor by one that was away", async () => {
  const kept = new MemoryLocalStore();
  const [ann, bob] = [client("ann"), client("bob", { store: kept })];
  ann.insert(0, "secret plans");
  await ann.whenSaved();
  await world.until(() => bob.text === "secret plans");
  await bob.close(); // Away, with everything in its own store.
  await world.server.document(page).delete();
  await inState(ann, "refused");
  ann.insert(0, "more "); // Into a document that is nobody's any more.

  await world.server.document(page).create([insert(0, "new")]);
  const back = client("bob", { store: kept });
  back.insert(0, "even more ");
  await inState(back, "refused");
  const cem = client("cem");
  await inState(cem, "saved");
  cem.insert(3, " start");
  await cem.whenSaved();

  expect((await world.server.document(page).read()).text).toBe("new start");
  expect(cem.text).toBe("new start");
  for (const late of [ann, back]) expect(late.text).toContain("secret plans"); // Theirs to keep, or to throw away.
});

it("a client that begins anew reads and writes what has taken its place", async () => {
  const ann = client("ann");
  ann.insert(0, "old");
  await ann.whenSaved();
  await world.server.document(page).delete();
  await inState(ann, "refused");
  await ann.close();
  const again = client("ann");
  await inState(again, "saved");
  again.insert(0, "anew");
  await again.whenSaved();
  expect((await world.server.document(page).read()).text).toBe("anew");
});
