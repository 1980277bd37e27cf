import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DocumentStore, type EntryKey, entryKey, type StoredEntry } from "../document-store.js";
import { type DocumentKey, documentId, documentKey, tenantId } from "../ids.js";

/** How the suite gets at stores of the kind under test. */
export interface StoreFixture {
  /** An empty store, apart from all others. */
  open(): Promise<DocumentStore>;
  /** The same data opened again after `close`, for stores whose data outlives them. Without it those cases are left out. */
  reopen?(closed: DocumentStore): Promise<DocumentStore>;
}

const key = (text: string): EntryKey => entryKey(text);
const named = (tenant: string, document: string): DocumentKey =>
  documentKey(tenantId(tenant), documentId(document));
const novel = named("acme", "novel");
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const keysOf = (entries: readonly StoredEntry[]): string[] => entries.map((entry) => entry.key);
const contentOf = (entries: readonly StoredEntry[]): number[][] => entries.map((entry) => [...entry.bytes]);
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no error",
    (error: { code?: unknown }) => error.code,
  );

/** Registers one vitest `describe` that holds the store to every promise of `DocumentStore`. */
export function documentStoreSuite(name: string, fixture: StoreFixture): void {
  describe(name, () => {
    const world: World = { store: undefined as never, fixture };
    beforeEach(async () => {
      world.store = await fixture.open();
    });
    afterEach(() => world.store.close());
    appending(world);
    loading(world);
    replacing(world);
    listing(world);
    deleting(world);
    closing(world);
    if (fixture.reopen !== undefined) reopening(world);
  });
}

interface World {
  store: DocumentStore;
  readonly fixture: StoreFixture;
}

function appending(world: World): void {
  it("gives back what was appended, in the order in which it was", async () => {
    for (const n of [3, 1, 2]) await world.store.append(novel, key(`entry-${n}`), bytes(n));
    expect(contentOf(await world.store.load(novel))).toEqual([[3], [1], [2]]);
  });

  it("keeps the order of appends that nobody waited for", async () => {
    const numbers = Array.from({ length: 50 }, (_, n) => n);
    await Promise.all(numbers.map((n) => world.store.append(novel, key(`e${n}`), bytes(n))));
    expect(contentOf(await world.store.load(novel))).toEqual(numbers.map((n) => [n]));
  });

  it("numbers places from 1, rising", async () => {
    const places = [];
    for (const n of [1, 2, 3]) places.push(await world.store.append(novel, key(`e${n}`), bytes(n)));
    expect(places[0]).toEqual({ place: 1, fresh: true });
    expect(places.map((one) => one.place)).toEqual((await world.store.load(novel)).map((one) => one.place));
    expect(places[0]!.place < places[1]!.place && places[1]!.place < places[2]!.place).toBe(true);
  });

  it("is not changed by the same key again, whatever it brings", async () => {
    const first = await world.store.append(novel, key("once"), bytes(1));
    expect(await world.store.append(novel, key("once"), bytes(2))).toEqual({
      place: first.place,
      fresh: false,
    });
    expect(contentOf(await world.store.load(novel))).toEqual([[1]]);
  });

  it("lets exactly one of two at once have a key", async () => {
    const both = [bytes(1), bytes(2)].map((one) => world.store.append(novel, key("contested"), one));
    expect((await Promise.all(both)).filter((one) => one.fresh)).toHaveLength(1);
    expect(await world.store.load(novel)).toHaveLength(1);
  });

  it("keeps its own copy: a caller that reuses its buffer changes nothing that is stored", async () => {
    const buffer = bytes(1, 2, 3);
    await world.store.append(novel, key("copy"), buffer);
    buffer.fill(9);
    expect(contentOf(await world.store.load(novel))).toEqual([[1, 2, 3]]);
  });

  it("keeps a slice of a larger buffer as that slice", async () => {
    await world.store.append(novel, key("slice"), bytes(0, 1, 2, 3, 4).subarray(1, 3));
    expect(contentOf(await world.store.load(novel))).toEqual([[1, 2]]);
  });

  it("keeps every byte value, and a megabyte in one entry (F11)", async () => {
    const large = Uint8Array.from({ length: 1 << 20 }, (_, at) => (at * 31 + (at >> 8)) & 255);
    await world.store.append(novel, key("large"), large);
    const [entry] = await world.store.load(novel);
    expect(entry!.bytes.length).toBe(large.length);
    expect(entry!.bytes.every((byte, at) => byte === large[at])).toBe(true);
  });

  it("refuses an empty entry", async () => {
    expect(await codeOf(world.store.append(novel, key("empty"), bytes()))).toBe("MALFORMED");
    expect(await world.store.load(novel)).toEqual([]);
  });
}

function loading(world: World): void {
  it("has no entries for a document that was never written, and writes none by reading", async () => {
    expect(await world.store.load(novel)).toEqual([]);
    expect(await world.store.list({ limit: 10 })).toEqual([]);
  });

  it("gives only what came after a place", async () => {
    const { place } = await world.store.append(novel, key("a"), bytes(1));
    await world.store.append(novel, key("b"), bytes(2));
    expect(keysOf(await world.store.load(novel, place))).toEqual(["b"]);
    expect(keysOf(await world.store.load(novel, place + 1))).toEqual([]);
  });

  it("keeps documents apart, also those whose names begin alike or belong to another tenant", async () => {
    const documents = [novel, named("acme", "novel2"), named("acme2", "novel"), named("acm", "enovel")];
    for (const [n, id] of documents.entries()) await world.store.append(id, key("same"), bytes(n));
    for (const [n, id] of documents.entries()) expect(contentOf(await world.store.load(id))).toEqual([[n]]);
  });

  it("takes names of the greatest length", async () => {
    const longest = named("t".repeat(128), "d".repeat(128));
    await world.store.append(longest, key("k".repeat(96)), bytes(1));
    expect(keysOf(await world.store.load(longest))).toEqual(["k".repeat(96)]);
    expect(await world.store.list({ limit: 10 })).toEqual([longest]);
  });
}

function replacing(world: World): void {
  const three = async (): Promise<void> => {
    for (const n of [1, 2, 3]) await world.store.append(novel, key(`e${n}`), bytes(n));
  };

  it("puts one entry in the place of those it covers", async () => {
    await three();
    await world.store.replace(novel, [key("e1"), key("e2")], key("snapshot"), bytes(12));
    expect(contentOf(await world.store.load(novel))).toEqual([[12], [3]]);
  });

  it("keeps an entry written by another node while this one compacts", async () => {
    await three();
    await world.store.replace(novel, [key("e1"), key("e3")], key("snapshot"), bytes(13));
    expect(keysOf(await world.store.load(novel))).toEqual(["e2", "snapshot"]);
  });

  it("stands where the last covered one stood, so that whoever had seen less sees it", async () => {
    await three();
    const [, second] = await world.store.load(novel);
    const place = await world.store.replace(novel, [key("e1"), key("e2")], key("snapshot"), bytes(12));
    expect(place).toBe(second!.place);
    expect(keysOf(await world.store.load(novel, place - 1))).toEqual(["snapshot", "e3"]);
    expect(keysOf(await world.store.load(novel, place))).toEqual(["e3"]);
  });

  it("is refused when a covered one is gone, and changes nothing", async () => {
    await three();
    await world.store.replace(novel, [key("e1"), key("e2")], key("snapshot"), bytes(12));
    const late = world.store.replace(novel, [key("e2"), key("e3")], key("late"), bytes(23));
    expect(await codeOf(late)).toBe("FENCED");
    expect(keysOf(await world.store.load(novel))).toEqual(["snapshot", "e3"]);
  });

  it("lets one of two compactions at once win", async () => {
    await three();
    const codes = await Promise.all(
      ["left", "right"].map((one) =>
        codeOf(world.store.replace(novel, [key("e1"), key("e2")], key(one), bytes(9))),
      ),
    );
    expect(codes.sort()).toEqual(["FENCED", "no error"]);
    expect(await world.store.load(novel)).toHaveLength(2);
  });

  it("is not changed by the same replacement again", async () => {
    await three();
    const once = () => world.store.replace(novel, [key("e1"), key("e2")], key("snapshot"), bytes(12));
    expect(await once()).toBe(await once());
    expect(contentOf(await world.store.load(novel))).toEqual([[12], [3]]);
  });

  it("goes on counting places behind a replaced end", async () => {
    await three();
    const place = await world.store.replace(novel, ["e1", "e2", "e3"].map(key), key("snapshot"), bytes(123));
    expect((await world.store.append(novel, key("e4"), bytes(4))).place).toBeGreaterThan(place);
  });

  it("can never put nothing in the place of a document", async () => {
    await three();
    expect(await codeOf(world.store.replace(novel, [key("e1")], key("s"), bytes()))).toBe("MALFORMED");
    expect(await codeOf(world.store.replace(novel, [], key("s"), bytes(1)))).toBe("MALFORMED");
    expect(await codeOf(world.store.replace(novel, [key("e1"), key("e1")], key("s"), bytes(1)))).toBe(
      "MALFORMED",
    );
    expect(keysOf(await world.store.load(novel))).toEqual(["e1", "e2", "e3"]);
  });

  it("is refused for a document that is not there", async () => {
    expect(await codeOf(world.store.replace(novel, [key("e1")], key("s"), bytes(1)))).toBe("FENCED");
    expect(await world.store.list({ limit: 1 })).toEqual([]);
  });
}

function listing(world: World): void {
  const names = [named("a", "x"), named("a", "y"), named("a-b", "x"), named("b", "x"), named("b", "y")];
  const fill = async (): Promise<void> => {
    for (const id of [...names].reverse()) await world.store.append(id, key("e"), bytes(1));
  };

  it("names every document once, in order, however many entries it has", async () => {
    await fill();
    await world.store.append(names[0]!, key("more"), bytes(2));
    expect(await world.store.list({ limit: 100 })).toEqual([...names].sort());
  });

  it("walks through all documents page by page", async () => {
    await fill();
    const seen: DocumentKey[] = [];
    for (;;) {
      const after = seen.at(-1);
      const page = await world.store.list({ limit: 2, ...(after === undefined ? {} : { after }) });
      if (page.length === 0) break;
      seen.push(...page);
    }
    expect(seen).toEqual([...names].sort());
  });

  it("names one tenant's documents only, and not those of one whose name begins alike", async () => {
    await fill();
    expect(await world.store.list({ tenant: tenantId("a"), limit: 100 })).toEqual([names[0], names[1]]);
    expect(await world.store.list({ tenant: tenantId("b"), after: names[3]!, limit: 100 })).toEqual([
      names[4],
    ]);
  });

  it("refuses a page of no documents", async () => {
    for (const limit of [0, -1, 1.5, Number.NaN, 10_001]) {
      expect(await codeOf(world.store.list({ limit }))).toBe("MALFORMED");
    }
  });
}

function deleting(world: World): void {
  it("removes a document with all its entries, and no other", async () => {
    const other = named("acme", "novel-2");
    for (const id of [novel, other]) await world.store.append(id, key("e"), bytes(1));
    await world.store.delete(novel);
    expect(await world.store.load(novel)).toEqual([]);
    expect(await world.store.list({ limit: 10 })).toEqual([other]);
  });

  it("does not mind removing what is not there", async () => {
    await expect(world.store.delete(novel)).resolves.toBeUndefined();
  });

  it("starts a removed document afresh: its keys are free, its places count from 1", async () => {
    await world.store.append(novel, key("e"), bytes(1));
    await world.store.append(novel, key("f"), bytes(1));
    await world.store.delete(novel);
    expect(await world.store.append(novel, key("f"), bytes(2))).toEqual({ place: 1, fresh: true });
    expect(contentOf(await world.store.load(novel))).toEqual([[2]]);
  });

  it("does not list a document of which a tombstone alone is left, until something is written to it again", async () => {
    const other = named("acme", "other");
    await world.store.append(novel, key("e"), bytes(1));
    await world.store.append(other, key("e"), bytes(1));
    const tombstone = key("deleted-1-x");
    await world.store.replace(novel, [key("e")], tombstone, bytes(7));
    expect(await world.store.list({ limit: 10 })).toEqual([other]);
    expect(keysOf(await world.store.load(novel))).toEqual([tombstone]);
    await world.store.append(novel, key("again"), bytes(2));
    expect(await world.store.list({ limit: 10 })).toEqual([novel, other]);
  });
}

function closing(world: World): void {
  it("refuses everything once closed, and may be closed again", async () => {
    await world.store.close();
    await world.store.close();
    const { store } = world;
    const calls: (() => Promise<unknown>)[] = [
      () => store.load(novel),
      () => store.append(novel, key("e"), bytes(1)),
      () => store.replace(novel, [key("e")], key("s"), bytes(1)),
      () => store.list({ limit: 1 }),
      () => store.delete(novel),
    ];
    for (const call of calls) expect(await codeOf(call())).toBe("CLOSED");
  });

  it("finishes the writes under way when it closes", async () => {
    const written = world.store.append(novel, key("e"), bytes(1));
    await world.store.close();
    expect((await written).fresh).toBe(true);
  });
}

function reopening(world: World): void {
  const reopen = async (): Promise<void> => {
    await world.store.close();
    world.store = await world.fixture.reopen!(world.store);
  };

  it("has everything again after it was closed and opened", async () => {
    for (const n of [1, 2, 3]) await world.store.append(novel, key(`e${n}`), bytes(n));
    await world.store.replace(novel, [key("e1"), key("e2")], key("snapshot"), bytes(12));
    const before = await world.store.load(novel);
    await reopen();
    const after = await world.store.load(novel);
    expect(keysOf(after)).toEqual(keysOf(before));
    expect(contentOf(after)).toEqual(contentOf(before));
    expect(after.map((one) => one.place)).toEqual(before.map((one) => one.place));
  });

  it("knows its keys and goes on with its places after it was opened again", async () => {
    const { place } = await world.store.append(novel, key("once"), bytes(1));
    await reopen();
    expect(await world.store.append(novel, key("once"), bytes(2))).toEqual({ place, fresh: false });
    expect((await world.store.append(novel, key("next"), bytes(3))).place).toBeGreaterThan(place);
  });

  it("does not bring back what was deleted", async () => {
    await world.store.append(novel, key("e"), bytes(1));
    await world.store.delete(novel);
    await reopen();
    expect(await world.store.list({ limit: 10 })).toEqual([]);
  });
}
