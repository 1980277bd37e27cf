import { replicaId } from "@motet/crdt-core";
import { describe, expect, it } from "vitest";
import { Document, documentId, documentKey, MemoryDocumentStore, tenantId } from "../src/index.js";
import { ControlledStore } from "./support/controlled-store.js";
import { asked } from "./support/requests.js";
import { ann, bob, codeOf, novel, turns, world } from "./support/world.js";

const insert = (position: number, text: string) => ({ type: "insert", position, text }) as const;
const title = (text: string) => ({ type: "set_title", title: text }) as const;
const context = { user: ann, nowMs: 1_000 };
const acme = tenantId("acme");

/** Tells when something is to be put in the place of entries. */
class NoticingStore extends MemoryDocumentStore {
  replacing = () => {};

  override async replace(...call: Parameters<MemoryDocumentStore["replace"]>): Promise<number> {
    this.replacing();
    return super.replace(...call);
  }
}

describe("creating a document", () => {
  it("gives it what it begins with, once", async () => {
    const { manager } = world();
    const both = ["one", "two"].map((text) =>
      codeOf(() => manager.create(novel, [insert(0, text)], context)),
    );
    expect(await Promise.all(both)).toEqual(["none", "EXISTS"]);
    expect((await manager.getSnapshot(novel)).text).toBe("one");
  });

  it("is decided by the store between two nodes", async () => {
    const store = new MemoryDocumentStore();
    const nodes = [world(store, {}, "east"), world(store, {}, "west")];
    const outcomes = await Promise.all(
      nodes.map(({ manager }, at) => codeOf(() => manager.create(novel, [insert(0, `node ${at}`)], context))),
    );
    expect(outcomes).toEqual(["none", "EXISTS"]);
    for (const { manager } of nodes) expect((await manager.getSnapshot(novel)).text).toBe("node 0");
  });

  it("is done once, however often it is asked for under one key", async () => {
    const { manager } = world();
    const create = () => manager.create(novel, [insert(0, "one")], asked("k"));
    expect(await create()).toEqual({ version: 3, repeated: false });
    expect(await create()).toEqual({ version: 3, repeated: true });
  });
});

describe("deleting a document", () => {
  /** Ann's own replica, and the server's for Bob, have written. */
  async function written() {
    const store = new MemoryDocumentStore();
    const first = world(store, {}, "first");
    const replica = new Document({ id: documentId("novel"), replica: replicaId("tab") });
    replica.apply(insert(0, "secret"), 1);
    await first.manager.mergeReplica(novel, replica.takeUpdate()!, context);
    await first.manager.applyOperation(novel, insert(6, " plan"), { user: bob, nowMs: 2 });
    return { ...first, store, replica };
  }

  it("leaves nothing of it, in memory or in the store, and says whether there was anything", async () => {
    const { manager, store } = await written();
    expect([await manager.delete(novel), await manager.delete(novel)]).toEqual([true, false]);
    expect((await manager.getSnapshot(novel)).versionNumber).toBe(0);
    const entries = await store.load(novel);
    expect(Buffer.concat(entries.map(({ bytes }) => bytes)).toString("latin1")).not.toContain("secret");
    expect(await manager.list({ tenant: acme, limit: 10 })).toEqual([]);
  });

  it("lets it begin anew, and never shows what it was, also after a restart", async () => {
    const { manager, store, replica } = await written();
    await manager.delete(novel);
    await manager.create(novel, [insert(0, "new")], context);
    const second = world(store, { compactEntries: 2 }, "second");
    for (const one of [manager, second.manager]) {
      replica.apply(insert(0, "more "), 3);
      const update = replica.encode();
      expect(await codeOf(() => one.mergeReplica(novel, update, context))).toBe("DELETED");
      expect((await one.getSnapshot(novel)).text).toBe("new");
    }
    for (const text of ["a", "b", "c"]) await second.manager.applyOperation(novel, insert(0, text), context);
    const open = await world(store, {}, "third").manager.open(novel);
    expect([open.document.text, open.recalls(replica.version)]).toEqual(["cbanew", true]);
    await second.manager.delete(novel);
    expect(await codeOf(() => second.manager.mergeReplica(novel, replica.encode(), context))).toBe("DELETED");
  });

  it("is told to those who have it open, and what they write meanwhile is not accepted", async () => {
    const store = new NoticingStore();
    const { manager, refused, published } = world(store);
    await manager.applyOperation(novel, insert(0, "old"), context);
    const open = await manager.open(novel);
    let late: Promise<string> | undefined;
    store.replacing = () => {
      late = codeOf(() => open.apply(insert(0, "late"), context));
    };
    await manager.delete(novel);
    expect(refused.map(({ error }) => error.code)).toEqual(["DELETED"]);
    expect([await late, published.length]).toEqual(["NOT_SAVED", 1]);
    expect(await codeOf(() => open.apply(insert(0, "later"), context))).toBe("DELETED");
    open.release();
  });

  it("that the store refuses leaves the document as it was", async () => {
    const store = new ControlledStore();
    const { manager, refused } = world(store);
    await manager.applyOperation(novel, insert(0, "precious"), context);
    store.failing.add("replace");
    expect(await codeOf(() => manager.delete(novel))).toBe("STORE_UNAVAILABLE");
    expect(refused.map(({ error }) => error.code)).toEqual(["NOT_SAVED"]);
    store.failing.clear();
    expect((await manager.getSnapshot(novel)).text).toBe("precious");
  });

  it("waits for what is on its way to the store", async () => {
    const store = new ControlledStore();
    const { manager, published } = world(store);
    store.holding = true;
    const edit = manager.applyOperation(novel, insert(0, "first"), context);
    await turns();
    const deleted = manager.delete(novel);
    store.holding = false;
    store.confirm();
    expect([await codeOf(() => edit), await deleted, published.length]).toEqual(["none", true, 1]);
    expect((await manager.getSnapshot(novel)).versionNumber).toBe(0);
  });

  it("outlives the writes of a node that has not heard of it", async () => {
    const { manager, store } = await written();
    const behind = world(store, {}, "behind");
    const open = await behind.manager.open(novel);
    await manager.delete(novel);
    open.apply(insert(0, "ghost "), context);
    await turns();
    await manager.create(novel, [insert(0, "new")], context);
    expect((await world(store, {}, "third").manager.getSnapshot(novel)).text).toBe("new");
  });

  it("takes what another node has put together meanwhile with it", async () => {
    const { manager, store } = await written();
    await manager.open(novel);
    const other = world(store, { compactEntries: 2 }, "other");
    for (const text of ["a", "b", "c"]) await other.manager.applyOperation(novel, insert(0, text), context);
    await turns();
    expect(await manager.delete(novel)).toBe(true);
    expect((await world(store, {}, "third").manager.getSnapshot(novel)).versionNumber).toBe(0);
  });

  it("is how a damaged one goes", async () => {
    const { manager, store } = world();
    await manager.applyOperation(novel, insert(0, "fine"), context);
    const [entry] = await store.load(novel);
    await store.delete(novel);
    await store.append(novel, entry!.key, entry!.bytes.slice(0, -2));
    expect([await manager.delete(novel), await store.load(novel)]).toEqual([true, []]);
  });
});

describe("a document's log", () => {
  const copy = documentKey(acme, documentId("copy"));

  async function letter() {
    const one = world(undefined, {}, "one");
    await one.manager.applyOperation(novel, insert(0, "Dear"), context);
    await one.manager.applyOperation(novel, insert(4, " Bob"), { user: bob, nowMs: 90_000 });
    await one.manager.applyOperation(novel, title("Letter"), context);
    await one.manager.withDocument(novel, (open) => open.nameVersion("draft", context, { number: 4 }));
    return one.manager.exportLog(novel);
  }

  it("is the same after it was exported and imported elsewhere: text, history, authors and names", async () => {
    const { manager, store } = world(undefined, {}, "two");
    await manager.importLog(copy, await letter(), 100_000);
    for (const one of [manager, world(store, {}, "three").manager]) {
      const [said, blamed, then] = await one.withDocument(copy, ({ document, history }) => [
        document.snapshot(),
        history.blame(),
        history.at({ name: "draft" }).text,
      ]);
      expect([said.text, said.title, then]).toEqual(["Dear Bob", "Letter", "Dear"]);
      expect(blamed.map(({ user, atMs }) => [user, atMs])).toEqual([
        [ann, 1_000],
        [bob, 90_000],
      ]);
    }
  });

  it("is not imported over another", async () => {
    const { manager, refused } = world();
    await manager.applyOperation(copy, insert(0, "mine"), context);
    const log = await letter();
    expect(await codeOf(() => manager.importLog(copy, log, 100_000))).toBe("EXISTS");
    expect(refused).toEqual([]);
    expect((await manager.getSnapshot(copy)).text).toBe("mine");
  });

  it("of a document that was deleted brings it back", async () => {
    const { manager } = world(undefined, {}, "two");
    const log = await letter();
    await manager.importLog(novel, log, 100_000);
    await manager.delete(novel);
    await manager.importLog(novel, log, 100_000);
    expect((await manager.getSnapshot(novel)).text).toBe("Dear Bob");
  });

  it("is refused when it is empty, damaged, or from the future (H1)", async () => {
    const { manager } = world();
    const log = await letter();
    for (const [entries, nowMs] of [
      [[], 100_000],
      [[log[0]!.slice(0, -1)], 100_000],
      [log, 400],
    ] as const) {
      expect(await codeOf(() => manager.importLog(copy, entries, nowMs))).toBe("DAMAGED");
    }
    expect((await manager.getSnapshot(copy)).versionNumber).toBe(0);
    expect(await manager.exportLog(copy)).toEqual([]);
  });
});

it("a time that a log could not hold is refused, and what was there stays readable (H3)", async () => {
  const { manager, store } = world();
  await manager.applyOperation(novel, insert(0, "a"), { user: ann, nowMs: 0 });
  const latest = 2 ** 52 - 1;
  for (const nowMs of [latest + 1, 8.64e15, Number.MAX_SAFE_INTEGER, Number.NaN, -1, 0.5]) {
    expect(await codeOf(() => manager.applyOperation(novel, insert(0, "b"), { user: ann, nowMs }))).toBe(
      "MALFORMED",
    );
  }
  for (const nowMs of [latest, 0, latest]) {
    await manager.applyOperation(novel, insert(0, "c"), { user: ann, nowMs });
  }
  expect((await world(store, {}, "second").manager.getSnapshot(novel)).text).toBe("ccca");
});
