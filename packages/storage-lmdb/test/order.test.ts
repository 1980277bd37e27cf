import type { Appended, DocumentKey } from "@motet/document";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LmdbDocumentStore } from "../src/index.js";
import { bytes, codeOf, contentOf, key, named, newFolder } from "./support.js";

const novel = named("novel");

describe("calls that nobody waits for", () => {
  let store: LmdbDocumentStore;
  beforeEach(async () => {
    store = await LmdbDocumentStore.open({ folder: await newFolder() });
  });
  afterEach(() => store.close());

  it("take effect on one document in the order in which they are made", async () => {
    const calls = [
      store.append(novel, key("a"), bytes(1)),
      store.append(novel, key("b"), bytes(2)),
      store.load(novel),
      store.replace(novel, [key("a"), key("b")], key("s"), bytes(12)),
      store.append(novel, key("c"), bytes(3)),
      store.load(novel),
      store.delete(novel),
      store.load(novel),
      store.append(novel, key("a"), bytes(4)),
      store.load(novel),
    ] as const;
    await Promise.all(calls);
    expect(contentOf(await calls[2])).toEqual([[1], [2]]);
    expect(contentOf(await calls[5])).toEqual([[12], [3]]);
    expect(contentOf(await calls[7])).toEqual([]);
    expect(contentOf(await calls[9])).toEqual([[4]]);
    expect(await calls[8]).toEqual({ place: 1, fresh: true });
  });

  it("show no reader an entry before it is stored", async () => {
    let isStored = false;
    const append = store.append(novel, key("a"), bytes(1)).then(() => {
      isStored = true;
    });
    expect(await store.load(novel)).toHaveLength(1);
    expect(isStored).toBe(true);
    await append;
  });

  it("cover and repeat entries that are still on their way", async () => {
    const first = store.append(novel, key("a"), bytes(1));
    const again = store.append(novel, key("a"), bytes(9));
    const snapshot = store.replace(novel, [key("a")], key("s"), bytes(2));
    const snapshotAgain = store.replace(novel, [key("a")], key("s"), bytes(9));
    expect(await Promise.all([first, again, snapshot, snapshotAgain])).toEqual([
      { place: 1, fresh: true },
      { place: 1, fresh: false },
      1,
      1,
    ]);
    expect(contentOf(await store.load(novel))).toEqual([[2]]);
  });
});

describe("a document of 2,500 entries, read in several turns", () => {
  const filled = async (): Promise<LmdbDocumentStore> => {
    const store = await LmdbDocumentStore.open({ folder: await newFolder() });
    const numbers = Array.from({ length: 2_500 }, (_, n) => n);
    await Promise.all(numbers.map((n) => store.append(novel, key(`e${n}`), bytes(n & 255, n >> 8))));
    return store;
  };

  it("is seen as it was when the reading began", async () => {
    const store = await filled();
    const reading = store.load(novel);
    const replacing = store.replace(novel, [key("e0"), key("e2400")], key("s"), bytes(1));
    const entries = await reading;
    await replacing;
    expect(entries.map((entry) => entry.key)).toEqual(Array.from({ length: 2_500 }, (_, n) => `e${n}`));
    expect(await store.load(novel)).toHaveLength(2_499);
    await store.close();
  });

  it("is read to the end by a store that is being closed", async () => {
    const store = await filled();
    const reading = store.load(novel, 10);
    await store.close();
    expect(await reading).toHaveLength(2_490);
  });

  it("lets others run meanwhile", async () => {
    const store = await filled();
    let turns = 0;
    let isRead = false;
    const count = (): void => {
      turns++;
      if (!isRead) setImmediate(count);
    };
    setImmediate(count);
    await store.load(novel);
    isRead = true;
    expect(turns).toBeGreaterThan(1);
    await store.close();
  });

  it("refuses a place that is none", async () => {
    const store = await filled();
    for (const place of [-1, 0.5, Number.NaN, 2 ** 53])
      expect(await codeOf(store.load(novel, place))).toBe("MALFORMED");
    await store.close();
  });
});

describe("more entries than the store remembers the names of", () => {
  const numbers = Array.from({ length: 60_000 }, (_, n) => n);
  const [left, right] = [named("left"), named("right")];
  const fill = (store: LmdbDocumentStore, id: DocumentKey): Promise<Appended>[] =>
    numbers.map((n) => store.append(id, key(`e${n}`), bytes(1)));

  it("are known again when they are needed", async () => {
    const store = await LmdbDocumentStore.open({ folder: await newFolder() });
    for (const id of [left, right]) await Promise.all(fill(store, id));
    expect(await store.append(left, key("e59999"), bytes(2))).toEqual({ place: 60_000, fresh: false });
    expect(await store.append(left, key("next"), bytes(2))).toEqual({ place: 60_001, fresh: true });
    await store.close();
  });

  it("are not forgotten while they are on their way", async () => {
    const store = await LmdbDocumentStore.open({ folder: await newFolder() });
    const writes = [...fill(store, left), ...fill(store, right)];
    const [again, next] = [key("e59999"), key("next")].map((one) => store.append(left, one, bytes(2)));
    await Promise.all(writes);
    expect(await again).toEqual({ place: 60_000, fresh: false });
    expect(await next).toEqual({ place: 60_001, fresh: true });
    await store.close();
  });
});
