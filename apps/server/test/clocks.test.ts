import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replicaId } from "@motet/crdt-core";
import {
  Document,
  DocumentManager,
  type DocumentStore,
  documentId,
  documentKey,
  tenantId,
  userId,
} from "@motet/document";
import { LmdbDocumentStore } from "@motet/storage-lmdb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkStore } from "../src/check.js";
import { readLog } from "../src/http/log-file.js";
import { HttpApi } from "./support/http-api.js";
import { JsonClient } from "./support/json-client.js";
import { ServerProcess } from "./support/server-process.js";
import { TestServer } from "./support/test-server.js";

const HOUR = 3_600_000;
const NOW = 1_700_000_000_000;
const FAR_MS = 4e15;
const page = documentKey(tenantId("main"), documentId("page"));
const [ann, eve] = [userId("ann"), userId("eve")];

let folder: string;
let store: LmdbDocumentStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "motet-"));
  store = await LmdbDocumentStore.open({ folder: join(folder, "data") });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const setTitle = (title: string) => ({ type: "set_title", title }) as const;

describe("a server whose clock is set", () => {
  it.each([HOUR, -HOUR, -NOW])(
    "by %i ms between two starts still lets the title written last win (H3, H6)",
    async (byMs) => {
      for (const [at, title] of ["before", "after"].entries()) {
        const server = await TestServer.start({ store });
        server.clock.advance(at === 0 ? 0 : byMs);
        const bob = await JsonClient.join(server.address, { user: "bob" });
        bob.send({ type: "set_title", title });
        await bob.roundTrip();
        const { body } = await new HttpApi(server.address).get();
        expect([body.title, server.defects]).toEqual([title, []]);
        await bob.leave();
        await server.close();
      }
    },
  );

  it("while it runs keeps its timers, and the text in order", async () => {
    let jumpedMs = 0;
    const clock = { wallMs: () => NOW + jumpedMs, monotonicMs: () => 5 };
    const server = await TestServer.start({ clock });
    const bob = await JsonClient.join(server.address, { user: "bob" });
    for (const [at, ms] of [0, HOUR, -HOUR, -NOW].entries()) {
      jumpedMs = ms;
      server.server.tick();
      bob.send({ type: "set_title", title: `title ${at}` });
      bob.insert(at, String(at));
      await bob.settle();
      await bob.roundTrip();
    }
    const { body } = await new HttpApi(server.address).get();
    expect([body.title, body.text, bob.closed]).toEqual(["title 3", "0123", undefined]);
    await bob.leave();
    await server.close();
  });
});

it("a hundred thousand titles in one millisecond keep their order (H4)", () => {
  const document = new Document({ id: documentId("page"), replica: replicaId("server") });
  for (let n = 0; n < 100_000; n++) document.apply(setTitle(String(n)), NOW);
  const reader = new Document({ id: documentId("page"), replica: replicaId("reader") });
  reader.merge(document);
  expect([document.title, reader.title]).toEqual(["99999", "99999"]);
});

/** A manager over the store, as another program would have one. */
function documentsOf(over: DocumentStore): DocumentManager {
  let drawn = 0;
  const newReplicaId = () => replicaId(`other-${Math.floor(NOW / 1_000)}-${++drawn}`);
  return new DocumentManager({ store: over, newReplicaId, published: () => {} });
}

/** A document with text of two people, and a title and a field that Eve wrote with a clock far ahead: nobody checks a manager's own. */
async function poisoned(): Promise<void> {
  const documents = documentsOf(store);
  const insert = (position: number, text: string) => ({ type: "insert", position, text }) as const;
  await documents.applyOperation(page, insert(0, "Dear"), { user: ann, nowMs: NOW });
  await documents.applyOperation(page, insert(4, " all"), { user: eve, nowMs: NOW + HOUR });
  await documents.applyOperation(
    page,
    { type: "increment_counter", counter: "likes", amount: 3 },
    { user: ann, nowMs: NOW },
  );
  await documents.applyOperation(
    page,
    { type: "set_field", field: "language", value: "en" },
    { user: eve, nowMs: FAR_MS },
  );
  await documents.applyOperation(page, setTitle("for ever mine"), { user: eve, nowMs: FAR_MS });
  await documents.close();
}

describe("a time from the future that is in the store", () => {
  it("does not keep an honest title from winning, also after a restart (H1, H2)", async () => {
    await poisoned();
    for (const title of ["honest", "honest again"]) {
      const server = await TestServer.start({ store });
      const bob = await JsonClient.join(server.address, { user: "bob" });
      bob.send({ type: "set_title", title });
      await bob.roundTrip();
      expect((await new HttpApi(server.address).get()).body.title).toBe(title);
      await bob.leave();
      await server.close();
    }
  });

  it("is named by a check, which changes nothing (H2)", async () => {
    await poisoned();
    const said: string[] = [];
    const before = await store.load(page);
    expect(await checkStore({ store, nowMs: NOW, say: (line) => said.push(line) })).toBe(1);
    expect(said).toEqual([
      expect.stringMatching(/^main\/page: eve wrote a field at \+128724-/),
      expect.stringMatching(/^main\/page: eve wrote the title at \+128724-/),
    ]);
    expect(await store.load(page)).toEqual(before);
  });

  it("is gone after a repair, which keeps text, authors and times, and the old log (H2)", async () => {
    await poisoned();
    const logsFolder = join(folder, "logs");
    expect(await checkStore({ store, nowMs: NOW + 2 * HOUR, logsFolder, say: () => {} })).toBe(0);
    expect(await checkStore({ store, nowMs: NOW + 2 * HOUR, say: () => {} })).toBe(0);
    const documents = documentsOf(store);
    const [said, blamed] = await documents.withDocument(page, ({ document, history }) => [
      document.snapshot(),
      history.blame(),
    ]);
    expect([said.text, said.title, ...said.counters, ...said.fields]).toEqual([
      "Dear all",
      "for ever mine",
      ["likes", 3],
      ["language", "en"],
    ]);
    expect(blamed).toEqual([
      { from: 0, to: 4, user: ann, atMs: NOW },
      { from: 4, to: 8, user: eve, atMs: NOW + HOUR },
    ]);
    const [name] = await readdir(logsFolder);
    const log = readLog(await readFile(join(logsFolder, name!)));
    const copy = documentKey(tenantId("main"), documentId("copy"));
    await documents.importLog(copy, log, FAR_MS);
    expect((await documents.getSnapshot(copy)).text).toBe("Dear all");
    await documents.close();
  });

  it("is found by the command, which a server that has the folder keeps out", async () => {
    await poisoned();
    const data = ["--data", join(folder, "data")];
    const shutOut = new ServerProcess(["--check", ...data]);
    expect(await shutOut.exitCode()).toBe(1);
    expect(shutOut.output).toContain("Cannot keep documents");
    await store.close();
    const outcomes: (number | null)[] = [];
    for (const command of ["--check", "--repair", "--check"]) {
      const run = new ServerProcess([command, ...data]);
      outcomes.push(await run.exitCode());
    }
    expect(outcomes).toEqual([1, 0, 0]);
    expect(await readdir(join(folder, "data-repaired"))).toEqual(["main.page.motet-log"]);
  });
});

it("a check names a document that cannot be read, and goes on (J7)", async () => {
  await poisoned();
  const [entry] = await store.load(page);
  const hurt = documentKey(tenantId("main"), documentId("hurt"));
  await store.append(hurt, entry!.key, entry!.bytes.slice(0, -2));
  const said: string[] = [];
  expect(await checkStore({ store, nowMs: FAR_MS, say: (line) => said.push(line) })).toBe(1);
  expect(said).toEqual([expect.stringContaining("main/hurt: ")]);
});
