import { operationsOf, replicaId } from "@motet/crdt-core";
import { Document, type DocumentError } from "@motet/document";
import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import { MemoryLocalStore } from "../src/index.js";
import { settle, TestStore, World } from "./support/world.js";

/** Refuses the first `count` frames that hold an operation of the kind, naming it. */
function refuse(world: World, code: string, kind: "insert" | "delete" | "row", count = 1): void {
  let left = count;
  world.server.judge = (update) => {
    const bad = [...operationsOf(update)].find((operation) => operation.kind === kind);
    if (bad === undefined || left-- <= 0) return undefined;
    return { code, replica: bad.id.replica, seq: bad.id.seq };
  };
}

/** Refuses what is stamped ahead of the server's clock, as servers do. */
function refuseAhead({ server }: World): void {
  server.judge = (update) => {
    const trial = new Document({ id: server.document.id, replica: replicaId("trial") });
    trial.receive(server.document.encode());
    try {
      trial.receive(update, server.nowMs());
      return undefined;
    } catch (error) {
      const { code, operation } = error as DocumentError;
      return { code, ...operation! };
    }
  };
}

describe("a refused operation", () => {
  it("of a clock that ran ahead is made again under a new id, with a stamp that holds", async () => {
    const world = new World();
    const page = await world.open();
    await page.type("hello");
    await settle();
    refuse(world, "CLOCK_AHEAD", "row");
    page.document.setTitle("Minutes");
    const saved = page.document.whenSaved();
    await world.pass(2_000);
    await saved;
    expect([world.server.document.title, world.server.document.text]).toEqual(["Minutes", "hello"]);
    expect([page.document.state, page.rejections, page.document.title]).toEqual(["saved", [], "Minutes"]);
    const [before, after] = world.server.joins.map(({ replica }) => replica?.id);
    expect(before).not.toBe(after);
  });

  it("is stamped anew with all that was made after it, when the clock was set ahead while the line stood", async () => {
    const world = new World();
    let aheadMs = 0;
    const now = () => world.clock.nowMs + aheadMs;
    const clock = { now, after: (ms: number, run: () => void) => world.clock.after(ms, run) };
    const page = await world.open({ platform: { clock } });
    refuseAhead(world);
    aheadMs = 3_600_000;
    page.document.setTitle("first");
    await settle();
    page.document.setTitle("second"); // The line is down, and the server's time not known anew.
    await world.pass(2_000);
    page.document.setTitle("third");
    await world.pass(10_000);
    expect([world.server.document.title, page.document.title]).toEqual(["third", "third"]);
    expect([page.document.state, page.rejections]).toEqual(["saved", []]);
  });

  it("takes what was typed after it along, where it was typed", async () => {
    const world = new World();
    const [ann, bob] = [await world.open(), await world.open({ user: "bob" })];
    await ann.type("hello world");
    await settle();
    refuse(world, "CONFLICT", "insert");
    ann.document.insert(5, ", brave");
    await settle();
    ann.document.insert(12, " new"); // Behind what was refused.
    ann.document.delete(0, 1);
    ann.document.insert(0, "J");
    bob.document.insert(11, "!");
    await world.pass(2_000);
    expect(world.server.document.text).toBe("Jello, brave new world!");
    expect([ann.text, bob.text]).toEqual([world.server.document.text, world.server.document.text]);
    expect([ann.document.state, ann.document.unsaved, ann.rejections]).toEqual(["saved", 0, []]);
  });

  it("that no document takes is given back, and the rest is done without it", async () => {
    const world = new World();
    const page = await world.open();
    await page.type("hello");
    await settle();
    world.server.hold();
    page.document.insert(5, "!");
    await settle(); // On its way; what follows is put together behind it.
    refuse(world, "LIMIT", "insert");
    page.document.insert(0, "too much ");
    await Promise.resolve();
    await Promise.resolve();
    page.document.setTitle("Minutes");
    const saved = page.document.whenSaved();
    const outcome = expect(saved).rejects.toMatchObject({ code: "REJECTED" });
    world.server.release();
    await world.pass(2_000);
    await outcome;
    expect([page.text, world.server.document.text, world.server.document.title]).toEqual([
      "hello!",
      "hello!",
      "Minutes",
    ]);
    const [rejection] = page.rejections;
    expect(rejection).toMatchObject({
      code: "LIMIT",
      operations: [{ type: "insert", position: 0, text: "too much " }],
    });
    for (const operation of rejection?.operations ?? []) page.document.apply(operation);
    await settle();
    expect([world.server.document.text, page.document.state]).toEqual(["too much hello!", "saved"]);
  });

  it("tells its reader how the text changed, so that an editor follows", async () => {
    const world = new World();
    const page = await world.open();
    await page.type("hello");
    await settle();
    let shown = page.text;
    page.document.on("change", ({ change }) => {
      shown = change.text.applyTo(shown);
    });
    refuse(world, "LIMIT", "insert");
    page.document.insert(5, " 👋👋");
    await world.pass(2_000);
    expect([page.text, shown]).toEqual(["hello", "hello"]);
  });

  it("is given back with everything behind it when the server takes nothing at all", async () => {
    const world = new World();
    const page = await world.open();
    refuse(world, "CONFLICT", "insert", 1_000);
    page.document.insert(0, "nobody wants this");
    await world.pass(60_000);
    expect(page.rejections.map(({ operations }) => operations)).toEqual([
      [{ type: "insert", position: 0, text: "nobody wants this" }],
    ]);
    expect([page.text, page.document.state, page.document.unsaved]).toEqual(["", "saved", 0]);
  });

  it("under an id that belongs to somebody else is made again under another", async () => {
    const world = new World();
    const page = await world.open();
    refuse(world, "REPLICA_TAKEN", "insert");
    await page.type("hello");
    await world.pass(2_000);
    expect([world.server.document.text, page.document.state]).toEqual(["hello", "saved"]);
  });

  it("that was kept from an earlier page load is made again too, and once", async () => {
    const world = new World();
    const store = new MemoryLocalStore();
    world.isNetworkUp = false;
    const first = await world.open({ store });
    await first.type("hello", " world");
    await settle();
    await first.document.close();
    const second = await world.open({ store });
    second.document.insert(0, "> ");
    refuse(world, "CLOCK_AHEAD", "insert");
    world.isNetworkUp = true;
    await world.pass(60_000, 5_000);
    expect([world.server.document.text, second.text, second.document.state]).toEqual([
      "> hello world",
      "> hello world",
      "saved",
    ]);
    world.server.cutAll();
    const third = await world.open({ store });
    await settle();
    expect([third.text, third.document.unsaved]).toEqual(["> hello world", 0]);
  });

  it("is not made again before the store has let go of it: a crash in between would do it twice", async () => {
    const world = new World();
    const store = new TestStore();
    const page = await world.open({ store });
    refuse(world, "CONFLICT", "insert");
    store.hold();
    await page.type("hello");
    await world.pass(2_000);
    expect([world.server.document.text, page.text, page.document.state]).toEqual(["", "hello", "saving"]);
    store.release();
    await settle();
    expect([world.server.document.text, page.document.state]).toEqual(["hello", "saved"]);
  });

  it("is sent again as it is when it was the server's disk that failed", async () => {
    const world = new World();
    const page = await world.open();
    refuse(world, "NOT_SAVED", "insert");
    await page.type("hello");
    await world.pass(2_000);
    expect([world.server.document.text, page.document.state]).toEqual(["hello", "saved"]);
    const replicas = [...world.server.document.version].map(([replica]) => replica);
    expect(replicas).toEqual([world.server.joins[0]?.replica?.id]);
  });

  it.each(seeds(30))(
    "leaves everybody with the same text, whatever is typed around it, seed %i",
    async (seed) => {
      const rng = random(seed);
      const world = new World(seed);
      const pages = [await world.open(), await world.open({ user: "bob" })];
      const codes = ["CONFLICT", "CLOCK_AHEAD", "LIMIT", "FORGED_ORIGIN"];
      for (let step = 0; step < 40; step++) {
        const page = rng.pick(pages);
        const [at, letter] = [rng.int(page.document.length + 1), String.fromCharCode(97 + rng.int(26))];
        if (rng.int(3) > 0 || at === 0) page.document.insert(at, letter.repeat(1 + rng.int(5)));
        else page.document.delete(at - 1, 1);
        if (rng.int(6) === 0) refuse(world, rng.pick(codes), rng.pick(["insert", "delete"]));
        if (rng.int(4) === 0) await settle();
        if (rng.int(6) === 0) await world.pass(1_000);
      }
      await world.pass(60_000, 5_000);
      for (const page of pages) {
        expect([page.text, page.document.state]).toEqual([world.server.document.text, "saved"]);
      }
    },
  );
});
