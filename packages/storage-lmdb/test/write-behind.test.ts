import { open, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type DocumentKey, entryKey, MemoryDocumentStore, type StoredEntry } from "@motet/document";
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { Environment } from "../src/environment.js";
import { FORMAT_KEY } from "../src/format.js";
import { LmdbDocumentStore, type StoreEvent } from "../src/index.js";
import { keyOf } from "../src/record.js";
import {
  bytes,
  codeOf,
  contentOf,
  crashed,
  key,
  named,
  newFolder,
  type Rng,
  random,
  seeds,
  withRawDatabase,
} from "./support.js";

const [novel, essay] = [named("novel"), named("essay")];
const KIB = 1_024;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let folder: string;
let store: LmdbDocumentStore;
let events: StoreEvent[];
const openIn = async (at: string): Promise<void> => {
  folder = at;
  events = [];
  store = await LmdbDocumentStore.open({ folder, observe: (event) => events.push(event) });
};
/** Goes on with what this process would leave if it were killed now. */
const crash = async (): Promise<void> => {
  const image = await crashed(folder);
  await store.close();
  await openIn(image);
};
const isStored = (id: DocumentKey, place: number, name: string): Promise<boolean> =>
  withRawDatabase(folder, (database) => database.get(keyOf(id, place, key(name))) !== undefined);

let timers: MockInstance<typeof setTimeout>;
/** What the store wants to have done when time has passed since the last write. */
const timePasses = (): void => {
  const [later] = timers.mock.calls.findLast(([, delayMs]) => delayMs === 2_000)!;
  later();
};

/** Has the database's next commit fail. */
const failsNext = (code: number): unknown =>
  vi
    .spyOn(Environment.prototype, "commit")
    .mockRejectedValueOnce(Object.assign(new Error("commit"), { code }));

beforeEach(async () => {
  timers = vi.spyOn(globalThis, "setTimeout");
  await openIn(await newFolder());
  await store.append(essay, key("first"), bytes(1)); // From now on there is a journal.
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
});

describe("an entry that is in the journal only", () => {
  beforeEach(() => store.append(novel, key("a"), bytes(1)));

  it("is there after a crash, and after another one at once, and once only", async () => {
    const image = await crashed(folder);
    await store.close();
    expect(await isStored(novel, 1, "a")).toBe(true);
    folder = image;
    expect(await isStored(novel, 1, "a")).toBe(false);
    await openIn(image);
    expect(contentOf(await store.load(novel))).toEqual([[1]]);
    await crash();
    expect(contentOf(await store.load(novel))).toEqual([[1]]);
    expect(await store.append(novel, key("b"), bytes(2))).toEqual({ place: 2, fresh: true });
    await crash();
    expect(contentOf(await store.load(novel))).toEqual([[1], [2]]);
  });

  it("is listed, replaced, deleted, and known when it is sent again", async () => {
    expect(await store.list({ limit: 10 })).toEqual([essay, novel]);
    expect(await store.append(novel, key("a"), bytes(9))).toEqual({ place: 1, fresh: false });
    await store.append(novel, key("b"), bytes(2));
    await store.replace(novel, [key("a")], key("s"), bytes(3));
    await crash();
    expect(contentOf(await store.load(novel))).toEqual([[3], [2]]);
    await store.append(essay, key("second"), bytes(1)); // Straight into the database.
    await store.delete(novel);
    expect(await store.load(novel)).toEqual([]);
    expect(await store.list({ limit: 10 })).toEqual([essay]);
    await crash();
    expect(await store.list({ limit: 10 })).toEqual([essay]);
    expect(await store.append(novel, key("c"), bytes(4))).toEqual({ place: 1, fresh: true });
  });

  it("is in the database once the store is closed, and the journal is empty", async () => {
    await store.close();
    expect(await isStored(novel, 1, "a")).toBe(true);
    expect((await stat(join(folder, "journal"))).size).toBe(0);
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
    timePasses();
    await store.append(novel, key("b"), bytes(2));
    await store.close();
    expect(order).toEqual(["begun", "done", "begun", "done"]);
    expect([await isStored(novel, 1, "a"), await isStored(novel, 2, "b")]).toEqual([true, true]);
    expect((await stat(join(folder, "journal"))).size).toBe(0);
  });

  it("is in the database two seconds later, without anybody's doing", async () => {
    timePasses();
    await vi.waitFor(() => expect(events.map(({ type }) => type)).toContain("checkpointed"));
    const image = await crashed(folder);
    folder = image;
    expect(await isStored(novel, 1, "a")).toBe(true);
  });

  it("is refused to a package that knows no journal, until the store is closed", async () => {
    const format = (at: string) => withRawDatabase(at, (database) => [...database.get(FORMAT_KEY)!]);
    expect((await format(await crashed(folder)))[0]).toBe(2);
    await store.close();
    expect(await format(folder)).toEqual([1]);
  });
});

describe("what is behind", () => {
  it("goes into the database with an entry too large for the journal, and before it", async () => {
    await store.append(novel, key("a"), bytes(1));
    await store.append(novel, key("large"), new Uint8Array(300 * KIB));
    const journal = await readFile(join(folder, "journal"));
    expect(journal.length).toBeLessThan(10 * KIB);
    folder = await crashed(folder);
    expect(await isStored(novel, 1, "a")).toBe(true);
    expect(await isStored(novel, 2, "large")).toBe(true);
  });

  it("is taken over while others are written, again and again, and space is used again", async () => {
    const large = new Uint8Array(100 * KIB).fill(7);
    for (let n = 0; n < 120; n++) await store.append(novel, key(`e${n}`), large);
    expect(events.filter(({ type }) => type === "checkpointed").length).toBeGreaterThan(5);
    await crash();
    expect((await store.load(novel)).map((entry) => entry.key)).toEqual(
      Array.from({ length: 120 }, (_, n) => `e${n}`),
    );
    expect((await stat(join(folder, "journal"))).size).toBeLessThan(8_500_000);
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
        await Promise.all(names.map((name) => store.append(novel, name, new Uint8Array(size))));
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
      expect(store.waiting.writes).toBe(each);
      const acknowledged = stored;
      const image = await crashed(folder);
      release();
      await all;
      expect(await store.load(novel)).toHaveLength(rounds.length * each);
      vi.restoreAllMocks();
      await store.close();
      await openIn(image);
      expect(await store.load(novel)).toHaveLength(acknowledged); // Nothing was written over that the database lacks.
    },
  );
});

/** Lets the next records reach the file, one for each of `ends`, and then end as that does. */
const endAs = async (...ends: (() => Promise<void>)[]): Promise<void> => {
  const file = await open(join(folder, "journal"), "r");
  const prototype = Object.getPrototypeOf(file) as typeof file;
  await file.close();
  const { write } = prototype;
  for (const end of ends) {
    vi.spyOn(prototype, "write").mockImplementationOnce(async function (this: unknown, ...args: never[]) {
      const result = await (write as (...args: never[]) => Promise<unknown>).apply(this, args);
      await end();
      return result;
    } as never);
  }
};
const failure = (code: number) => () => Promise.reject(Object.assign(new Error("write"), { errno: -code }));

describe("a write to the journal", () => {
  it("is acknowledged, read and listed only when the disk says that it is done", async () => {
    let finish: (() => void) | undefined;
    await endAs(() => new Promise((resolve) => (finish = resolve)));
    const heard: string[] = [];
    const append = store.append(novel, key("a"), bytes(1)).then(() => heard.push("appended"));
    const load = store.load(novel).then((entries) => heard.push(`loaded ${entries.length}`));
    await vi.waitFor(() => expect(finish).toBeDefined());
    for (let n = 0; n < 10; n++) await turn();
    expect(heard).toEqual([]);
    expect(await store.list({ limit: 10 })).toEqual([essay]);
    finish?.();
    await Promise.all([append, load]);
    expect(heard.sort()).toEqual(["appended", "loaded 1"]);
  });

  it("is finished before the database takes over what was written before it", async () => {
    await store.append(novel, key("a"), bytes(1));
    const commit = vi.spyOn(Environment.prototype, "commit");
    let finish: (() => void) | undefined;
    await endAs(() => new Promise((resolve) => (finish = resolve)));
    const append = store.append(novel, key("b"), bytes(2));
    await vi.waitFor(() => expect(finish).toBeDefined());
    timePasses();
    expect(commit).not.toHaveBeenCalled();
    finish?.();
    await append;
    expect(commit).toHaveBeenCalledTimes(1);
  });

  it("that finds no room goes into the database, and is there once", async () => {
    await endAs(failure(28));
    expect(await store.append(novel, key("a"), bytes(1))).toEqual({ place: 1, fresh: true });
    expect(events.map(({ type }) => type)).not.toContain("commit_failed");
    const image = await crashed(folder);
    await store.append(novel, key("b"), bytes(2)); // In the journal again.
    await crash();
    expect(contentOf(await store.load(novel))).toEqual([[1], [2]]);
    folder = image;
    expect(await isStored(novel, 1, "a")).toBe(true);
  });

  it("that was rejected never comes back, though all of it was on disk, and its place goes to another", async () => {
    await endAs(failure(28));
    failsNext(28);
    expect(await codeOf(store.append(novel, key("rejected"), bytes(1)))).toBe("STORE_FULL");
    expect(store.state).toBe("blocked");
    expect(await store.load(novel)).toEqual([]);
    await crash();
    expect(await store.load(novel)).toEqual([]);

    await store.append(essay, key("second"), bytes(1));
    await endAs(failure(28));
    failsNext(28);
    expect(await codeOf(store.append(novel, key("rejected"), bytes(1)))).toBe("STORE_FULL");
    for (const name of ["b", "c"]) await store.append(novel, key(name), bytes(2));
    expect(store.state).toBe("ready");
    await crash();
    expect((await store.load(novel)).map((entry) => entry.key)).toEqual(["b", "c"]);
  });

  it("that failed for good leaves the store failed, and what was acknowledged before is kept", async () => {
    await store.append(novel, key("a"), bytes(1));
    await endAs(failure(5));
    expect(await codeOf(store.append(novel, key("rejected"), bytes(1)))).toBe("STORE_UNAVAILABLE");
    expect(store.state).toBe("failed");
    expect(await codeOf(store.append(novel, key("b"), bytes(1)))).toBe("STORE_UNAVAILABLE");
    expect((await store.load(novel)).map((entry) => entry.key)).toEqual(["a"]);
    await store.close();
    await openIn(folder);
    expect((await store.load(novel)).map((entry) => entry.key)).toEqual(["a"]);
  });
});

describe("two writes to the journal that are under way at once", () => {
  const namesOf = async (id: DocumentKey): Promise<string[]> =>
    (await store.load(id)).map((entry) => entry.key);
  let finish: Record<"first" | "second", (code?: number) => void>;
  let codes: Promise<unknown>[];

  /** Both reach the file; how each ends is for the test to say. */
  beforeEach(async () => {
    await store.append(novel, key("before"), bytes(1));
    const begun: ((code?: number) => void)[] = [];
    const end = () =>
      new Promise<void>((resolve, reject) => {
        begun.push((code) => (code === undefined ? resolve() : failure(code)().catch(reject)));
      });
    await endAs(end, end);
    codes = [codeOf(store.append(novel, key("first"), bytes(2)))];
    await vi.waitFor(() => expect(begun).toHaveLength(1));
    codes.push(codeOf(store.append(essay, key("second"), bytes(2))));
    await vi.waitFor(() => expect(begun).toHaveLength(2));
    finish = { first: begun[0]!, second: begun[1]! };
  });

  /** Goes on with what a crash leaves now, of which the disk had not yet written the first of the two. */
  const crashWithoutFirst = async (): Promise<void> => {
    const image = await crashed(folder);
    const journal = await readFile(join(image, "journal"));
    const epoch = journal.subarray(0, 8);
    const second = journal.lastIndexOf(epoch);
    journal.fill(0, journal.lastIndexOf(epoch, second - 1), second);
    await writeFile(join(image, "journal"), journal);
    finish.first();
    finish.second();
    await Promise.all(codes);
    await store.close();
    folder = image;
  };

  it("are acknowledged in order, whichever is done first", async () => {
    const heard: unknown[] = [];
    for (const [at, code] of codes.entries()) void code.then(() => heard.push(at));
    finish.second();
    for (let n = 0; n < 5; n++) await turn();
    expect(heard).toEqual([]);
    finish.first();
    await Promise.all(codes);
    expect(heard).toEqual([0, 1]);
    await crash();
    expect([await namesOf(novel), await namesOf(essay)]).toEqual([
      ["before", "first"],
      ["first", "second"],
    ]);
  });

  it("are neither of them there after a crash that lost the first, and no later restart brings one back", async () => {
    await crashWithoutFirst();
    await openIn(folder);
    expect([await namesOf(novel), await namesOf(essay)]).toEqual([["before"], ["first"]]);
    for (const name of ["x", "y", "z"]) await store.append(novel, key(name), bytes(3));
    await crash();
    expect([await namesOf(novel), await namesOf(essay)]).toEqual([["before", "x", "y", "z"], ["first"]]);
  });

  it("nor where the database had no room when it was opened, and the journal is gone on with", async () => {
    await crashWithoutFirst();
    failsNext(28);
    await openIn(folder);
    expect([await namesOf(novel), await namesOf(essay)]).toEqual([["before"], ["first"]]);
    for (const name of ["x", "y", "z"]) {
      await store.append(novel, key(name), bytes(3));
      const image = await crashed(folder);
      const other = await LmdbDocumentStore.open({ folder: image });
      expect((await other.load(essay)).map((entry) => entry.key)).toEqual(["first"]);
      await other.close();
    }
    await crash();
    expect([await namesOf(novel), await namesOf(essay)]).toEqual([["before", "x", "y", "z"], ["first"]]);
  });

  it("go into the database both where the first finds no room, each once, though the second was on disk", async () => {
    finish.second();
    finish.first(28);
    expect(await Promise.all(codes)).toEqual(["no error", "no error"]);
    await crash();
    expect([await namesOf(novel), await namesOf(essay)]).toEqual([
      ["before", "first"],
      ["first", "second"],
    ]);
  });

  it.each(["first", "second"] as const)(
    "are rejected both, and stay away, where the first finds no room anywhere; the %s was done first",
    async (which) => {
      failsNext(28);
      finish[which](which === "first" ? 28 : undefined);
      await turn();
      finish[which === "first" ? "second" : "first"](which === "first" ? undefined : 28);
      expect(await Promise.all(codes)).toEqual(["STORE_FULL", "STORE_FULL"]);
      const image = await crashed(folder);
      for (const name of ["x", "y", "z"]) await store.append(novel, key(name), bytes(3));
      await crash();
      expect([await namesOf(novel), await namesOf(essay)]).toEqual([["before", "x", "y", "z"], ["first"]]);
      await store.close();
      await openIn(image);
      expect([await namesOf(novel), await namesOf(essay)]).toEqual([["before"], ["first"]]);
    },
  );

  it("are told apart where only the second fails: the first is kept, the second stays away", async () => {
    failsNext(28);
    finish.second(28);
    await turn();
    finish.first();
    expect(await Promise.all(codes)).toEqual(["no error", "STORE_FULL"]);
    const image = await crashed(folder);
    expect(await store.append(essay, key("x"), bytes(3))).toEqual({ place: 2, fresh: true });
    await crash();
    expect([await namesOf(novel), await namesOf(essay)]).toEqual([
      ["before", "first"],
      ["first", "x"],
    ]);
    await store.close();
    await openIn(image);
    expect([await namesOf(novel), await namesOf(essay)]).toEqual([["before", "first"], ["first"]]);
  });

  it("are both refused where the disk failed under the first, and the store with them", async () => {
    finish.second();
    finish.first(5);
    expect(await Promise.all(codes)).toEqual(["STORE_UNAVAILABLE", "STORE_UNAVAILABLE"]);
    expect(store.state).toBe("failed");
    await crash();
    expect([await namesOf(novel), await namesOf(essay)]).toEqual([["before"], ["first"]]);
  });

  it("are waited for by the database that takes over, and it takes both", async () => {
    const commit = vi.spyOn(Environment.prototype, "commit");
    timePasses();
    finish.second();
    for (let n = 0; n < 5; n++) await turn();
    expect(commit).not.toHaveBeenCalled();
    finish.first();
    await vi.waitFor(() => expect(events.map(({ type }) => type)).toContain("checkpointed"));
    folder = await crashed(folder);
    expect([await isStored(novel, 2, "first"), await isStored(essay, 2, "second")]).toEqual([true, true]);
  });
});

describe("a database that fails behind the journal", () => {
  it("blocks the store where there is no room, loses nothing, and is tried again with the next write", async () => {
    await store.append(novel, key("a"), bytes(1));
    failsNext(28);
    timePasses();
    await vi.waitFor(() => expect(store.state).toBe("blocked"));
    expect(events.at(-1)).toMatchObject({ type: "checkpoint_failed", error: { code: "STORE_FULL" } });
    expect(await store.load(novel)).toHaveLength(1);
    await store.append(novel, key("b"), bytes(2));
    expect(store.state).toBe("ready");
    folder = await crashed(folder);
    expect([await isStored(novel, 1, "a"), await isStored(novel, 2, "b")]).toEqual([true, true]);
  });

  it("fails the store where the disk failed, and all of it is there when it is opened again", async () => {
    await store.append(novel, key("a"), bytes(1));
    failsNext(5);
    timePasses();
    await vi.waitFor(() => expect(store.state).toBe("failed"));
    expect(await codeOf(store.append(novel, key("b"), bytes(2)))).toBe("STORE_UNAVAILABLE");
    expect(await store.load(novel)).toHaveLength(1);
    await store.close();
    await openIn(folder);
    expect((await store.load(novel)).map((entry) => entry.key)).toEqual(["a"]);
  });

  it("is not written to any more by a commit that waited for it", async () => {
    await store.append(novel, key("a"), bytes(1));
    let fail = (): void => undefined;
    const commit = vi.spyOn(Environment.prototype, "commit").mockImplementationOnce(
      () =>
        new Promise((_, reject) => {
          fail = () => reject(Object.assign(new Error("commit"), { code: 5 }));
        }),
    );
    timePasses();
    await turn();
    expect(commit).toHaveBeenCalledTimes(1);
    const append = codeOf(store.append(novel, key("large"), new Uint8Array(300 * KIB)));
    await turn();
    await turn();
    fail();
    expect(await append).toBe("STORE_UNAVAILABLE");
    expect(store.state).toBe("failed");
    expect(commit).toHaveBeenCalledTimes(1);
  });
});

describe("beside a store in memory, with crashes", () => {
  const documents = ["a", "a-b", "b", "c"].map(named);
  const names = ["k1", "k2", "k3", "deleted-1", "k4"].map(entryKey);

  const told = (entries: readonly StoredEntry[]) =>
    entries.map(({ key, place, bytes }) => ({ key, place, bytes: bytes.length, check: crc32(bytes) }));

  /** One call, the same on both sides; what it came to. */
  const call = (rng: Rng): ((to: LmdbDocumentStore | MemoryDocumentStore) => Promise<unknown>) => {
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
    await store.delete(essay);
    for (let step = 0; step < 200; step++) {
      if (rng.int(40) === 0) await crash();
      const ask = call(rng);
      expect(await ask(store), `step ${step}`).toEqual(await ask(twin));
    }
    await crash();
    for (const id of documents) expect(told(await store.load(id))).toEqual(told(await twin.load(id)));
  });
});
