import { replicaId, VersionVector } from "@motet/crdt-core";
import { describe, expect, it } from "vitest";
import { Document, documentId, documentKey, MemoryDocumentStore, tenantId } from "../src/index.js";
import { ControlledStore } from "./support/controlled-store.js";
import { replicas, said, type } from "./support/replicas.js";
import { ann, bob, codeOf, novel, turns, world } from "./support/world.js";

const insert = (position: number, text: string) => ({ type: "insert", position, text }) as const;

describe("the server's documents", () => {
  it("are there again after a restart: text, title, counters and fields (F1)", async () => {
    const store = new MemoryDocumentStore();
    const first = world(store, {}, "first");
    const operations = [
      insert(0, "Call me Ishmael"),
      { type: "set_title", title: "Moby-Dick" },
      { type: "increment_counter", counter: "likes", amount: 3 },
      { type: "set_field", field: "language", value: "en" },
      { type: "delete", position: 0, length: 5 },
    ] as const;
    for (const operation of operations)
      await first.manager.applyOperation(novel, operation, { user: ann, nowMs: 1 });
    await first.manager.close();
    const snapshot = await world(store, {}, "second").manager.getSnapshot(novel);
    expect(snapshot).toMatchObject({ text: "me Ishmael", title: "Moby-Dick", versionNumber: 23 });
    expect([...snapshot.counters, ...snapshot.fields]).toEqual([
      ["likes", 3],
      ["language", "en"],
    ]);
  });

  it("are loaded once, however many open them", async () => {
    const store = new ControlledStore();
    const { manager } = world(store);
    const opened = await Promise.all(Array.from({ length: 500 }, () => manager.open(novel)));
    expect([store.loads, new Set(opened).size, manager.openDocuments]).toEqual([1, 1, 1]);
    for (const document of opened) document.release();
    expect(manager.openDocuments).toBe(0);
  });

  it("refuse to open while the store cannot be read, and are never empty instead", async () => {
    const store = new ControlledStore();
    const { manager } = world(store);
    await manager.applyOperation(novel, insert(0, "precious"), { user: ann, nowMs: 1 });
    store.failing.add("load");
    const outcomes = await Promise.all(
      [1, 2].map(() => manager.open(novel).catch((error: unknown) => error)),
    );
    expect(outcomes).toEqual(
      outcomes.map(() => expect.objectContaining({ code: "STORE_UNAVAILABLE", retryable: true })),
    );
    expect(manager.openDocuments).toBe(0);
    store.failing.clear();
    expect((await manager.getSnapshot(novel)).text).toBe("precious");
  });

  it("tell a damaged log from an unreadable store, and serve all others (F6, J7)", async () => {
    const store = new MemoryDocumentStore();
    const { manager } = world(store);
    const other = documentKey(tenantId("acme"), documentId("other"));
    for (const id of [novel, other]) {
      await manager.applyOperation(id, insert(0, "fine"), { user: ann, nowMs: 1 });
      await manager.applyOperation(id, insert(4, "!"), { user: ann, nowMs: 1 });
    }
    const [first, second] = await store.load(novel);
    await store.delete(novel);
    await store.append(novel, second!.key, second!.bytes); // The log has lost its beginning.
    expect(await codeOf(() => manager.getSnapshot(novel))).toBe("DAMAGED");
    await store.delete(novel);
    await store.append(novel, first!.key, first!.bytes.slice(0, -2));
    expect(await codeOf(() => manager.getSnapshot(novel))).toBe("DAMAGED");
    expect((await manager.getSnapshot(other)).text).toBe("fine!");
  });

  it("are forgotten when the last one leaves, but not before what is in flight is durable", async () => {
    const store = new ControlledStore();
    const { manager } = world(store);
    const [first, second] = [await manager.open(novel), await manager.open(novel)];
    first.release();
    expect(manager.openDocuments).toBe(1);
    store.holding = true;
    second.apply(insert(0, "x"), { user: ann, nowMs: 1 });
    second.release();
    await turns();
    expect(manager.openDocuments).toBe(1);
    store.confirm();
    await turns();
    expect(manager.openDocuments).toBe(0);
  });

  it("stay when somebody comes back before they are forgotten", async () => {
    const store = new ControlledStore();
    const { manager } = world(store);
    const first = await manager.open(novel);
    store.holding = true;
    first.apply(insert(0, "x"), { user: ann, nowMs: 1 });
    first.release();
    const again = await manager.open(novel);
    store.confirm();
    await turns();
    expect(again).toBe(first);
    expect([manager.openDocuments, store.loads]).toEqual([1, 1]);
  });

  it("leave nothing behind after 10,000 times opened and closed (E9)", async () => {
    const { manager, store } = world();
    await manager.applyOperation(novel, insert(0, "x"), { user: ann, nowMs: 1 });
    for (let cycle = 0; cycle < 10_000; cycle++) (await manager.open(novel)).release();
    for (let cycle = 0; cycle < 1_000; cycle++) {
      (await manager.open(documentKey(tenantId("acme"), documentId(`touched-${cycle}`)))).release();
    }
    expect([manager.openDocuments, manager.queuedBytes]).toEqual([0, 0]);
    expect(await store.list({ limit: 10 })).toEqual([novel]);
  });

  it("close after what is in flight, and open no more", async () => {
    const store = new ControlledStore();
    const { manager, published } = world(store);
    const document = await manager.open(novel);
    store.holding = true;
    document.apply(insert(0, "x"), { user: ann, nowMs: 1 });
    const closed = manager.close();
    await turns();
    store.confirm();
    await closed;
    expect(published).toHaveLength(1);
    expect(await codeOf(() => manager.open(novel))).toBe("CLOSED");
  });

  it("count every operation that was stored", async () => {
    const { manager } = world();
    await manager.applyOperation(novel, insert(0, "four"), { user: ann, nowMs: 1 });
    await manager.applyOperation(novel, { type: "set_title", title: "t" }, { user: bob, nowMs: 1 });
    expect(manager.operationsTotal).toBe(5);
  });

  it("say what changed between two states: operations and content", async () => {
    const { manager } = world();
    await manager.applyOperation(novel, insert(0, "one two"), { user: ann, nowMs: 1 });
    const { version: from } = await manager.getSnapshot(novel);
    await manager.applyOperation(novel, { type: "delete", position: 0, length: 4 }, { user: bob, nowMs: 2 });
    await manager.applyOperation(novel, { type: "set_title", title: "Two" }, { user: bob, nowMs: 2 });
    await manager.applyOperation(
      novel,
      { type: "increment_counter", counter: "c", amount: 2 },
      { user: ann, nowMs: 2 },
    );
    const diff = await manager.getDiff(novel, from);
    expect(diff.operations.map((one) => one.operation.type).sort()).toEqual([
      "delete",
      "increment_counter",
      "set_title",
    ]);
    expect(diff.text.steps).toEqual([{ delete: 4 }]);
    expect(diff.title).toEqual({ from: "", to: "Two" });
    expect([...diff.counters]).toEqual([["c", { from: 0, to: 2 }]]);
    expect((await manager.getDiff(novel, diff.to, from)).operations).toEqual([]);
    const future = new VersionVector([[replicaId("nobody"), 1]]);
    expect(await codeOf(() => manager.getDiff(novel, future))).toBe("UNKNOWN_ID");
  });

  it("hold no more than their limits: operations, characters, replicas (E10)", async () => {
    const { manager } = world(new MemoryDocumentStore(), {
      operationsMax: 6,
      textUnitsMax: 4,
      replicasMax: 2,
    });
    const held = await manager.open(novel);
    const context = { user: ann, nowMs: 1 };
    expect(await codeOf(() => held.apply(insert(0, "12345"), context))).toBe("LIMIT");
    held.apply(insert(0, "1234"), context);
    expect(await codeOf(() => held.apply(insert(0, "5"), context))).toBe("LIMIT");
    held.apply({ type: "delete", position: 0, length: 2 }, context);
    expect(await codeOf(() => held.apply({ type: "set_title", title: "t" }, context))).toBe("LIMIT");
    const [client] = replicas("client");
    expect(await codeOf(() => held.receive(type(client, 0, "x"), context))).toBe("LIMIT");
    await turns();
    expect((await manager.getSnapshot(novel)).text).toBe("34");
  });

  it("hold no more titles, counts and fields than their limit, those that were changed since counted in (E10)", async () => {
    const { manager } = world(new MemoryDocumentStore(), { rowBytesMax: 100 });
    const held = await manager.open(novel);
    const context = { user: ann, nowMs: 1 };
    const set = (value: string) => held.apply({ type: "set_field", field: "f", value }, context);
    for (const value of ["x".repeat(60), "y".repeat(60)]) set(value);
    expect(held.document.rowBytes).toBeGreaterThan(120);
    expect(await codeOf(() => set(""))).toBe("LIMIT");
    expect(await codeOf(() => held.apply({ type: "set_title", title: "" }, context))).toBe("LIMIT");
    held.apply(insert(0, "text"), context);
    await turns();
    const again = new Document({ id: documentId("novel"), replica: replicaId("again") });
    again.load(held.document.encode());
    expect(again.rowBytes).toBe(held.document.rowBytes);
  });
});

describe("a client's replica", () => {
  it("belongs to the user who brought it, for ever (D8)", async () => {
    const store = new MemoryDocumentStore();
    const { manager } = world(store, {}, "first");
    const [client] = replicas("client");
    await manager.mergeReplica(novel, type(client, 0, "mine"), { user: ann, nowMs: 1 });
    const forged = type(client, 0, "not hers");
    expect(await codeOf(() => manager.mergeReplica(novel, forged, { user: bob, nowMs: 2 }))).toBe(
      "REPLICA_TAKEN",
    );
    await manager.close();
    const again = world(store, {}, "second").manager;
    expect(await codeOf(() => again.mergeReplica(novel, forged, { user: bob, nowMs: 2 }))).toBe(
      "REPLICA_TAKEN",
    );
    await again.mergeReplica(novel, forged, { user: ann, nowMs: 3 });
    expect((await again.getSnapshot(novel)).text).toBe("not hersmine");
  });

  it("is told with a refusal which operation was the first to be refused", async () => {
    const { manager } = world();
    const [client] = replicas("client");
    const held = await manager.open(novel);
    held.receive(type(client, 0, "abc"), { user: ann, nowMs: 1 });
    client.apply(insert(0, "x"), 1);
    client.apply({ type: "set_title", title: "from the future" }, 9_000);
    const refusal = (user: typeof ann) => {
      try {
        return held.receive(client.encode(), { user, nowMs: 1 });
      } catch (error) {
        return error;
      }
    };
    expect(refusal(bob)).toMatchObject({ code: "REPLICA_TAKEN", operation: { replica: "client", seq: 4 } });
    expect(refusal(ann)).toMatchObject({ code: "CLOCK_AHEAD", operation: { replica: "client", seq: 5 } });
    expect([held.document.versionNumber, held.userOf(client.replica)]).toEqual([3, "ann"]);
  });

  it("is never one under which a server writes, not even that user's", async () => {
    const { manager, published } = world();
    await manager.applyOperation(novel, insert(0, "x"), { user: ann, nowMs: 1 });
    const { replica } = published[0]!.change.applied[0]!;
    const forger = new Document({ id: documentId("novel"), replica });
    forger.receive(published[0]!.update);
    const update = type(forger, 0, "y");
    expect(await codeOf(() => manager.mergeReplica(novel, update, { user: ann, nowMs: 2 }))).toBe(
      "REPLICA_TAKEN",
    );
  });

  it("may bring others' operations that are known here: they change nothing and bind nobody", async () => {
    const { manager } = world();
    const [one, two] = replicas("one", "two");
    await manager.mergeReplica(novel, type(one, 0, "ann's "), { user: ann, nowMs: 1 });
    two.merge(one);
    two.apply(insert(6, "bob's"), 1);
    const commit = await manager.mergeReplica(novel, two.encode(), { user: bob, nowMs: 2 });
    expect(commit.change.applied).toEqual([{ replica: "two", from: 1, to: 5 }]);
    expect((await manager.getSnapshot(novel)).text).toBe("ann's bob's");
  });

  it("is bound by the faster of two nodes, and the slower one reads the document again", async () => {
    const store = new MemoryDocumentStore();
    const [left, right] = [world(store, {}, "left"), world(store, {}, "right")];
    const slow = await right.manager.open(novel);
    const [client] = replicas("client");
    await left.manager.mergeReplica(novel, type(client, 0, "x"), { user: ann, nowMs: 1 });
    const [twin] = replicas("client");
    slow.receive(type(twin, 0, "y"), { user: bob, nowMs: 1 });
    await turns(5);
    expect(right.published).toEqual([]);
    expect(right.refused.map(({ error }) => error.code)).toEqual(["NOT_SAVED"]);
    expect((await right.manager.getSnapshot(novel)).text).toBe("x");
  });

  it("is told nothing new by an update that it has, and gets its answer all the same (A2, C11)", async () => {
    const { manager, published } = world();
    const [client] = replicas("client");
    const update = type(client, 0, "once");
    const first = await manager.mergeReplica(novel, update, { user: ann, nowMs: 1 });
    const again = await manager.mergeReplica(novel, update, { user: ann, nowMs: 2 });
    expect([first.version, again.version, again.update.length]).toEqual([4, 4, 0]);
    expect(published).toHaveLength(2);
    expect((await manager.getSnapshot(novel)).text).toBe("once");
  });

  it("has what came too early stored and told only when it takes effect (A3)", async () => {
    const { manager, published, store } = world();
    const [one, two, reader] = replicas("one", "two", "reader");
    const held = await manager.open(novel);
    const base = type(one, 0, "base");
    two.receive(base);
    held.receive(type(two, 4, " more"), { user: bob, nowMs: 1 });
    await turns();
    expect(published[0]).toMatchObject({ version: 0, change: { waiting: 5 } });
    expect(published[0]!.update).toHaveLength(0);
    held.receive(base, { user: ann, nowMs: 2 });
    await turns();
    reader.receive(published[1]!.update);
    expect(said(reader)).toEqual(said(held.document));
    expect((await world(store, {}, "again").manager.getSnapshot(novel)).text).toBe("base more");
  });

  it("is refused with nothing changed when a title is from the future (H1)", async () => {
    const { manager } = world();
    const [client] = replicas("client");
    client.apply({ type: "insert", position: 0, text: "x" }, 0);
    client.apply({ type: "set_title", title: "locked" }, 9_000_000);
    const context = { user: ann, nowMs: 1_000_000 };
    expect(await codeOf(() => manager.mergeReplica(novel, client.takeUpdate()!, context))).toBe(
      "CLOCK_AHEAD",
    );
    expect(await manager.getSnapshot(novel)).toMatchObject({ text: "", title: "", versionNumber: 0 });
  });
});

describe("a message that is sent again", () => {
  it("is answered again and not applied again, also after a restart (C11)", async () => {
    const store = new MemoryDocumentStore();
    const { manager } = world(store, {}, "first");
    const message = { client: "tab-1", id: 1 };
    const first = await manager.applyOperation(novel, insert(0, "x"), { user: ann, nowMs: 1, message });
    expect("duplicate" in first).toBe(false);
    const again = await manager.applyOperation(novel, insert(0, "x"), { user: ann, nowMs: 2, message });
    expect(again).toEqual({ duplicate: true, message });
    await manager.close();
    const { manager: restarted } = world(store, {}, "second");
    const late = await restarted.applyOperation(novel, insert(0, "x"), { user: ann, nowMs: 3, message });
    expect(late).toEqual({ duplicate: true, message });
    expect((await restarted.getSnapshot(novel)).text).toBe("x");
  });

  it("is told apart from another user's and another client's of the same number", async () => {
    const { manager } = world();
    for (const [user, client] of [
      [ann, "tab"],
      [bob, "tab"],
      [ann, "other"],
    ] as const) {
      await manager.applyOperation(novel, insert(0, "x"), { user, nowMs: 1, message: { client, id: 1 } });
    }
    expect((await manager.getSnapshot(novel)).text).toBe("xxx");
  });

  it("may be sent again when it was refused", async () => {
    const { manager } = world();
    const message = { client: "tab", id: 1 };
    const bad = () => manager.applyOperation(novel, insert(9, "x"), { user: ann, nowMs: 1, message });
    expect(await codeOf(bad)).toBe("OUT_OF_RANGE");
    await manager.applyOperation(novel, insert(0, "x"), { user: ann, nowMs: 1, message });
    expect((await manager.getSnapshot(novel)).text).toBe("x");
  });

  it("counts as accepted even when it changed nothing any more", async () => {
    const { manager, store } = world();
    const held = await manager.open(novel);
    held.apply(insert(0, "x"), { user: ann, nowMs: 1 });
    held.apply({ type: "delete", position: 0, length: 1 }, { user: ann, nowMs: 1 });
    const view = { version: 1, client: "tab" };
    const message = { client: "tab", id: 5 };
    const commit = held.apply(
      { type: "delete", position: 0, length: 1 },
      { user: bob, nowMs: 1, view, message },
    );
    expect(commit).toMatchObject({ version: 3, change: { isEmpty: true } });
    await turns();
    const restarted = await world(store, {}, "again").manager.open(novel);
    expect(restarted.lastMessageId(bob, "tab")).toBe(5);
  });

  it("is forgotten only after more clients than are remembered have written", async () => {
    const { manager } = world(new MemoryDocumentStore(), { messageClientsMax: 2 });
    const held = await manager.open(novel);
    for (const client of ["a", "b", "a", "c"]) {
      const id = held.lastMessageId(ann, client) + 1;
      held.apply(insert(0, "x"), { user: ann, nowMs: 1, message: { client, id } });
    }
    expect(["a", "b", "c"].map((client) => held.lastMessageId(ann, client))).toEqual([2, 0, 1]);
  });
});
