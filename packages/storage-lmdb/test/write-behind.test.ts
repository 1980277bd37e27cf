import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { entryKey, MemoryDocumentStore, type StoredEntry } from "@motet/document";
import { type Random, random, seeds } from "@motet/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Environment } from "../src/environment.js";
import { FORMAT_KEY } from "../src/format.js";
import type { LmdbDocumentStore } from "../src/index.js";
import { essay, failure, novel, StoreWorld, turn } from "./store-world.js";
import { bytes, codeOf, contentOf, crashed, key, named, withRawDatabase } from "./support.js";

const KIB = 1_024;

let world: StoreWorld;
beforeEach(async () => {
  world = await StoreWorld.begun();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world.store.close();
});

describe("an entry that is in the journal only", () => {
  beforeEach(() => world.store.append(novel, key("a"), bytes(1)));

  it("is there after a crash, and after another one at once, and once only", async () => {
    const image = await crashed(world.folder);
    await world.store.close();
    expect(await world.isStored(novel, 1, "a")).toBe(true);
    world.folder = image;
    expect(await world.isStored(novel, 1, "a")).toBe(false);
    await world.openIn(image);
    expect(contentOf(await world.store.load(novel))).toEqual([[1]]);
    await world.crash();
    expect(contentOf(await world.store.load(novel))).toEqual([[1]]);
    expect(await world.store.append(novel, key("b"), bytes(2))).toEqual({ place: 2, fresh: true });
    await world.crash();
    expect(contentOf(await world.store.load(novel))).toEqual([[1], [2]]);
  });

  it("is listed, replaced, deleted, and known when it is sent again", async () => {
    expect(await world.store.list({ limit: 10 })).toEqual([essay, novel]);
    expect(await world.store.append(novel, key("a"), bytes(9))).toEqual({ place: 1, fresh: false });
    await world.store.append(novel, key("b"), bytes(2));
    await world.store.replace(novel, [key("a")], key("s"), bytes(3));
    await world.crash();
    expect(contentOf(await world.store.load(novel))).toEqual([[3], [2]]);
    await world.store.append(essay, key("second"), bytes(1)); // Straight into the database.
    await world.store.delete(novel);
    expect(await world.store.load(novel)).toEqual([]);
    expect(await world.store.list({ limit: 10 })).toEqual([essay]);
    await world.crash();
    expect(await world.store.list({ limit: 10 })).toEqual([essay]);
    expect(await world.store.append(novel, key("c"), bytes(4))).toEqual({ place: 1, fresh: true });
  });

  it("is in the database once the store is closed, and the journal is empty", async () => {
    await world.store.close();
    expect(await world.isStored(novel, 1, "a")).toBe(true);
    expect((await stat(join(world.folder, "journal"))).size).toBe(0);
  });

  it("is in the database once the store is closed, also when it was just being taken over", async () => {
    const { commit } = Environment.prototype;
    const order: string[] = [];
    vi.spyOn(Environment.prototype, "commit").mockImplementation(async function (this: Environment, ...args) {
      order.push("begun");
      await turn();
      await commit.apply(this, args);
      order.push("done");
    });
    world.timePasses();
    await world.store.append(novel, key("b"), bytes(2));
    await world.store.close();
    expect(order).toEqual(["begun", "done", "begun", "done"]);
    expect([await world.isStored(novel, 1, "a"), await world.isStored(novel, 2, "b")]).toEqual([true, true]);
    expect((await stat(join(world.folder, "journal"))).size).toBe(0);
  });

  it("is in the database two seconds later, without anybody's doing", async () => {
    world.timePasses();
    await vi.waitFor(() => expect(world.events.map(({ type }) => type)).toContain("checkpointed"));
    const image = await crashed(world.folder);
    world.folder = image;
    expect(await world.isStored(novel, 1, "a")).toBe(true);
  });

  it("is refused to a package that knows no journal, until the store is closed", async () => {
    const format = (at: string) => withRawDatabase(at, (database) => [...database.get(FORMAT_KEY)!]);
    expect((await format(await crashed(world.folder)))[0]).toBe(2);
    await world.store.close();
    expect(await format(world.folder)).toEqual([1]);
  });
});

describe("what is behind", () => {
  it("goes into the database with an entry too large for the journal, and before it", async () => {
    await world.store.append(novel, key("a"), bytes(1));
    await world.store.append(novel, key("large"), new Uint8Array(300 * KIB));
    const journal = await readFile(join(world.folder, "journal"));
    expect(journal.length).toBeLessThan(10 * KIB);
    world.folder = await crashed(world.folder);
    expect(await world.isStored(novel, 1, "a")).toBe(true);
    expect(await world.isStored(novel, 2, "large")).toBe(true);
  });

  it("is taken over while others are written, again and again, and space is used again", async () => {
    const large = new Uint8Array(100 * KIB).fill(7);
    for (let n = 0; n < 120; n++) await world.store.append(novel, key(`e${n}`), large);
    expect(world.events.filter(({ type }) => type === "checkpointed").length).toBeGreaterThan(5);
    await world.crash();
    expect((await world.store.load(novel)).map((entry) => entry.key)).toEqual(
      Array.from({ length: 120 }, (_, n) => `e${n}`),
    );
    expect((await stat(join(world.folder, "journal"))).size).toBeLessThan(8_500_000);
  });

  it.each([
    ["bytes", 1, 100 * KIB, 40, 85],
    ["entries", 500, 10, 5_000, 6_500],
  ])(
    "is bounded in %s: while the database does not answer, the others wait, and none is acknowledged",
    async (_, each, size, least, most) => {
      const { commit } = Environment.prototype;
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      vi.spyOn(Environment.prototype, "commit").mockImplementation(async function (
        this: Environment,
        ...args
      ) {
        await released;
        return commit.apply(this, args);
      });
      let stored = 0;
      const rounds = Array.from({ length: most / each + 20 }, (_, round) => async () => {
        const names = Array.from({ length: each }, (_, n) => key(`e${round * each + n}`));
        await Promise.all(names.map((name) => world.store.append(novel, name, new Uint8Array(size))));
        stored += each;
      });
      const all = rounds.reduce((last, next) => last.then(next), Promise.resolve());
      let seen = -1;
      await vi.waitFor(
        () => {
          const isStill = stored === seen;
          seen = stored;
          expect(isStill).toBe(true);
        },
        { interval: 300, timeout: 30_000 },
      );
      expect(stored).toBeGreaterThanOrEqual(least);
      expect(stored).toBeLessThanOrEqual(most);
      expect(world.store.waiting.writes).toBe(each);
      const acknowledged = stored;
      const image = await crashed(world.folder);
      release();
      await all;
      expect(await world.store.load(novel)).toHaveLength(rounds.length * each);
      vi.restoreAllMocks();
      await world.store.close();
      await world.openIn(image);
      expect(await world.store.load(novel)).toHaveLength(acknowledged); // Nothing was written over that the database lacks.
    },
  );
});

describe("a write to the journal", () => {
  it("is acknowledged, read and listed only when the disk says that it is done", async () => {
    let finish: (() => void) | undefined;
    await world.endAs(() => new Promise((resolve) => (finish = resolve)));
    const heard: string[] = [];
    const append = world.store.append(novel, key("a"), bytes(1)).then(() => heard.push("appended"));
    const load = world.store.load(novel).then((entries) => heard.push(`loaded ${entries.length}`));
    await vi.waitFor(() => expect(finish).toBeDefined());
    for (let n = 0; n < 10; n++) await turn();
    expect(heard).toEqual([]);
    expect(await world.store.list({ limit: 10 })).toEqual([essay]);
    finish?.();
    await Promise.all([append, load]);
    expect(heard.sort()).toEqual(["appended", "loaded 1"]);
  });

  it("is finished before the database takes over what was written before it", async () => {
    await world.store.append(novel, key("a"), bytes(1));
    const commit = vi.spyOn(Environment.prototype, "commit");
    let finish: (() => void) | undefined;
    await world.endAs(() => new Promise((resolve) => (finish = resolve)));
    const append = world.store.append(novel, key("b"), bytes(2));
    await vi.waitFor(() => expect(finish).toBeDefined());
    world.timePasses();
    expect(commit).not.toHaveBeenCalled();
    finish?.();
    await append;
    expect(commit).toHaveBeenCalledTimes(1);
  });

  it("that finds no room goes into the database, and is there once", async () => {
    await world.endAs(failure(28));
    expect(await world.store.append(novel, key("a"), bytes(1))).toEqual({ place: 1, fresh: true });
    expect(world.events.map(({ type }) => type)).not.toContain("commit_failed");
    const image = await crashed(world.folder);
    await world.store.append(novel, key("b"), bytes(2)); // In the journal again.
    await world.crash();
    expect(contentOf(await world.store.load(novel))).toEqual([[1], [2]]);
    world.folder = image;
    expect(await world.isStored(novel, 1, "a")).toBe(true);
  });

  it("that was rejected never comes back, though all of it was on disk, and its place goes to another", async () => {
    await world.endAs(failure(28));
    world.failsNext(28);
    expect(await codeOf(world.store.append(novel, key("rejected"), bytes(1)))).toBe("STORE_FULL");
    expect(world.store.state).toBe("blocked");
    expect(await world.store.load(novel)).toEqual([]);
    await world.crash();
    expect(await world.store.load(novel)).toEqual([]);

    await world.store.append(essay, key("second"), bytes(1));
    await world.endAs(failure(28));
    world.failsNext(28);
    expect(await codeOf(world.store.append(novel, key("rejected"), bytes(1)))).toBe("STORE_FULL");
    for (const name of ["b", "c"]) await world.store.append(novel, key(name), bytes(2));
    expect(world.store.state).toBe("ready");
    await world.crash();
    expect((await world.store.load(novel)).map((entry) => entry.key)).toEqual(["b", "c"]);
  });

  it("that failed for good leaves the store failed, and what was acknowledged before is kept", async () => {
    await world.store.append(novel, key("a"), bytes(1));
    await world.endAs(failure(5));
    expect(await codeOf(world.store.append(novel, key("rejected"), bytes(1)))).toBe("STORE_UNAVAILABLE");
    expect(world.store.state).toBe("failed");
    expect(await codeOf(world.store.append(novel, key("b"), bytes(1)))).toBe("STORE_UNAVAILABLE");
    expect((await world.store.load(novel)).map((entry) => entry.key)).toEqual(["a"]);
    await world.store.close();
    await world.openIn(world.folder);
    expect((await world.store.load(novel)).map((entry) => entry.key)).toEqual(["a"]);
  });
});

describe("a database that fails behind the journal", () => {
  it("blocks the store where there is no room, loses nothing, and is tried again with the next write", async () => {
    await world.store.append(novel, key("a"), bytes(1));
    world.failsNext(28);
    world.timePasses();
    await vi.waitFor(() => expect(world.store.state).toBe("blocked"));
    expect(world.events.at(-1)).toMatchObject({ type: "checkpoint_failed", error: { code: "STORE_FULL" } });
    expect(await world.store.load(novel)).toHaveLength(1);
    await world.store.append(novel, key("b"), bytes(2));
    expect(world.store.state).toBe("ready");
    world.folder = await crashed(world.folder);
    expect([await world.isStored(novel, 1, "a"), await world.isStored(novel, 2, "b")]).toEqual([true, true]);
  });

  it("fails the store where the disk failed, and all of it is there when it is opened again", async () => {
    await world.store.append(novel, key("a"), bytes(1));
    world.failsNext(5);
    world.timePasses();
    await vi.waitFor(() => expect(world.store.state).toBe("failed"));
    expect(await codeOf(world.store.append(novel, key("b"), bytes(2)))).toBe("STORE_UNAVAILABLE");
    expect(await world.store.load(novel)).toHaveLength(1);
    await world.store.close();
    await world.openIn(world.folder);
    expect((await world.store.load(novel)).map((entry) => entry.key)).toEqual(["a"]);
  });

  it("is not written to any more by a commit that waited for it", async () => {
    await world.store.append(novel, key("a"), bytes(1));
    let fail = (): void => undefined;
    const commit = vi.spyOn(Environment.prototype, "commit").mockImplementationOnce(
      () =>
        new Promise((_, reject) => {
          fail = () => reject(Object.assign(new Error("commit"), { code: 5 }));
        }),
    );
    world.timePasses();
    await turn();
    expect(commit).toHaveBeenCalledTimes(1);
    const append = codeOf(world.store.append(novel, key("large"), new Uint8Array(300 * KIB)));
    await turn();
    await turn();
    fail();
    expect(await append).toBe("STORE_UNAVAILABLE");
    expect(world.store.state).toBe("failed");
    expect(commit).toHaveBeenCalledTimes(1);
  });
});

describe("beside a store in memory, with crashes", () => {
  const documents = ["a", "a-b", "b", "c"].map(named);
  const names = ["k1", "k2", "k3", "deleted-1", "k4"].map(entryKey);

  const told = (entries: readonly StoredEntry[]) =>
    entries.map(({ key, place, bytes }) => ({ key, place, bytes: bytes.length, check: crc32(bytes) }));

  /** One call, the same on both sides; what it came to. */
  const call = (rng: Random): ((to: LmdbDocumentStore | MemoryDocumentStore) => Promise<unknown>) => {
    const [id, name, other] = [documents[rng.int(4)]!, names[rng.int(5)]!, names[rng.int(5)]!];
    const content = new Uint8Array(rng.int(12) === 0 ? 300 * KIB : 1 + rng.int(9)).fill(rng.int(256));
    const [kind, place, limit] = [rng.int(10), rng.int(4), 1 + rng.int(4)];
    return async (to) => {
      if (kind < 4) return to.append(id, name, content);
      if (kind < 6) return to.replace(id, [other], name, content).catch(({ code }) => code);
      if (kind < 7) return to.delete(id);
      if (kind < 9) return told(await to.load(id, place));
      return to.list({ limit, ...(place > 1 && { after: id }) });
    };
  };

  it.each(seeds(6))("answers alike, seed %i", async (seed) => {
    const rng = random(seed);
    const twin = new MemoryDocumentStore();
    await world.store.delete(essay);
    for (let step = 0; step < 200; step++) {
      if (rng.int(40) === 0) await world.crash();
      const ask = call(rng);
      expect(await ask(world.store), `step ${step}`).toEqual(await ask(twin));
    }
    await world.crash();
    for (const id of documents) expect(told(await world.store.load(id))).toEqual(told(await twin.load(id)));
  });
});
