import { describe, expect, it } from "vitest";
import { documentId, documentKey, tenantId } from "../src/index.js";
import { ControlledStore } from "./support/controlled-store.js";
import { replicas, type } from "./support/replicas.js";
import { ann, bob, codeOf, novel, turns, world } from "./support/world.js";

const essay = documentKey(tenantId("acme"), documentId("essay"));
const insert = (position: number, text: string) => ({ type: "insert", position, text }) as const;

describe("a store whose promise is not kept yet (F14)", () => {
  it("lets nothing out: no commit, no joiner, no snapshot, no difference", async () => {
    const store = new ControlledStore();
    const { manager, published } = world(store);
    const document = await manager.open(novel);
    const before = document.document.version;
    store.holding = true;
    const shown: string[] = [];
    document.apply(insert(0, "secret"), { user: ann, nowMs: 1 });
    document.afterCommit(() => shown.push("joiner"));
    void manager.getSnapshot(novel).then(() => shown.push("snapshot"));
    void manager.getDiff(novel, before).then(() => shown.push("diff"));
    void manager.applyOperation(novel, insert(0, "x"), { user: bob, nowMs: 1 }).then(() => shown.push("ack"));
    await turns(5);
    expect([shown, published]).toEqual([[], []]);
    store.holding = false;
    store.confirm();
    await turns(5);
    expect(shown.sort()).toEqual(["ack", "diff", "joiner", "snapshot"]);
    expect(published.map((commit) => commit.user)).toEqual(["ann", "bob"]);
  });

  it("gathers what comes meanwhile into one entry, and lets it out with the next commit", async () => {
    const store = new ControlledStore();
    const { manager, published } = world(store);
    const document = await manager.open(novel);
    store.holding = true;
    for (const text of ["a", "b", "c"]) {
      document.apply(insert(0, text), { user: ann, nowMs: 1 });
      await turns(1);
    }
    expect(store.waiting).toBe(1);
    store.confirm();
    await turns();
    expect(published).toHaveLength(1);
    expect(store.waiting).toBe(1);
    store.confirm();
    await turns();
    expect(published.map((commit) => commit.version)).toEqual([1, 2, 3]);
    expect(await store.load(novel)).toHaveLength(2);
  });

  it("shares one commit among all documents that changed in a turn", async () => {
    const store = new ControlledStore();
    const { manager, published } = world(store);
    const names = ["a", "b", "c"].map((name) => documentKey(tenantId("acme"), documentId(name)));
    const documents = await Promise.all(names.map((name) => manager.open(name)));
    store.holding = true;
    for (const document of documents) document.apply(insert(0, "x"), { user: ann, nowMs: 1 });
    await turns();
    expect(store.waiting).toBe(3);
    store.confirm();
    await turns();
    expect(published).toHaveLength(3);
  });

  it("holds up its own document only, and what was written to that in the meantime is stored before the manager closes", async () => {
    const store = new ControlledStore();
    const { manager, published } = world(store);
    const [slow, quick] = [await manager.open(novel), await manager.open(essay)];
    store.holding = true;
    slow.apply(insert(0, "a"), { user: ann, nowMs: 1 });
    await turns();
    slow.apply(insert(0, "b"), { user: ann, nowMs: 2 });
    store.holding = false;
    quick.apply(insert(0, "c"), { user: bob, nowMs: 3 });
    await turns();
    expect(published.map((commit) => commit.user)).toEqual(["bob"]);
    const closed = manager.close();
    store.confirm();
    await closed;
    expect(published.map((commit) => commit.user)).toEqual(["bob", "ann", "ann"]);
    expect(await store.load(novel)).toHaveLength(2);
  });

  it("counts the bytes that wait, and none when they are through", async () => {
    const store = new ControlledStore();
    const { manager } = world(store);
    const document = await manager.open(novel);
    store.holding = true;
    document.apply(insert(0, "x".repeat(1000)), { user: ann, nowMs: 1 });
    await turns();
    expect(manager.queuedBytes).toBeGreaterThan(1000);
    store.confirm();
    await turns();
    expect(manager.queuedBytes).toBe(0);
  });

  it("stores a client's claim to its replica before anything written under it", async () => {
    const store = new ControlledStore();
    const { manager, published } = world(store);
    const document = await manager.open(novel);
    store.holding = true;
    const [client] = replicas("client");
    document.receive(type(client, 0, "x"), { user: ann, nowMs: 1 });
    await turns();
    expect(store.waiting).toBe(1);
    store.confirm();
    await turns();
    expect((await store.load(novel)).map((entry) => entry.key)).toEqual(["replica-0-client"]);
    expect(published).toEqual([]);
    store.confirm();
    await turns();
    expect(published).toHaveLength(1);
  });
});

describe("what leaves a document", () => {
  it("leaves in the order in which it was asked for, commits and all else", async () => {
    const { manager, published } = world();
    const document = await manager.open(novel);
    const heard: string[] = [];
    const now = () => heard.push(`told after ${published.length}`);
    document.afterCommit(now);
    document.apply(insert(0, "a"), { user: ann, nowMs: 1 });
    document.afterCommit(now);
    document.apply(insert(0, "b"), { user: ann, nowMs: 1 });
    document.apply(insert(0, "c"), { user: ann, nowMs: 1 });
    document.afterCommit(now);
    expect(heard).toEqual(["told after 0"]);
    await turns();
    expect(heard).toEqual(["told after 0", "told after 1", "told after 3"]);
  });

  it("waits behind the rest of its batch when it is asked for by a listener", async () => {
    const { manager, published } = world();
    const document = await manager.open(novel);
    const heard: number[] = [];
    document.apply(insert(0, "a"), { user: ann, nowMs: 1 });
    document.afterCommit(() => document.afterCommit(() => heard.push(published.length)));
    document.apply(insert(0, "b"), { user: ann, nowMs: 1 });
    await turns();
    expect(heard).toEqual([2]);
  });

  it("brings the author's token back, and what other replicas need", async () => {
    const { manager, published } = world();
    const socket = { name: "socket" };
    const document = await manager.open(novel);
    document.apply(insert(0, "hi"), {
      user: ann,
      nowMs: 7,
      origin: socket,
      message: { client: "tab", id: 1 },
    });
    await turns();
    const [reader] = replicas("reader");
    reader.receive(published[0]!.update);
    expect(reader.text).toBe("hi");
    expect(published[0]!.origin).toBe(socket);
    expect(published[0]).toMatchObject({
      user: "ann",
      version: 2,
      atMs: 7,
      message: { client: "tab", id: 1 },
    });
  });
});

describe("a store that refuses (F3)", () => {
  it("gets nothing acknowledged or told, and the document is read again before it serves anyone", async () => {
    const store = new ControlledStore();
    const { manager, published, refused } = world(store);
    const document = await manager.open(novel);
    document.apply(insert(0, "kept"), { user: ann, nowMs: 1 });
    await turns();
    store.failing.add("append");
    document.apply(insert(0, "lost"), { user: ann, nowMs: 2 });
    const joined: string[] = [];
    document.afterCommit(
      () => joined.push("joined"),
      (error) => joined.push(error.code),
    );
    await turns();
    expect([published.length, joined]).toEqual([1, ["NOT_SAVED"]]);
    expect(refused.map(({ commits, error }) => [commits.length, error.code, error.retryable])).toEqual([
      [1, "NOT_SAVED", true],
    ]);
    expect(await codeOf(() => document.apply(insert(0, "x"), { user: ann, nowMs: 3 }))).toBe("NOT_SAVED");
    expect((await manager.getSnapshot(novel)).text).toBe("kept");
    store.failing.clear();
    await manager.applyOperation(novel, insert(4, " again"), { user: ann, nowMs: 4 });
    expect((await manager.getSnapshot(novel)).text).toBe("kept again");
  });

  it("refuses what gathered behind the failed commit as well", async () => {
    const store = new ControlledStore();
    const { manager, published, refused } = world(store);
    const document = await manager.open(novel);
    store.holding = true;
    document.apply(insert(0, "a"), { user: ann, nowMs: 1 });
    await turns();
    document.apply(insert(0, "b"), { user: bob, nowMs: 1 });
    store.failing.add("append");
    store.confirm();
    await turns();
    expect(published).toEqual([]);
    expect(refused.map(({ commits }) => commits.map((commit) => commit.user))).toEqual([["ann", "bob"]]);
    expect(manager.openDocuments).toBe(0);
  });

  it("is heard of even when it was no change that was lost: the document's readers have to leave it", async () => {
    const store = new ControlledStore();
    const { manager, refused } = world(store);
    const document = await manager.open(novel);
    store.failing.add("append");
    document.nameVersion("draft", { user: ann, nowMs: 1 });
    await turns();
    expect(refused.map(({ commits, error }) => [commits.length, error.code])).toEqual([[0, "NOT_SAVED"]]);
    store.failing.clear();
    expect((await manager.open(novel)).history.names()).toEqual([]);
  });

  it("rejects the promise of whoever asked in this process", async () => {
    const store = new ControlledStore();
    const { manager } = world(store);
    store.failing.add("append");
    const work = () => manager.applyOperation(novel, insert(0, "x"), { user: ann, nowMs: 1 });
    expect(await codeOf(work)).toBe("NOT_SAVED");
    expect((await manager.getSnapshot(novel)).text).toBe("");
  });

  it("never has a seq used twice, though nobody knows which ones it kept", async () => {
    const store = new ControlledStore();
    const { manager, published } = world(store);
    await manager.applyOperation(novel, insert(0, "a"), { user: ann, nowMs: 1 });
    store.failing.add("append");
    await codeOf(() => manager.applyOperation(novel, insert(0, "b"), { user: ann, nowMs: 1 }));
    store.failing.clear();
    await manager.applyOperation(novel, insert(0, "c"), { user: ann, nowMs: 1 });
    const [before, after] = published.map((commit) => commit.change.applied[0]!.replica);
    expect(after).not.toBe(before);
  });

  it("harms no other document", async () => {
    const store = new ControlledStore();
    const { manager, published } = world(store);
    const other = documentKey(tenantId("acme"), documentId("other"));
    const [broken, fine] = [await manager.open(novel), await manager.open(other)];
    const append = store.append.bind(store);
    store.append = (id, key, bytes) =>
      id === novel ? Promise.reject(new Error("EIO")) : append(id, key, bytes);
    for (const document of [broken, fine]) document.apply(insert(0, "x"), { user: ann, nowMs: 1 });
    await turns();
    expect(published).toHaveLength(1);
    fine.apply(insert(0, "y"), { user: ann, nowMs: 1 });
    await turns();
    expect((await manager.getSnapshot(other)).text).toBe("yx");
  });
});
