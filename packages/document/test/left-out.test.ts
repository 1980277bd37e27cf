import { encodeWhole, forgetBefore, replicaId, Update, VersionVector } from "@motet/crdt-core";
import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import type { Document, OpenDocument } from "../src/index.js";
import { replicas, said, someOperation, sync, type } from "./support/replicas.js";
import { ann, bob, codeOf, novel, turns, world } from "./support/world.js";

/** A replica called `name` that joined `document` when it was as it is now. */
function newcomer(document: Document, name: string): Document {
  const [joined] = replicas(name);
  joined!.receive(encodeWhole(document.content, { withoutDeleted: true }));
  return joined!;
}

/** Bob's "one two", once "one secret two": his replica, and that of Ann, who joined then and wrote on. */
function secretKept(): { author: Document; joined: Document; typed: VersionVector } {
  const [author] = replicas("author");
  type(author!, 0, "one secret two");
  const typed = author!.version;
  author!.apply({ type: "delete", position: 4, length: 7 }, 1);
  const joined = newcomer(author!, "joined");
  type(joined, 4, "ann ");
  return { author: author!, joined, typed };
}

/** A server that has lost everything, and was brought what Ann has. */
async function broughtBack() {
  const { author, joined, typed } = secretKept();
  const { manager, store, published } = world();
  const document = await manager.open(novel);
  document.receive(joined.encode(), { user: ann, nowMs: 5 });
  await turns();
  return { author, joined, typed, manager, store, published, document };
}

/** All that anybody may ask of a document's history, where it does not need the characters. */
function told({ document, history }: OpenDocument) {
  const first = history.diff({ number: 0 });
  return {
    authored: first.authored,
    operations: document.diff(first.from, first.to).operations.length,
    blame: history.blame(),
    sittings: history.sittings(),
    changes: [...history.changes()],
    text: history.at({ number: 25 }).text,
  };
}

describe("text without its characters, from who joined when it was deleted", () => {
  it("is taken together with its deletion: the document is whole, but for what nobody could tell any more", async () => {
    const { document, typed, joined } = await broughtBack();
    expect(document.document.text).toBe("one ann two");
    expect(document.document.version).toEqual(joined.version);
    expect(await codeOf(() => document.history.at({ version: typed }))).toBe("TRIMMED");
    expect(await codeOf(() => document.history.restoring({ version: typed }))).toBe("TRIMMED");
    expect(await codeOf(() => document.history.diff({ version: typed }))).toBe("TRIMMED");
    expect(told(document)).toMatchObject({
      authored: [{ insert: "one ann two", user: ann, atMs: 5 }],
      blame: [{ user: ann, atMs: 5 }],
      text: "one ann two",
    });
  });

  it("is in the store as it is in memory, also when the log was put together", async () => {
    const { document, store, typed } = await broughtBack();
    const before = told(document);
    const again = await world(store, {}, "again").manager.open(novel);
    expect(told(again)).toEqual(before);
    for (let entry = 0; entry < 3; entry++) {
      again.apply({ type: "insert", position: 0, text: "x" }, { user: bob, nowMs: 6 + entry });
      await turns();
    }
    const short = world(store, { compactEntries: 2 }, "short").manager;
    const compacted = await short.open(novel);
    compacted.apply({ type: "insert", position: 0, text: "y" }, { user: bob, nowMs: 20 });
    await turns(6);
    expect((await store.load(novel)).map(({ key }) => key.split("-")[0])).toContain("whole");
    const last = await world(store, {}, "last").manager.open(novel);
    expect([last.document.text, told(last).text]).toEqual(["yxxxone ann two", "one ann two"]);
    expect(await codeOf(() => last.history.at({ version: typed }))).toBe("TRIMMED");
  });

  it.each([
    ["without its deletion", 14],
    ["with half of it", 17],
  ])("is refused where it would be seen, %s, and nothing has changed then", async (_, seq) => {
    const { joined } = secretKept();
    const { manager } = world();
    const document = await manager.open(novel);
    const part = joined.encode(undefined, new VersionVector([[replicaId("author"), seq]]));
    expect(await codeOf(() => document.receive(part, { user: ann, nowMs: 5 }))).toBe("MALFORMED");
    expect([document.document.text, document.document.versionNumber]).toEqual(["", 0]);
    document.receive(joined.encode(), { user: ann, nowMs: 6 });
    expect(document.document.text).toBe("one ann two");
  });

  it("is the same operations as text with its characters, which nobody puts in its place later", async () => {
    const { document, author, typed } = await broughtBack();
    const { versionNumber } = document.document;
    document.receive(author.encode(), { user: bob, nowMs: 6 });
    expect(document.document.versionNumber).toBe(versionNumber);
    expect(await codeOf(() => document.history.at({ version: typed }))).toBe("TRIMMED");
    const [other] = replicas("author");
    type(other!, 0, "one forged two");
    other!.apply({ type: "delete", position: 4, length: 7 }, 1);
    document.receive(other!.encode(), { user: bob, nowMs: 7 });
    expect([document.document.text, document.document.versionNumber]).toEqual(["one ann two", versionNumber]);
  });

  it("tells nobody who has the characters anything new, and is filled in where they come later", async () => {
    const { author, published, typed } = await broughtBack();
    const [late] = replicas("late");
    for (const { update } of published) for (const reader of [author, late!]) reader.receive(update);
    expect([author.text, late!.text]).toEqual(["one ann two", "one ann two"]);
    expect(author.at(typed).text).toBe("one secret two");
    late!.merge(author); // Nothing: it has all of it.
    expect(await codeOf(() => late!.at(typed))).toBe("TRIMMED");
    late!.receive(author.encode());
    expect(late!.at(typed).text).toBe("one secret two");
  });

  it("of a writer's own spoils no state that anybody has seen", async () => {
    const { manager, published } = world();
    const document = await manager.open(novel);
    const seen: [number, string][] = [];
    const note = async () => {
      await turns();
      seen.push([document.document.versionNumber, document.document.text]);
    };
    document.apply({ type: "insert", position: 0, text: "bob writes" }, { user: bob, nowMs: 1 });
    await note();
    const spoiler = newcomer(document.document, "spoiler");
    for (let round = 0; round < 3; round++) {
      type(spoiler, 3, "0123456789");
      spoiler.apply({ type: "delete", position: 3, length: 10 }, 1);
      forgetBefore(spoiler.content, spoiler.version);
      const update = spoiler.encode(document.document.version);
      expect(Update.decode(update).leavesOut).toBe(true);
      document.receive(update, { user: ann, nowMs: 2 });
      await note();
      const view = { version: seen[0]![0], client: "tab" };
      document.apply({ type: "insert", position: 10, text: "!" }, { user: bob, nowMs: 3, view });
      await note();
    }
    expect(seen.at(-1)![1]).toBe("bob writes!!!");
    const { history } = document;
    for (const [number, text] of seen) {
      expect(history.at({ number }).text).toBe(text);
      expect(history.diff({ number: seen[0]![0] }, { number }).text.steps).toBeDefined();
      expect(history.diff({ number: 0 }, { number }).authored.every((step) => "user" in step)).toBe(true);
    }
    expect(await codeOf(() => history.at({ number: seen[1]![0] - 5 }))).toBe("TRIMMED");
    expect(published.every(({ change }) => change.text.steps.length > 0 || change.text.isEmpty)).toBe(true);
  });

  it.each(seeds(60))("brings back all that it is part of, seed %i", (seed) => {
    const rng = random(seed);
    const all: Document[] = [...replicas("ann", "bob", "cem")];
    for (let step = 0; step < 60; step++) {
      const one = rng.pick(all);
      one.apply(someOperation(rng, one.text), step);
      if (rng.int(3) > 0) rng.pick(all).merge(one);
      if (rng.int(12) === 0) all.push(newcomer(one, `new-${step}`));
    }
    const newcomers = all.slice(3);
    for (const from of all) for (const to of newcomers) to.merge(from);
    const [server] = replicas("server");
    for (const one of newcomers.filter(() => rng.int(2) === 0)) server!.merge(one);
    for (const one of newcomers) server!.merge(one);
    for (const one of all) one.merge(server!);
    sync(...all);
    for (const one of all) expect(said(one)).toEqual(said(all[0]!));
    if (newcomers.length > 0) expect(said(server!)).toEqual(said(all[0]!));
  });
});
