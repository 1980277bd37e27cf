import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import { MemoryDocumentStore, type OpenDocument } from "../src/index.js";
import { ControlledStore } from "./support/controlled-store.js";
import { replicas, someOperation, type } from "./support/replicas.js";
import { ann, bob, codeOf, novel, turns, world } from "./support/world.js";

const limits = { compactEntries: 10 };

/** Types `count` letters, one commit each. */
async function write(document: OpenDocument, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    document.apply({ type: "insert", position: 0, text: "x" }, { user: n % 2 ? ann : bob, nowMs: n * 5_000 });
    await turns(1);
  }
  await turns();
}

/** Everything that a document knows, as plain data. */
function known(document: OpenDocument): unknown {
  const { text, title, counters, fields, versionNumber } = document.document.snapshot();
  const names = document.history.names().map((named) => [named.name, named.version.toJSON()]);
  const { history } = document;
  return {
    text,
    title,
    counters,
    fields,
    versionNumber,
    names,
    blame: history.blame(),
    sittings: history.sittings(),
  };
}

describe("a log that has grown long", () => {
  it("is put together, and says the same afterwards: text, authors, times, names, messages, bindings", async () => {
    const { manager, store } = world(new MemoryDocumentStore(), limits);
    const document = await manager.open(novel);
    const [client] = replicas("client");
    document.receive(type(client, 0, "from a replica"), { user: ann, nowMs: 1 });
    document.apply(
      { type: "set_title", title: "t" },
      { user: bob, nowMs: 2, message: { client: "tab", id: 9 } },
    );
    document.nameVersion("early", { user: ann, nowMs: 3 });
    await write(document, 30);
    expect((await store.load(novel)).length).toBeLessThan(20);
    const before = known(document);
    await manager.close();
    const again = world(store, limits, "again");
    const reopened = await again.manager.open(novel);
    expect(known(reopened)).toEqual(before);
    expect(reopened.lastMessageId(bob, "tab")).toBe(9);
    const stolen = () => reopened.receive(type(client, 0, "y"), { user: bob, nowMs: 4 });
    expect(await codeOf(stolen)).toBe("REPLICA_TAKEN");
  });

  it("is put together when it is large, however few its entries", async () => {
    const { manager, store } = world(new MemoryDocumentStore(), { compactBytes: 10_000 });
    const document = await manager.open(novel);
    for (let n = 0; n < 6; n++) {
      document.apply({ type: "insert", position: 0, text: "x".repeat(3_000) }, { user: ann, nowMs: n });
      await turns();
    }
    expect((await store.load(novel)).length).toBeLessThan(4);
    expect((await manager.getSnapshot(novel)).text).toBe("x".repeat(18_000));
  });

  it("is put together anew when as much has come again as it was last, so that a growing document is written twice, not a hundred times", async () => {
    class Counting extends MemoryDocumentStore {
      readonly written: number[] = [];
      override replace(...args: Parameters<MemoryDocumentStore["replace"]>): Promise<number> {
        this.written.push(args[3].length);
        return super.replace(...args);
      }
    }
    const store = new Counting();
    const document = await world(store, { compactBytes: 1_000 }).manager.open(novel);
    for (let n = 0; n < 200; n++) {
      document.apply({ type: "insert", position: 0, text: "x".repeat(500) }, { user: ann, nowMs: n });
      await turns();
    }
    expect(store.written.length).toBeGreaterThan(4);
    expect(store.written.reduce((sum, bytes) => sum + bytes)).toBeLessThan(2 * 100_000);
  });

  it("is put together under steady load too, which never leaves a quiet moment", async () => {
    const { manager, store } = world(new MemoryDocumentStore(), limits);
    const document = await manager.open(novel);
    let left = 100;
    const again = () => {
      if (left-- <= 0) return;
      document.apply({ type: "insert", position: 0, text: "x" }, { user: ann, nowMs: 1 });
      document.afterCommit(again);
    };
    again();
    await turns(300);
    expect([left, document.document.length]).toEqual([-1, 100]);
    expect((await store.load(novel)).length).toBeLessThan(30);
    await manager.close();
    expect((await world(store, {}, "again").manager.getSnapshot(novel)).text).toHaveLength(100);
  });

  it("is put together when the last one leaves, so that the next opener finds it short", async () => {
    const { manager, store } = world(new MemoryDocumentStore(), { compactEntries: 80 });
    const document = await manager.open(novel);
    await write(document, 20);
    document.apply({ type: "insert", position: 0, text: "last" }, { user: ann, nowMs: 1 });
    document.release(); // With a commit in flight.
    await turns();
    expect([(await store.load(novel)).length, manager.openDocuments]).toEqual([1, 0]);
    const again = await manager.open(novel);
    await write(again, 3);
    again.release();
    await turns();
    expect([(await store.load(novel)).length, manager.openDocuments]).toEqual([4, 0]);
    expect((await manager.getSnapshot(novel)).text).toHaveLength(27);
  });

  it("covers only what it says, though commits go on over the many turns that it takes to write (E16)", async () => {
    const store = new MemoryDocumentStore();
    const { manager } = world(store, { compactEntries: 20 });
    const document = await manager.open(novel);
    const authors = [ann, bob];
    for (let n = 0; n < 6_000; n++) {
      document.apply({ type: "insert", position: 0, text: "x" }, { user: authors[n % 2]!, nowMs: n });
    }
    await write(document, 60);
    const covered = (await store.load(novel)).length;
    await manager.close();
    expect(covered).toBeLessThan(60);
    expect((await world(store, {}, "again").manager.getSnapshot(novel)).text).toHaveLength(6_060);
  });

  it("keeps what another node wrote meanwhile", async () => {
    const store = new MemoryDocumentStore();
    const [left, right] = [world(store, limits, "left"), world(store, limits, "right")];
    const [here, there] = [await left.manager.open(novel), await right.manager.open(novel)];
    there.apply({ type: "insert", position: 0, text: "right" }, { user: bob, nowMs: 1 });
    await turns();
    await write(here, 30);
    expect((await store.load(novel)).length).toBeLessThan(20);
    const { text } = await world(store, {}, "third").manager.getSnapshot(novel);
    expect([text.length, text.includes("right")]).toEqual([35, true]);
  });

  it("comes before what another node wrote on top of it, though it stands behind that", async () => {
    const store = new MemoryDocumentStore();
    const left = world(store, limits, "left");
    const here = await left.manager.open(novel);
    await write(here, 1);
    const there = await world(store, limits, "right").manager.open(novel);
    for (let n = 0; n < 1_500; n++) {
      there.apply({ type: "insert", position: 1, text: "y" }, { user: bob, nowMs: n });
    }
    await turns();
    await write(here, 30);
    const read = await world(store, {}, "third").manager.open(novel);
    expect(read.document.text).toMatch(/^x{31}y{1500}$/);
    expect(read.history.blame().at(-1)).toMatchObject({ to: 1_531, user: "bob" });
  });

  it("is left to the other of two nodes that put it together at once (G7)", async () => {
    const store = new MemoryDocumentStore();
    const left = world(store, limits, "left");
    await write(await left.manager.open(novel), 8);
    const right = world(store, { compactEntries: 4 }, "right");
    await write(await right.manager.open(novel), 1); // Puts the eight together.
    await write(await left.manager.open(novel), 30); // Its own view of the log is out of date by now.
    expect(left.published.filter(({ isForeign }) => !isForeign)).toHaveLength(38);
    expect((await world(store, {}, "third").manager.getSnapshot(novel)).text).toBe("x".repeat(39));
  });

  it("stays as it is when the store refuses, and nobody notices", async () => {
    const store = new ControlledStore();
    const { manager, published } = world(store, limits);
    const document = await manager.open(novel);
    store.failing.add("replace");
    await write(document, 15);
    expect([published.length, (await store.load(novel)).length]).toEqual([15, 15]);
    store.failing.clear();
    await write(document, 10);
    expect((await store.load(novel)).length).toBeLessThan(15);
    expect((await manager.getSnapshot(novel)).text).toBe("x".repeat(25));
  });

  it("is not forgotten while it is being put together", async () => {
    const store = new ControlledStore();
    const { manager } = world(store, limits);
    const document = await manager.open(novel);
    let finish = (): void => {};
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const replace = store.replace.bind(store);
    store.replace = async (...call) => {
      await held;
      return replace(...call);
    };
    await write(document, 12);
    document.release();
    await turns();
    expect(manager.openDocuments).toBe(1);
    finish();
    await turns();
    expect([manager.openDocuments, (await store.load(novel)).length < 12]).toEqual([0, true]);
  });

  it("holds nothing that is not durable: a failed commit leaves no trace in it (F3)", async () => {
    const store = new ControlledStore();
    const { manager } = world(store, { compactEntries: 2 });
    const document = await manager.open(novel);
    await write(document, 2);
    store.holding = true;
    for (const text of ["a", "b"]) {
      document.apply({ type: "insert", position: 0, text }, { user: ann, nowMs: 1 });
      await turns();
    }
    store.confirm();
    await turns();
    store.failing.add("append");
    store.confirm();
    await turns();
    store.holding = false;
    expect((await world(store, {}, "again").manager.getSnapshot(novel)).text).toBe("axx");
  });

  it.each(seeds(15))(
    "loses nothing whenever it is put together and whoever writes, seed %i",
    async (seed) => {
      const rng = random(seed);
      const store = new MemoryDocumentStore();
      let names = 0;
      const open = async () => {
        const { manager } = world(store, { compactEntries: 2 + rng.int(4) }, `node-${names++}`);
        return { manager, document: await manager.open(novel) };
      };
      let node = await open();
      const [client] = replicas("client");
      for (let step = 0; step < 60; step++) {
        const [act, wait] = [rng.int(10), rng.int(3)];
        if (act === 0) {
          await node.manager.close();
          node = await open();
        } else if (act < 4) {
          client.merge(node.document.document);
          client.apply(someOperation(rng, client.text), step);
          node.document.receive(client.takeUpdate()!, { user: bob, nowMs: step * 1_500 });
        } else {
          const operation = someOperation(rng, node.document.document.text);
          node.document.apply(operation, { user: ann, nowMs: step * 1_500 });
        }
        await turns(wait);
      }
      await node.manager.close();
      const before = known(node.document);
      expect(known((await open()).document)).toEqual(before);
    },
  );
});
