import "fake-indexeddb/auto";
import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import { IndexedDbStore, type LocalStore, MemoryLocalStore } from "../src/index.js";
import { localStoreSuite } from "../src/testing/index.js";
import { type Page, settle, TestStore, World } from "./support/world.js";

let databases = 0;
const freshDatabase = () => `test-${++databases}`;

describe("a local store", () => {
  localStoreSuite("in memory", async () => new MemoryLocalStore());
  localStoreSuite("in IndexedDB", async () => new IndexedDbStore(freshDatabase()));

  it("in IndexedDB is read by another page", async () => {
    const name = freshDatabase();
    const [ours, theirs] = [new IndexedDbStore(name), new IndexedDbStore(name)];
    await ours.write("minutes", [Uint8Array.of(1)], []);
    expect((await theirs.load("minutes")).map(({ bytes }) => [...bytes])).toEqual([[1]]);
    await Promise.all([ours.close(), theirs.close()]);
  });

  it("in IndexedDB opens its database again when the browser has closed it", async () => {
    const name = freshDatabase();
    const store = new IndexedDbStore(name);
    await store.write("minutes", [Uint8Array.of(1)], []);
    // A newer page asks for an upgrade and then goes away: ours has been closed under it.
    const request = indexedDB.open(name, 2);
    await new Promise((resolve) => {
      request.onsuccess = resolve;
    });
    request.result.close();
    await new Promise((resolve) => {
      indexedDB.deleteDatabase(name).onsuccess = resolve;
    });
    await store.write("minutes", [Uint8Array.of(2)], []);
    expect((await store.load("minutes")).map(({ bytes }) => [...bytes])).toEqual([[2]]);
    await store.close();
  });
});

/** A page dies without a word to anybody; a new one opens on the same store. */
async function reload(world: World, page: Page, store: LocalStore): Promise<Page> {
  await world.crash(page);
  return world.open({ store });
}

describe("I7: a page that is reloaded", () => {
  it("shows what was there and what was typed without a line, and delivers it under the id it was made with", async () => {
    const world = new World();
    const store = new MemoryLocalStore();
    const first = await world.open({ store });
    await first.type("saved");
    await settle();
    world.isNetworkUp = false;
    world.server.cutAll();
    await settle();
    await first.type(" and kept");
    await settle();
    const second = await reload(world, first, store);
    expect([second.text, second.document.state, second.document.unsaved]).toEqual([
      "saved and kept",
      "offline",
      9,
    ]);
    await second.type(", and more");
    world.isNetworkUp = true;
    await world.pass(60_000);
    expect([world.server.document.text, second.document.state]).toEqual([
      "saved and kept, and more",
      "saved",
    ]);
    const replicas = [...world.server.document.version].map(([replica]) => replica);
    expect(replicas.sort()).toEqual(world.server.joins.map(({ replica }) => replica?.id).sort());
  });

  it("shows without a line what it joined without deleted text, and takes back what was deleted on it", async () => {
    const world = new World();
    const bob = await world.open({ user: "bob" });
    await bob.type("one secret two");
    bob.document.delete(4, 7);
    await settle();
    const store = new MemoryLocalStore();
    world.isNetworkUp = false;
    const first = await world.open({ store });
    await first.type("ann ");
    world.isNetworkUp = true;
    await world.pass(3_000);
    const { text } = bob;
    expect([first.text, text.split("ann ").sort().join("")]).toEqual([text, "one two"]);
    first.document.delete(0, 4);
    await settle();
    first.document.undo();
    await settle();
    for (const page of [first, bob]) expect(page.text).toBe(text);
    world.isNetworkUp = false;
    const second = await reload(world, first, store);
    expect([second.text, second.document.canUndo.undo]).toEqual([text, false]);
    second.document.delete(0, 4);
    second.document.undo();
    world.isNetworkUp = true;
    await world.pass(3_000);
    for (const page of [second, bob]) expect(page.text).toBe(text);
    expect(second.problems.filter(({ code }) => code !== "UNREACHABLE")).toEqual([]);
  });

  it("delivers nothing twice when the page had died between sending and hearing of it", async () => {
    const world = new World();
    const store = new MemoryLocalStore();
    const first = await world.open({ store });
    world.server.hold();
    await first.type("hello");
    await settle();
    const second = await reload(world, first, store);
    world.server.release();
    await world.pass(1_000);
    expect([world.server.document.text, second.text, second.document.state]).toEqual([
      "hello",
      "hello",
      "saved",
    ]);
  });

  it("does not take for unsaved what the server had acknowledged, though there is no line", async () => {
    const world = new World();
    const store = new MemoryLocalStore();
    const first = await world.open({ store });
    await first.type("hello");
    await settle();
    world.isNetworkUp = false;
    const second = await reload(world, first, store);
    expect([second.text, second.document.unsaved]).toEqual(["hello", 0]);
  });

  it("can be edited before the store has been read", async () => {
    const world = new World();
    const store = new MemoryLocalStore();
    const first = await world.open({ store });
    await first.type("hello");
    await settle();
    world.isNetworkUp = false;
    await world.crash(first);
    const second = world.openNow({ store });
    second.document.insert(0, "early ");
    await second.document.whenLoaded();
    expect(second.text.split(" ").sort().join(" ").trim()).toContain("early");
    expect(second.text).toContain("hello");
  });

  it("keeps the entries of other pages of the same browser when it tidies up", async () => {
    const world = new World();
    const store = new MemoryLocalStore();
    world.isNetworkUp = false;
    const limits = { localEntriesMax: 4 };
    const [one, two] = [await world.open({ store, limits }), await world.open({ store, limits })];
    for (let round = 0; round < 10; round++) {
      await one.type("1");
      await two.type("2");
      await settle();
    }
    const third = await world.open({ store });
    expect([...third.text].sort().join("")).toBe("11111111112222222222");
    world.isNetworkUp = true;
    await world.pass(120_000, 5_000);
    expect([...world.server.document.text].sort().join("")).toBe("11111111112222222222");
    for (const page of [one, two, third])
      expect([page.text, page.document.state]).toEqual([world.server.document.text, "saved"]);
  });

  it("does not show one user what another has left in the same browser", async () => {
    const world = new World();
    const store = new MemoryLocalStore();
    world.isNetworkUp = false;
    const ann = await world.open({ store });
    await ann.type("a secret");
    const bob = await world.open({ store, user: "bob" });
    expect([bob.text, bob.document.unsaved]).toEqual(["", 0]);
  });

  it("keeps few entries, however much is typed", async () => {
    const world = new World();
    const store = new MemoryLocalStore();
    const page = await world.open({ store, limits: { localEntriesMax: 10 } });
    for (let round = 0; round < 100; round++) {
      await page.type("word ");
      await settle();
    }
    const bag = "ws://example.org/documents/minutes ann";
    expect((await store.load(bag)).length).toBeLessThanOrEqual(30);
    expect((await reload(world, page, store)).text).toBe("word ".repeat(100));
  });

  it.each(seeds(10))("loses nothing over many reloads, cuts and tidyings, seed %i", async (seed) => {
    const rng = random(seed);
    const world = new World(seed);
    const store = new MemoryLocalStore();
    let page = await world.open({ store, limits: { localEntriesMax: 5 } });
    let typed = "";
    for (let step = 0; step < 60; step++) {
      const letter = String.fromCharCode(97 + rng.int(26));
      page.document.insert(rng.int(page.document.length + 1), letter);
      typed += letter;
      await settle();
      world.isNetworkUp = rng.int(2) === 0;
      if (rng.int(3) === 0) world.server.cutAll();
      if (rng.int(4) === 0) await world.pass(1_000);
      if (rng.int(5) > 0) continue;
      if (rng.int(2) === 0) await world.crash(page); // Else it goes on beside the new one.
      page = await world.open({ store, limits: { localEntriesMax: 5 } });
    }
    world.isNetworkUp = true;
    await world.pass(120_000, 5_000);
    expect([...page.text].sort().join("")).toBe([...typed].sort().join(""));
    expect([page.text, page.document.state]).toEqual([world.server.document.text, "saved"]);
  });
});

describe("a store that fails", () => {
  it("costs the notes and not the document; it is told once in a while, and everything is there when it works again", async () => {
    const world = new World();
    const store = new TestStore();
    world.isNetworkUp = false;
    const page = await world.open({ store });
    store.isBroken = true;
    for (let round = 0; round < 20; round++) {
      await page.type("a");
      await settle();
    }
    const told = page.problems.filter(({ code }) => code === "STORE_FAILED").length;
    expect([page.text, told]).toEqual(["a".repeat(20), 6]);
    store.isBroken = false;
    for (let round = 0; round < 20; round++) {
      await page.type("b");
      await settle();
    }
    expect((await reload(world, page, store)).text).toBe("a".repeat(20) + "b".repeat(20));
  });

  it("that cannot be read is a problem, and the document begins with what the server has", async () => {
    const world = new World();
    world.server.edit({ type: "insert", position: 0, text: "hello" });
    const store = new MemoryLocalStore();
    store.load = async () => {
      throw new Error("no access");
    };
    const page = await world.open({ store });
    expect([page.text, page.document.state, page.problems[0]?.code]).toEqual([
      "hello",
      "saved",
      "STORE_FAILED",
    ]);
  });

  it("that holds garbage costs the garbage", async () => {
    const world = new World();
    const store = new MemoryLocalStore();
    const first = await world.open({ store });
    await first.type("hello");
    await settle();
    await store.write(
      "ws://example.org/documents/minutes ann",
      [Uint8Array.of(2, 9, 9), new Uint8Array()],
      [],
    );
    world.isNetworkUp = false;
    const second = await reload(world, first, store);
    expect([second.text, second.problems[0]?.code]).toEqual(["hello", "STORE_DAMAGED"]);
  });
});
