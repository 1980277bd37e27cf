import { describe, expect, it } from "vitest";
import { type DocumentStore, MemoryDocumentStore, type OpenDocument } from "../src/index.js";
import { ControlledStore } from "./support/controlled-store.js";
import { replicas, type } from "./support/replicas.js";
import { ann, bob, codeOf, novel, turns, world } from "./support/world.js";

const insert = (position: number, text: string) => ({ type: "insert", position, text }) as const;

/** Ann writes a secret, and takes it out again. */
async function redacted(document: OpenDocument): Promise<void> {
  document.apply({ type: "set_title", title: "t" }, { user: bob, nowMs: 1 });
  document.apply(insert(0, "public secret end"), { user: ann, nowMs: 2 });
  document.apply({ type: "delete", position: 7, length: 7 }, { user: ann, nowMs: 3 });
  await turns();
}

/** Everything that is stored, as text to look for words in. */
async function stored(store: DocumentStore): Promise<string> {
  const entries = await store.load(novel);
  return entries.map(({ bytes }) => new TextDecoder("latin1").decode(bytes)).join("\n");
}

describe("a document that an administrator trims", () => {
  it("A15: holds the deleted text nowhere any more: not in memory, not in the store, not when it is opened again", async () => {
    const { manager, store } = world();
    const document = await manager.open(novel);
    await redacted(document);
    expect(await stored(store)).toContain("secret");
    expect(await manager.forgetBefore(novel, { number: 25 })).toBe(7);
    expect(await stored(store)).not.toContain("secret");
    const blamed = document.history.blame();
    const again = await world(store, {}, "again").manager.open(novel);
    for (const { document: one, history } of [document, again]) {
      expect([one.text, one.title, one.versionNumber]).toEqual(["public end", "t", 25]);
      expect(history.blame()).toEqual(blamed);
      expect(await codeOf(() => history.at({ number: 18 }))).toBe("TRIMMED");
      expect(await codeOf(() => history.diff({ number: 18 }))).toBe("TRIMMED");
      expect(await codeOf(() => history.restoring({ number: 18 }))).toBe("TRIMMED");
      expect(history.diff({ number: 0 }).authored).toEqual([{ insert: "public end", user: ann, atMs: 2 }]);
    }
  });

  it("A15: takes what a replica wrote while it was away, and is not given the trimmed text back", async () => {
    const { manager, store } = world();
    const document = await manager.open(novel);
    await redacted(document);
    const [away] = replicas("away");
    away.receive(document.document.encode());
    const early = away.encode();
    const unsent = type(away, 10, "!");
    await document.forgetBefore({ number: 25 });
    document.receive(early, { user: bob, nowMs: 4 });
    document.receive(unsent, { user: bob, nowMs: 5 });
    away.receive(document.document.encode());
    expect([document.document.text, away.text]).toEqual(["public end!", "public end!"]);
    await document.forgetBefore({ number: 26 });
    expect(await stored(store)).not.toContain("secret");
    expect(away.at(document.history.names()[0]?.version ?? away.version).text).toBe("public end!");
  });

  it("A15: goes on being edited meanwhile, and lets everybody know what they are told of as it was", async () => {
    const store = new ControlledStore();
    const { manager, published } = world(store, { compactEntries: 2 });
    const document = await manager.open(novel);
    await redacted(document);
    store.holding = true;
    document.apply(insert(0, "brief"), { user: ann, nowMs: 4 });
    document.apply({ type: "delete", position: 0, length: 5 }, { user: ann, nowMs: 5 });
    const trimmed = document.forgetBefore({ version: document.document.version });
    document.apply(insert(0, "still "), { user: bob, nowMs: 6 });
    store.holding = false;
    store.confirm();
    expect(await trimmed).toBe(12);
    await turns(5);
    expect(published[3]!.change.text.steps).toBeDefined();
    expect(await stored(store)).not.toMatch(/secret|brief/);
    expect((await world(store, {}, "again").manager.getSnapshot(novel)).text).toBe("still public end");
  });

  it("A15: says so when the store could not be rewritten, and can be asked again", async () => {
    const store = new ControlledStore();
    const { manager } = world(store);
    const document = await manager.open(novel);
    await redacted(document);
    store.failing.add("replace");
    expect(await codeOf(() => manager.forgetBefore(novel, { number: 25 }))).toBe("STORE_UNAVAILABLE");
    expect(await stored(store)).toContain("secret");
    store.failing.clear();
    expect(await manager.forgetBefore(novel, { number: 25 })).toBe(0);
    expect(await stored(store)).not.toContain("secret");
  });

  it("A15: refuses a state that never was", async () => {
    const { manager } = world(new MemoryDocumentStore());
    await redacted(await manager.open(novel));
    expect(await codeOf(() => manager.forgetBefore(novel, { number: 99 }))).toBe("UNKNOWN_VERSION");
  });
});
