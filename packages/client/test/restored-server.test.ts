import { describe, expect, it } from "vitest";
import { random, seeds } from "./support/random.js";
import { type Page, settle, World } from "./support/world.js";

/** Ann and Bob, each with a word in the document that the other has seen. */
async function annAndBob(world: World): Promise<[Page, Page]> {
  const [ann, bob] = [await world.open(), await world.open({ user: "bob" })];
  await ann.type("one two ");
  await settle();
  return [ann, bob];
}

const replicas = (world: World) => [...world.server.document.version].map(([replica]) => replica);

describe("a server that was set back to a backup (F12)", () => {
  it("gets again what it had acknowledged", async () => {
    const world = new World();
    const page = await world.open();
    await page.type("hello");
    await settle();
    world.server.restore();
    await world.pass(1_000);
    expect([world.server.document.text, page.document.state]).toEqual(["hello", "saved"]);
  });

  it("gets from whoever has it what others wrote who are gone, unchanged, where nobody owns their ids any more", async () => {
    const world = new World();
    const [ann, bob] = await annAndBob(world);
    bob.document.insert(3, "BOB");
    await settle();
    ann.document.insert(4, "inside");
    await settle();
    const before = replicas(world);
    await bob.document.close();
    world.server.restore();
    await world.pass(30_000);
    expect(world.server.document.text).toBe("one two "); // Bob may still come, and ann's word is within his.
    expect(ann.problems.map(({ code }) => code)).toContain("SERVER_BEHIND");
    await world.pass(5_000);
    expect(world.server.document.text).toBe("oneBinsideOB two ");
    expect([ann.text, ann.document.state]).toEqual([world.server.document.text, "saved"]);
    expect([replicas(world), ann.rejections]).toEqual([before, []]);
  });

  it("has nothing twice when they come back, and takes what they write then", async () => {
    const world = new World();
    const [ann, bob] = await annAndBob(world);
    bob.document.insert(0, "BOB ");
    await settle();
    await ann.document.close();
    world.server.restore();
    bob.document.disconnect();
    const cem = await world.open({ user: "cem" });
    await cem.type("cem ");
    const dan = await world.open({ user: "dan" });
    bob.document.reconnect();
    await world.pass(40_000);
    bob.document.insert(0, "AGAIN ");
    await settle();
    await world.pass(5_000);
    const words = world.server.document.text.trim().split(" ").sort();
    expect(words).toEqual(["AGAIN", "BOB", "cem", "one", "two"]);
    for (const page of [bob, cem, dan]) {
      expect([page.text, page.document.state]).toEqual([world.server.document.text, "saved"]);
    }
  });

  it("does not get from others what is bound to somebody: they are told what is missing", async () => {
    const world = new World();
    const [ann, bob] = await annAndBob(world);
    bob.document.insert(0, "BOB ");
    await settle();
    const backup = world.server.backup();
    bob.document.insert(4, "LATER ");
    await settle();
    ann.document.insert(7, "inside"); // BOB LATinsideER one two
    await settle();
    bob.document.disconnect();
    world.server.restore(backup);
    await world.pass(40_000);
    expect(world.server.document.text).toBe("BOB one two ");
    expect([ann.text, ann.document.state]).toEqual([world.server.document.text, "saved"]);
    expect(ann.rejections.map(({ code, operations }) => [code, operations])).toEqual([
      [
        "REPLICA_TAKEN",
        [
          { type: "insert", position: 4, text: "LATER " },
          { type: "insert", position: 4, text: "inside" },
        ],
      ],
    ]);

    bob.document.reconnect();
    await settle();
    await world.pass(5_000);
    expect([...world.server.document.text].sort().join("")).toBe(
      [..."BOB LATER insideone two "].sort().join(""),
    );
    for (const page of [ann, bob]) {
      expect([page.text, page.document.state]).toEqual([world.server.document.text, "saved"]);
    }
    expect(bob.rejections).toEqual([]);
  });

  it("does not keep anybody who waits until their edits are saved", async () => {
    const world = new World();
    const [ann, bob] = await annAndBob(world);
    bob.document.insert(0, "BOB ");
    await settle();
    const backup = world.server.backup();
    bob.document.insert(4, "LATER ");
    await settle();
    bob.document.disconnect();
    world.server.restore(backup);
    ann.document.insert(0, "ann ");
    const saved = ann.document.whenSaved();
    await world.pass(5_000);
    await saved;
    expect(world.server.document.text).toBe("ann BOB one two ");
  });

  it.each(seeds(40))(
    "and everybody agrees, and nothing is lost silently or there twice, seed %i",
    async (seed) => {
      const rng = random(seed);
      const world = new World(seed);
      const pages = await Promise.all(["ann", "bob", "cem"].map((user) => world.open({ user })));
      let backup = world.server.backup();
      for (let letter = 0; letter < 40; letter++) {
        const { document } = rng.pick(pages);
        document.insert(rng.int(document.length + 1), String.fromCodePoint(0x4e00 + letter));
        if (rng.int(3) === 0) await settle();
        if (rng.int(15) === 0) backup = world.server.backup();
        if (rng.int(15) === 0) rng.pick(pages).document.disconnect();
      }
      if (rng.int(2) === 0) await pages.pop()?.document.close(); // Who never comes back.
      const held = new Set(pages.map(({ text }) => text).join(""));
      world.server.restore(backup);
      for (const page of [...pages].sort(() => rng.int(3) - 1)) {
        page.document.reconnect();
        await world.pass(rng.int(3) * 1_000);
      }
      await world.pass(300_000, 5_000);
      const { text } = world.server.document;
      for (const page of pages) expect([page.text, page.document.state]).toEqual([text, "saved"]);
      const told = pages.flatMap(({ rejections }) => rejections.flatMap(({ operations }) => operations));
      const given = told.map((operation) => (operation.type === "insert" ? operation.text : "")).join("");
      expect([...held].filter((letter) => !text.includes(letter) && !given.includes(letter))).toEqual([]);
      expect(new Set(text).size).toBe(text.length);
    },
  );
});
