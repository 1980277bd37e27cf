import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import { DraftText } from "../src/draft-text.js";
import { Document, documentId, MemoryDocumentStore, type Operation } from "../src/index.js";
import { replicas } from "./support/replicas.js";
import { asked } from "./support/requests.js";
import { ann, bob, codeOf, novel, world } from "./support/world.js";

const insert = (position: number, text: string) => ({ type: "insert", position, text }) as const;
const erase = (position: number, length: number) => ({ type: "delete", position, length }) as const;
const title = (text: string) => ({ type: "set_title", title: text }) as const;
const context = { user: ann, nowMs: 1_000 };

describe("several operations asked for at once", () => {
  it("are made one after the other, in one entry of the store", async () => {
    const { manager, store, published } = world();
    const all = [insert(0, "hello world"), erase(0, 5), insert(0, "goodbye"), title("Parting")];
    const outcome = await manager.withDocument(novel, (open) => open.applyAll(all, context));
    expect(outcome).toEqual({ version: 24, repeated: false });
    expect(await manager.getSnapshot(novel)).toMatchObject({ text: "goodbye world", title: "Parting" });
    expect(await store.load(novel)).toHaveLength(1);
    expect(published).toHaveLength(4);
  });

  it.each<[string, Operation, string]>([
    ["beyond the text", insert(99, "x"), "OUT_OF_RANGE"],
    ["beyond what those before it leave", erase(0, 12), "OUT_OF_RANGE"],
    ["inside a character of the text", insert(8, "x"), "OUT_OF_RANGE"],
    ["inside a character put in just now", insert(1, "x"), "OUT_OF_RANGE"],
    ["of half a character", insert(0, "\ud800"), "MALFORMED"],
    ["of nothing", insert(0, ""), "MALFORMED"],
    ["at no whole number", insert(0.5, "x"), "OUT_OF_RANGE"],
    ["with a title that is too long", title("x".repeat(1_001)), "MALFORMED"],
    ["of a kind that nobody knows", { type: "explode" } as unknown as Operation, "MALFORMED"],
  ])("are refused as a whole for one %s (C8)", async (_what, bad, code) => {
    const { manager, published } = world();
    await manager.applyOperation(novel, insert(0, "abcde😀"), context);
    const all = [insert(0, "😀"), title("Changed"), bad];
    expect(await codeOf(() => manager.withDocument(novel, (open) => open.applyAll(all, context)))).toBe(code);
    expect(await manager.getSnapshot(novel)).toMatchObject({ text: "abcde😀", title: "", versionNumber: 6 });
    expect(published).toHaveLength(1);
  });

  it("count in the text that their author had read, whatever was written since", async () => {
    const { manager } = world();
    await manager.applyOperation(novel, insert(0, "one three"), context);
    const base = { number: 9 };
    await manager.applyOperation(novel, insert(0, "zero "), { user: bob, nowMs: 2 });
    const all = [insert(4, "two "), erase(0, 4), insert(0, "1 ")];
    await manager.withDocument(novel, (open) => open.applyAll(all, { ...context, base }));
    expect((await manager.getSnapshot(novel)).text).toBe("zero 1 two three");
  });

  it("are made once, however often they are asked for, also after a restart", async () => {
    const store = new MemoryDocumentStore();
    const first = world(store, { compactEntries: 2 }, "first");
    const add = ({ manager }: typeof first) =>
      manager.withDocument(novel, (open) => open.applyAll([insert(0, "ha")], asked("k1")));
    expect(await add(first)).toEqual({ version: 2, repeated: false });
    for (const text of ["x", "y", "z"]) await first.manager.applyOperation(novel, insert(0, text), context);
    expect(await add(first)).toEqual({ version: 2, repeated: true });
    await first.manager.close();
    const second = world(store, {}, "second");
    expect(await add(second)).toEqual({ version: 2, repeated: true });
    expect((await second.manager.getSnapshot(novel)).text).toBe("zyxha");
  });

  it("are another user's own under the same key, and a mistake under a key that was used for others", async () => {
    const { manager } = world();
    const add = (user: typeof ann, digest: string) =>
      manager.withDocument(novel, (open) =>
        open.applyAll([insert(0, "a")], { ...asked("k1", digest), user }),
      );
    await add(ann, "one");
    expect(await add(bob, "two")).toMatchObject({ repeated: false });
    expect(await codeOf(() => add(ann, "two"))).toBe("KEY_REUSED");
    expect((await manager.getSnapshot(novel)).text).toBe("aa");
  });

  it("are forgotten after so many others", async () => {
    const { manager } = world(undefined, { requestsKeptMax: 2 });
    const add = (key: string) =>
      manager.withDocument(novel, (open) => open.applyAll([insert(0, "a")], asked(key)));
    for (const key of ["k1", "k2", "k3"]) await add(key);
    expect([(await add("k2")).repeated, (await add("k1")).repeated]).toEqual([true, false]);
  });
});

it.each(seeds(50))("a draft takes the edits that a document takes, and no others, seed %i", async (seed) => {
  const rng = random(seed);
  const [replica] = replicas("ann");
  const document = new Document({ id: documentId("d"), replica: replica!.replica });
  document.apply(insert(0, "a😀b😀c"), 1);
  const draft = new DraftText(document.text);
  for (let step = 0; step < 100; step++) {
    const [at, length, isInsert] = [rng.int(document.length + 3), 1 + rng.int(4), rng.int(3) > 0];
    const operation = isInsert ? insert(at, rng.int(2) === 0 ? "😀" : "xy") : erase(at, length);
    const told = await codeOf(() =>
      isInsert ? draft.insert(at, (operation as { text: string }).text) : draft.delete(at, length),
    );
    expect(told, `step ${step}`).toBe(await codeOf(() => document.apply(operation, 1)));
  }
});
