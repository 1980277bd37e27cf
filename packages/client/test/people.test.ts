import { describe, expect, it } from "vitest";
import type { ActivityListener } from "../src/index.js";
import { settle, World } from "./support/world.js";

const MINUTE_MS = 60_000;

/** Ann and Bob at a document that says `text`. */
async function annAndBob(text = "hello world") {
  const world = new World();
  const [ann, bob] = [await world.open({ name: "Ann" }), await world.open({ user: "bob" })];
  await ann.type(text);
  await settle();
  const seen = () => bob.document.cursors().map(({ person, anchor, head }) => [person.id, anchor, head]);
  return { world, ann: ann.document, bob: bob.document, seen };
}

describe("what somebody selects", () => {
  it("is shown to the others, in offsets of the text as it is here, and not to themselves", async () => {
    const { ann, bob, seen } = await annAndBob();
    ann.setSelection({ anchor: 0, head: 5 });
    await settle();
    expect(seen()).toEqual([["ann", 0, 5]]);
    expect(ann.cursors()).toEqual([]);
    expect(bob.people.get("ann")).toMatchObject({
      cursor: { line: 0, column: 5 },
      selection: { anchor: { line: 0, column: 0 }, head: { line: 0, column: 5 } },
    });
    bob.insert(0, ">> ");
    expect(seen()).toEqual([["ann", 3, 8]]);
  });

  it("backwards is shown backwards", async () => {
    const { ann, seen } = await annAndBob();
    ann.setSelection({ anchor: 11, head: 6 });
    await settle();
    expect(seen()).toEqual([["ann", 11, 6]]);
  });

  it("does not grow by what others type at its ends, and a mere cursor stays before it", async () => {
    const { ann, bob, seen } = await annAndBob();
    ann.setSelection({ anchor: 6, head: 11 });
    await settle();
    bob.insert(11, "!");
    bob.insert(6, "(");
    expect(seen()).toEqual([["ann", 7, 12]]);
    ann.setSelection({ anchor: 5, head: 5 });
    await settle();
    bob.insert(5, ",");
    expect(seen()).toEqual([["ann", 5, 5]]);
  });

  it("closes around its gap when its characters are deleted", async () => {
    const { ann, bob, seen } = await annAndBob();
    ann.setSelection({ anchor: 2, head: 9 });
    await settle();
    bob.delete(1, 9);
    expect(seen()).toEqual([["ann", 1, 1]]);
  });

  it("is gone when it is taken away", async () => {
    const { ann, bob, seen } = await annAndBob();
    ann.setSelection({ anchor: 1, head: 2 });
    await settle();
    ann.setSelection(undefined);
    await settle();
    expect(seen()).toEqual([]);
    expect(bob.people.get("ann")).not.toHaveProperty("cursor");
    expect(bob.people.get("ann")).not.toHaveProperty("selection");
  });

  it("is told once while it stays the same, and again on a new line", async () => {
    const { world, ann, seen } = await annAndBob();
    for (let round = 0; round < 3; round++) {
      ann.setSelection({ anchor: 1, head: 2 });
      await settle();
    }
    const told = () => world.server.heard.filter(({ type }) => type === "selection").length;
    expect(told()).toBe(1);
    world.server.cutAll();
    await world.pass(1_000);
    expect([told(), seen()]).toEqual([2, [["ann", 1, 2]]]);
  });

  it.each([
    { anchor: 0, head: 12 },
    { anchor: -1, head: 0 },
    { anchor: Number.NaN, head: 0 },
    { anchor: 0.5, head: 1 },
  ])("is refused outside of the text: $anchor to $head", async (selection) => {
    const { ann, seen } = await annAndBob();
    expect(() => ann.setSelection(selection)).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
    await settle();
    expect(seen()).toEqual([]);
  });

  it("is refused inside a character", async () => {
    const { ann } = await annAndBob("a🎼");
    expect(() => ann.setSelection({ anchor: 2, head: 2 })).toThrow(
      expect.objectContaining({ code: "OUT_OF_RANGE" }),
    );
  });

  it("that names text which is not here yet is not shown, until it is", async () => {
    const { world, ann, seen } = await annAndBob();
    world.server.hold();
    ann.insert(11, "!");
    ann.setSelection({ anchor: 12, head: 12 });
    await settle();
    expect(seen()).toEqual([]); // This server does not wait for its disk before it tells of cursors.
    world.server.release();
    await settle();
    expect(seen()).toEqual([["ann", 12, 12]]);
  });
});

describe("several operations at once", () => {
  it("are taken back as one, whatever they are", async () => {
    const { ann } = await annAndBob("one two");
    ann.apply(
      { type: "delete", position: 0, length: 3 },
      { type: "insert", position: 0, text: "1" },
      { type: "delete", position: 2, length: 3 },
      { type: "insert", position: 2, text: "2" },
    );
    expect(ann.text).toBe("1 2");
    ann.undo();
    expect(ann.text).toBe("one two");
    ann.redo();
    expect(ann.text).toBe("1 2");
  });

  it("that turn out wrong midway have been done up to there, and are shown and taken back", async () => {
    const { ann, bob } = await annAndBob("text");
    ann.endUndoStep();
    const changes: string[] = [];
    ann.on("change", () => changes.push(ann.text));
    const [good, bad] = [
      { type: "insert", position: 0, text: "a " } as const,
      { type: "delete", position: 99, length: 1 } as const,
    ];
    expect(() => ann.apply(good, bad)).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
    await settle();
    expect([ann.text, bob.text, changes]).toEqual(["a text", "a text", ["a text"]]);
    ann.undo();
    expect(ann.text).toBe("text");
  });

  it("are a step of their own once the caret was moved", async () => {
    const { ann } = await annAndBob("a");
    ann.insert(1, "b");
    ann.endUndoStep();
    ann.insert(2, "c");
    ann.undo();
    expect(ann.text).toBe("ab");
  });
});

describe("how somebody is", () => {
  async function watched(idleMs?: number) {
    const world = new World();
    let page: ActivityListener | undefined;
    let watches = 0;
    const ann = await world.open({
      ...(idleMs !== undefined && { activity: { idleMs } }),
      platform: {
        activity: (listener) => {
          page = listener;
          watches++;
          return () => watches--;
        },
      },
    });
    const bob = await world.open({ user: "bob" });
    const status = async () => {
      await settle();
      return bob.document.people.get("ann")?.status;
    };
    return { world, ann: ann.document, page: page as ActivityListener, status, watches: () => watches };
  }

  it("is idle after five minutes without input, and active with the next", async () => {
    const { world, page, status } = await watched();
    await world.pass(4 * MINUTE_MS, MINUTE_MS / 2);
    page.acted();
    await world.pass(5 * MINUTE_MS - 1_000, MINUTE_MS / 2);
    expect(await status()).toBe("active");
    await world.pass(1_000);
    expect(await status()).toBe("idle");
    page.acted();
    expect(await status()).toBe("active");
  });

  it("is idle after the time that was asked for", async () => {
    const { world, status } = await watched(2_000);
    await world.pass(2_000);
    expect(await status()).toBe("idle");
  });

  it("is away while the page is hidden, however long, and active when it is seen again", async () => {
    const { world, page, status } = await watched();
    page.shown(false);
    expect(await status()).toBe("away");
    await world.pass(10 * MINUTE_MS, MINUTE_MS / 2);
    expect(await status()).toBe("away");
    page.shown(true);
    expect(await status()).toBe("active");
    await world.pass(5 * MINUTE_MS, MINUTE_MS / 2);
    expect(await status()).toBe("idle");
  });

  it("is said again on a new line, and once a minute while they are active", async () => {
    const { world, page, status } = await watched();
    page.shown(false);
    await status();
    world.server.cutAll();
    await world.pass(2_000);
    expect(await status()).toBe("away");
    page.shown(true);
    await status();
    const told = () => world.server.heard.filter(({ type }) => type === "presence_update").length;
    const before = told();
    for (let second = 0; second < 120; second++) {
      page.acted();
      await world.pass(1_000, 1_000);
    }
    expect(told() - before).toBe(1); // Of the two minutes, the second begins with their end.
  });

  it("is watched no more once the document is closed", async () => {
    const { ann, watches } = await watched();
    expect(watches()).toBe(1);
    await ann.close();
    expect(watches()).toBe(0);
  });

  it("is left to the application that says so", async () => {
    const world = new World();
    let isWatched = false;
    const activity = () => {
      isWatched = true;
      return () => {};
    };
    await world.open({ activity: false, platform: { activity } });
    expect(isWatched).toBe(false);
  });
});
