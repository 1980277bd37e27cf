import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join as pathOf } from "node:path";
import { connect, MemoryLocalStore, type Platform, type RemoteDocument } from "@motet/client";
import { replicaId } from "@motet/crdt-core";
import {
  Document,
  type DocumentKey,
  DocumentManager,
  documentId,
  documentKey,
  tenantId,
} from "@motet/document";
import { LmdbDocumentStore } from "@motet/storage-lmdb";
import { openSocket } from "@motet/transport/socket";
import { ManualClock } from "@motet/transport/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newFolder } from "./support/folder.js";
import { HttpApi } from "./support/http-api.js";
import { JsonClient } from "./support/json-client.js";
import { ReplicaClient } from "./support/replica-client.js";
import { TestServer } from "./support/test-server.js";

/** A server on a folder, which can be stopped and started again: each start is a process's as far as documents go. */
class KeptServer {
  readonly folder: string;
  readonly damaged: string[] = [];
  #store: LmdbDocumentStore | undefined;
  #world: TestServer | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  async start(): Promise<void> {
    this.#store = await LmdbDocumentStore.open({ folder: this.folder });
    this.#world = await TestServer.start({
      store: this.#store,
      onEvent: (event) => void (event.type === "damaged" && this.damaged.push(event.document)),
    });
  }

  async stop(): Promise<void> {
    await this.#world?.close();
    await this.#store?.close();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  join(user: string, more: object = {}): Promise<JsonClient> {
    return JsonClient.join(this.address, { user, client: `${user}-laptop`, ...more });
  }

  connect(user: string, document: string): Promise<JsonClient> {
    return JsonClient.connect(this.address, { user, document });
  }

  replica(user: string, from?: Document): Promise<ReplicaClient> {
    return ReplicaClient.join(this.address, { user, ...(from && { from }) });
  }

  api(document = "page"): HttpApi {
    return new HttpApi(this.address, document);
  }

  get address(): string {
    return this.#world?.address ?? "";
  }
}

let server: KeptServer;
beforeEach(async () => {
  server = new KeptServer(await newFolder());
  await server.start();
});
afterEach(() => server.stop());

describe("after a restart", () => {
  it("everything is there: text, title, counters, history, authors and named versions", async () => {
    const [ann, bob] = [await server.join("ann"), await server.join("bob")];
    ann.insert(0, "Dear all");
    await ann.settle();
    await bob.reach(8);
    bob.send({ type: "set_title", id: 1, title: "Letter" });
    bob.send({ type: "increment_counter", id: 2, amount: 3 });
    bob.send({ type: "set_field", id: 3, field: "language", value: "en" });
    await bob.until(() => bob.acked.has(3));
    await server.api().post("/versions?user_id=ann", { name: "First draft", version: "8" });
    const paths = [
      "",
      "/history",
      "/history?of=changes",
      "/diff?from=0",
      "/blame",
      "/versions",
      "?version=4",
    ];
    const tell = () => Promise.all(paths.map((path) => server.api().get(path)));
    const before = (await tell()).map(({ body }) => body);
    await server.restart();
    const after = (await tell()).map(({ body }) => body);
    expect(after).toEqual(before);
    expect(after[0]).toMatchObject({ text: "Dear all", title: "Letter", fields: { language: "en" } });
    expect((await server.join("cem")).text).toBe("Dear all");
  });

  it("a message that was taken in before is known, and the next one is new", async () => {
    const ann = await server.join("ann");
    ann.insert(0, "once");
    await ann.settle();
    await server.restart();
    const again = await server.join("ann");
    expect(again.state?.session.last_id).toBe(1);
    again.send({ type: "insert", id: 1, position: 0, text: "once" });
    expect(await again.next("ack")).toMatchObject({ id: 1, duplicate: true, changes: [] });
    again.insert(4, " more");
    await again.settle();
    expect(again.text).toBe("once more");
  });
});

describe("a backup in the place of the folder (F12)", () => {
  it("lets clients that are ahead send again what it does not know, and uses no operation's id twice", async () => {
    const backup = pathOf(await newFolder(), "data");
    const ann = await server.join("ann");
    ann.insert(0, "kept ");
    await ann.settle();
    await server.stop();
    await mkdir(backup);
    await copyFile(pathOf(server.folder, "documents.mdb"), pathOf(backup, "documents.mdb"));

    await server.start();
    const ahead = await server.join("ann");
    for (const word of ["one ", "two "]) ahead.insert(ahead.text.length, word);
    await ahead.settle();
    await server.stop();
    const lost = await wholeDocument(server.folder);

    server = new KeptServer(backup);
    await server.start();
    const back = await server.join("ann");
    expect([back.text, back.state?.session.last_id]).toEqual(["kept ", 1]);
    back.send({ type: "insert", id: 2, position: 5, text: "one " });
    back.send({ type: "insert", id: 3, position: 9, text: "two " });
    await back.until(() => back.acked.has(3));
    expect((await server.api().get()).body.text).toBe("kept one two ");
    await server.stop();
    const kept = await wholeDocument(backup);

    // Whoever has seen both timelines finds operations of the same id equal: here none but the first word's.
    const both = new Document({ id: documentId("page"), replica: replicaId("reader") });
    both.merge(kept);
    both.merge(lost);
    expect(both.versionNumber).toBe(5 + 8 + 8);
  });
});

describe("a backup under a replica that is ahead of it (F12)", () => {
  it("is brought up to date by what the replica has more, under the same ids", async () => {
    const backup = pathOf(await newFolder(), "data");
    const ann = await server.replica("ann");
    ann.insert(0, "kept ");
    await ann.settle();
    await server.stop();
    await mkdir(backup);
    await copyFile(pathOf(server.folder, "documents.mdb"), pathOf(backup, "documents.mdb"));

    await server.start();
    const ahead = await server.replica("ann", ann.document);
    ahead.insert(5, "and more");
    await ahead.settle();
    await server.stop();

    server = new KeptServer(backup);
    await server.start();
    const back = await server.replica("ann", ahead.document);
    const [state] = back.frames;
    expect([state?.vector.toJSON(), back.text]).toEqual([{ ann: 5 }, "kept and more"]);
    back.sendUpdate(back.document.encode(state?.vector));
    await back.settle();
    const { body } = await server.api().get();
    expect([body.text, body.vector]).toEqual(["kept and more", { ann: 13 }]);
  });
});

describe("a backup under clients of the SDK that are ahead of it (F12)", () => {
  it("gets from each what they made, from them too what JSON clients made who are gone, and all read the same", async () => {
    const backup = pathOf(await newFolder(), "data");
    const clock = new ManualClock();
    const [ann, bob] = [sdk("ann", clock), sdk("bob", clock)];
    ann.insert(0, "kept ");
    await ann.whenSaved();
    await server.stop();
    await mkdir(backup);
    await copyFile(pathOf(server.folder, "documents.mdb"), pathOf(backup, "documents.mdb"));

    await server.start();
    const joe = await server.join("joe");
    joe.insert(5, "JOE ");
    await joe.settle();
    await until(clock, () => ann.text === "kept JOE " && bob.text === ann.text);
    ann.insert(7, "ann");
    bob.insert(0, "bob ");
    await until(
      clock,
      () => ann.state === "saved" && ann.text === "bob kept JOannE " && bob.text === ann.text,
    );
    await joe.leave();
    await server.stop();

    server = new KeptServer(backup);
    await server.start();
    await until(clock, () => ann.state === "saved" && bob.state === "saved" && !ann.unsaved && !bob.unsaved);
    const { body } = await server.api().get();
    expect([body.text, ann.text, bob.text]).toEqual(Array(3).fill("bob kept JOannE "));
    await Promise.all([ann.close(), bob.close()]);
  });
});

describe("an empty folder under a client that has a long document (F12)", () => {
  it("gets it all, in frames no larger than any other", async () => {
    const clock = new ManualClock();
    const [ann, joe] = [sdk("ann", clock), await server.join("joe")];
    const words = "fifteen letters".repeat(3_000);
    for (let part = 0; part < 30; part++) joe.insert(part * words.length, words);
    await joe.settle();
    await joe.leave();
    ann.insert(7, " or more");
    const text = words.repeat(30).replace("fifteen", "fifteen or more");
    await until(clock, () => ann.state === "saved" && ann.text.length === text.length);
    await server.stop();

    server = new KeptServer(await newFolder());
    await server.start();
    while ((await server.api().get()).body.text !== text) clock.advance(1_000);
    await until(clock, () => ann.state === "saved");
    expect([ann.text === text, ann.unsaved]).toEqual([true, 0]);
    await ann.close();
  });
});

describe("a damaged document (F5, J7)", () => {
  it("is named once and refused, and all others are served", async () => {
    for (const document of ["sound", "hurt"]) {
      const ann = await server.join("ann", { document });
      ann.insert(0, `The ${document} one`);
      await ann.settle();
    }
    await server.stop();
    await damage(pathOf(server.folder, "documents.mdb"), "The hurt one");
    await server.start();
    const ann = await server.connect("ann", "hurt");
    ann.send({ type: "join" });
    expect(await ann.next("error", 0)).toMatchObject({ code: "DAMAGED", in_reply_to: "join" });
    expect((await server.api("hurt").get()).status).toBe(500);
    expect((await server.api("hurt").get()).body.code).toBe("DAMAGED");
    expect((await server.join("ann", { document: "sound" })).text).toBe("The sound one");
    expect(server.damaged).toEqual(["main/hurt"]);
  });
});

/** A client that finds whatever server there is at the moment, and lives by `clock`. */
function sdk(user: string, clock: ManualClock): RemoteDocument {
  const open: Platform["open"] = (url, listener) =>
    openSocket(new URL(new URL(url).pathname, server.address.replace("http", "ws")).href, { listener });
  const platform = { open, clock, random: () => 0 };
  return connect("ws://motet.example", { document: "page", user, store: new MemoryLocalStore(), platform });
}

/** Lets time pass, a tenth of a second for each turn of the network, until `condition` holds. */
async function until(clock: ManualClock, condition: () => boolean): Promise<void> {
  while (!condition()) {
    clock.advance(100);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The only document of a folder, as a replica that has read it all. */
async function wholeDocument(folder: string): Promise<Document> {
  const store = await LmdbDocumentStore.open({ folder });
  const manager = new DocumentManager({
    store,
    published: () => {},
    newReplicaId: () => replicaId("reader"),
  });
  const key: DocumentKey = documentKey(tenantId("main"), documentId("page"));
  const update = await manager.withDocument(key, ({ document }) => document.encode());
  await manager.close();
  await store.close();
  const whole = new Document({ id: documentId("page"), replica: replicaId("reader") });
  whole.receive(update);
  return whole;
}

/** Flips one bit in every place of `file` where `text` stands. */
async function damage(file: string, text: string): Promise<void> {
  const bytes = await readFile(file);
  let found = 0;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    bytes[at]! ^= 1;
    found++;
  }
  expect(found, "places where the text stands").toBeGreaterThan(0);
  await writeFile(file, bytes);
}
