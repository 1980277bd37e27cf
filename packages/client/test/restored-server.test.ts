import { replicaId, Update, VersionVector } from "@motet/crdt-core";
import type { Document } from "@motet/document";
import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import { type Page, settle, World } from "./support/world.js";

/** Ann and Bob, each with a word in the document that the other has seen. */
async function annAndBob(world: World): Promise<[Page, Page]> {
  const [ann, bob] = [await world.open(), await world.open({ user: "bob" })];
  await ann.type("one two ");
  await settle();
  return [ann, bob];
}

const replicas = (world: World) => [...world.server.document.version].map(([replica]) => replica);

/** Bob's "one two", from which he took a word that Cem has seen and Ann has not. */
async function secretOf(world: World): Promise<[bob: Page, ann: Page, cem: Page]> {
  const [bob, cem] = [await world.open({ user: "bob" }), await world.open({ user: "cem" })];
  await bob.type("one secret two");
  await settle();
  bob.document.delete(4, 7);
  await settle();
  const ann = await world.open();
  expect(ann.text).toBe("one two");
  return [bob, ann, cem];
}

/** The version in which the fourteen characters that Bob typed had all come, and none of his deletions. */
function withoutDeletion({ version }: Document): VersionVector {
  const [replica] = [...version].find(([, seq]) => seq === 21)!;
  return new VersionVector([[replica, 14]]);
}

/** Takes a letter out, and says which. */
function erase({ document, text }: Page, rng: ReturnType<typeof random>): string {
  const at = rng.int(Math.max(1, document.length));
  if (document.length > 0) document.delete(at, 1);
  return text.slice(at, at + 1);
}

function codeOf(work: () => unknown): unknown {
  try {
    work();
    return "nothing";
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

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

  it("gets from who joined when it was deleted already all that they hold, and what it never had it cannot read", async () => {
    const world = new World();
    const [bob, ann, cem] = await secretOf(world);
    const { versionNumber } = world.server.document;
    ann.document.insert(4, "ann ");
    await settle();
    for (const page of [bob, cem]) await page.document.close();
    world.server.restore();
    await world.pass(45_000);
    expect(world.server.document.text).toBe(""); // Whoever has the characters may still come.
    await world.pass(30_000);
    expect([world.server.document.text, ann.document.state, ann.rejections]).toEqual([
      "one ann two",
      "saved",
      [],
    ]);
    expect(world.server.document.versionNumber).toBe(versionNumber + 4);
    expect(codeOf(() => world.server.document.at(withoutDeletion(world.server.document)))).toBe("TRIMMED");
    const dan = await world.open({ user: "dan" });
    dan.document.insert(0, "dan ");
    await world.pass(1_000);
    for (const { text } of [ann, dan]) expect(text).toBe("dan one ann two");
  });

  it("gets it whole where somebody has the characters, before who has not brings anything", async () => {
    const world = new World();
    const [bob, ann, cem] = await secretOf(world);
    await bob.document.close();
    world.server.restore();
    await world.pass(35_000);
    for (const { text } of [ann, cem]) expect(text).toBe("one two");
    const { document } = world.server;
    expect([document.text, document.at(withoutDeletion(document)).text]).toEqual([
      "one two",
      "one secret two",
    ]);
    await world.pass(60_000);
    expect(world.server.frames.filter((frame) => Update.decode(frame).leavesOut)).toEqual([]);
  });

  it("gets it whole from who has the characters and was refused meanwhile: they are not let go with what is done again", async () => {
    const world = new World();
    const [bob, ann, cem] = await secretOf(world);
    const refused = new Set<string>();
    world.server.judge = (_, user) => {
      if (user !== "cem" || refused.has(user)) return undefined;
      refused.add(user);
      const { id: replica } = world.server.joins.findLast(({ user_id }) => user_id === user)!.replica!;
      return { code: "CONFLICT", replica, seq: 1 };
    };
    cem.document.insert(0, "cem ");
    await world.pass(2_000);
    expect([refused.size, cem.text, cem.document.state]).toEqual([1, "cem one two", "saved"]);
    for (const page of [ann, bob]) await page.document.close();
    world.server.restore();
    await world.pass(40_000);
    const { document } = world.server;
    expect([document.text, document.at(withoutDeletion(document)).text]).toEqual([
      "cem one two",
      "one secret two",
    ]);
  });

  it("gets what it had acknowledged also where something was refused just then, and that is done again", async () => {
    const world = new World();
    const ann = await world.open();
    await ann.type("one ");
    await settle();
    const { id: replica } = world.server.joins[0]!.replica!;
    world.server.judge = () => ({ code: "CLOCK_AHEAD", replica, seq: 5 });
    world.isNetworkUp = false;
    await ann.type("two");
    await settle();
    world.server.restore();
    world.server.judge = () => undefined;
    world.isNetworkUp = true;
    await world.pass(5_000);
    expect([world.server.document.text, ann.text, ann.document.state]).toEqual([
      "one two",
      "one two",
      "saved",
    ]);
    expect(world.server.document.version.get(replicaId(replica))).toBe(4);
  });

  it("takes the same with and without its characters, whoever comes first", async () => {
    const world = new World();
    const [bob, ann, cem] = await secretOf(world);
    const whole = world.server.document.encode();
    cem.document.disconnect();
    await bob.document.close();
    world.server.restore();
    await world.pass(75_000);
    const { document } = world.server;
    expect(document.text).toBe("one two");
    document.receive(whole);
    // What was let go stays so: nobody puts other words in its place.
    expect(codeOf(() => document.at(withoutDeletion(document)))).toBe("TRIMMED");
    cem.document.reconnect();
    cem.document.insert(0, "cem ");
    await world.pass(2_000);
    for (const { text, document: page } of [ann, cem]) {
      expect([text, page.state]).toEqual(["cem one two", "saved"]);
    }
  });

  it("is not brought by them what is bound to somebody, and they are given back no empty words", async () => {
    const world = new World();
    const bob = await world.open({ user: "bob" });
    await bob.type("BOB ");
    await settle();
    const backup = world.server.backup();
    const cem = await world.open({ user: "cem" });
    await cem.type("secret cem ");
    cem.document.delete(4, 7);
    bob.document.insert(0, "late ");
    await settle();
    bob.document.delete(bob.text.indexOf("cem"), 1);
    await settle();
    const ann = await world.open();
    expect(ann.text).toBe("late BOB em ");
    for (const page of [bob, cem]) await page.document.close();
    world.server.restore(backup);
    await world.pass(75_000);
    expect([ann.text, ann.document.state]).toEqual([world.server.document.text, "saved"]);
    const told = ann.rejections.flatMap(({ operations }) => operations);
    expect(told.filter((operation) => operation.type === "insert").map(({ text }) => text)).not.toContain("");
  });

  it.each(seeds(40))(
    "and everybody agrees, and nothing is lost silently or there twice, seed %i",
    async (seed) => {
      const rng = random(seed);
      const world = new World(seed);
      const pages = await Promise.all(["ann", "bob", "cem"].map((user) => world.open({ user })));
      const deleted = new Set<string>();
      let backup = world.server.backup();
      for (let letter = 0; letter < 40; letter++) {
        const { document } = rng.pick(pages);
        document.insert(rng.int(document.length + 1), String.fromCodePoint(0x4e00 + letter));
        if (rng.int(3) === 0) deleted.add(erase(rng.pick(pages), rng));
        if (rng.int(3) === 0) await settle();
        if (rng.int(8) === 0) pages.push(await world.open({ user: rng.pick(["ann", "bob", "dan"]) }));
        if (rng.int(30) === 0) backup = world.server.backup();
        if (rng.int(15) === 0) rng.pick(pages).document.disconnect();
      }
      // Who never comes back: with all who were there first go the characters that were deleted before the others came.
      for (let left = rng.pick([0, 1, 3, 3]); left > 0 && pages.length > 1; left--)
        await pages.shift()!.document.close();
      const held = new Set([...pages.map(({ text }) => text).join("")].filter((one) => !deleted.has(one)));
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
