import { replicaId, VersionVector } from "@motet/crdt-core";
import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import type { AuthoredStep, OpenDocument, UserId } from "../src/index.js";
import { MemoryDocumentStore } from "../src/index.js";
import { replicas, someOperation } from "./support/replicas.js";
import { ann, bob, codeOf, novel, turns, world } from "./support/world.js";

const MINUTE = 60_000;

/** A document with a short story: who did what, at which minute. */
async function story() {
  const { manager, store } = world();
  const document = await manager.open(novel);
  const at = (minute: number, user: UserId) => ({ user, nowMs: minute * MINUTE });
  document.apply({ type: "insert", position: 0, text: "one two" }, at(1, ann));
  document.apply({ type: "set_title", title: "Draft" }, at(1, ann));
  document.apply({ type: "insert", position: 7, text: " three" }, at(2, bob));
  document.apply({ type: "delete", position: 0, length: 4 }, at(30, bob));
  document.apply({ type: "increment_counter", counter: "likes", amount: 2 }, at(31, ann));
  document.apply({ type: "set_title", title: "Final" }, at(31, bob));
  document.apply({ type: "set_field", field: "font", value: "serif" }, at(31, bob));
  return { manager, store, document };
}

describe("a document's past", () => {
  it("can be read at any version number, the middle of an operation included", async () => {
    const { document } = await story();
    const texts = [0, 3, 7, 8, 14, 16, 18].map((number) => document.history.at({ number }).text);
    expect(texts).toEqual(["", "one", "one two", "one two", "one two three", "e two three", "two three"]);
    expect([7, 8, 20].map((number) => document.history.at({ number }).title)).toEqual(["", "Draft", "Final"]);
    expect(document.history.at({ number: 18 }).counters.get("likes")).toBeUndefined();
    expect(document.history.at({ number: 21 })).toEqual(document.document.snapshot());
  });

  it("can be read at any time, by vector and by name", async () => {
    const { document } = await story();
    expect(document.history.at({ timeMs: 0 }).text).toBe("");
    expect(document.history.at({ timeMs: 5 * MINUTE }).text).toBe("one two three");
    const { version } = document.history.at({ number: 7 });
    document.nameVersion("first words", { user: ann, nowMs: 40 * MINUTE }, { version });
    expect(document.history.at({ name: "first words" }).text).toBe("one two");
    expect(document.history.at({ version }).text).toBe("one two");
  });

  it("is refused where there is none", async () => {
    const { document } = await story();
    const future = new VersionVector([[replicaId("nobody"), 1]]);
    const references = [
      { number: 22 },
      { number: -1 },
      { number: 0.5 },
      { name: "no" },
      { timeMs: Number.NaN },
      { version: future },
    ];
    for (const reference of references) {
      expect(await codeOf(() => document.history.at(reference))).toBe("UNKNOWN_VERSION");
    }
  });

  it("is the same after a restart, names included", async () => {
    const { manager, store, document } = await story();
    const named = document.nameVersion("now", { user: bob, nowMs: 32 * MINUTE });
    const before = [
      document.history.blame(),
      document.history.sittings(),
      document.history.diff({ number: 7 }).authored,
    ];
    await manager.close();
    const again = await world(store, {}, "again").manager.open(novel);
    expect([
      again.history.blame(),
      again.history.sittings(),
      again.history.diff({ number: 7 }).authored,
    ]).toEqual(before);
    expect(
      again.history.names().map(({ name, user, atMs, version }) => [name, user, atMs, version.toJSON()]),
    ).toEqual([["now", "bob", 32 * MINUTE, named.version.toJSON()]]);
  });

  it("has each name once, and only after it is durable for good", async () => {
    const { document } = await story();
    const context = { user: ann, nowMs: 1 };
    document.nameVersion("draft", context);
    expect(await codeOf(() => document.nameVersion("draft", context))).toBe("NAME_TAKEN");
    expect(await codeOf(() => document.nameVersion("", context))).toBe("MALFORMED");
    const told: number[] = [];
    document.afterCommit(() => told.push(document.history.names().length));
    expect(told).toEqual([]);
    await turns();
    expect(told).toEqual([1]);
  });
});

describe("what changed", () => {
  it("is told with the author of each piece", async () => {
    const { document } = await story();
    const diff = document.history.diff({ number: 8 });
    expect(diff.authored).toEqual([
      { delete: "one ", user: "bob", atMs: 30 * MINUTE },
      { retain: 3 },
      { insert: " three", user: "bob", atMs: 2 * MINUTE },
    ]);
    expect(diff.title).toEqual({ from: "Draft", to: "Final" });
    expect([...diff.counters, ...diff.fields]).toEqual([
      ["likes", { from: 0, to: 2 }],
      ["font", { from: null, to: "serif" }],
    ]);
  });

  it("can be asked backwards in time", async () => {
    const { document } = await story();
    const diff = document.history.diff({ number: 21 }, { number: 8 });
    expect(diff.authored).toEqual([
      { insert: "one ", user: "bob", atMs: 30 * MINUTE },
      { retain: 3 },
      { delete: " three", user: "bob", atMs: 2 * MINUTE },
    ]);
  });

  it("is credited to whose deletion came first when two deleted the same", async () => {
    const { document } = await story();
    const number = document.document.versionNumber;
    const view = { version: number, client: "tab" };
    document.apply(
      { type: "delete", position: 0, length: 3 },
      { user: bob, nowMs: 50 * MINUTE, view: { ...view, client: "b" } },
    );
    document.apply({ type: "delete", position: 0, length: 3 }, { user: ann, nowMs: 60 * MINUTE, view });
    expect(document.history.diff({ number }).authored).toEqual([
      { delete: "two", user: "bob", atMs: 50 * MINUTE },
    ]);
  });

  it.each(seeds(40))("adds up between any two states, seed %i", async (seed) => {
    const rng = random(seed);
    const { manager } = world();
    const document = await manager.open(novel);
    const [client] = replicas("client");
    const backspace = (at: number, times: number, apply: (position: number) => void): void => {
      for (let position = at - 1; position >= Math.max(0, at - times); position--) apply(position);
    };
    for (let step = 0; step < 40; step++) {
      const [at, times] = [rng.int(20), rng.int(5)];
      client.apply(someOperation(rng, client.text), step);
      document.apply(someOperation(rng, document.document.text), { user: ann, nowMs: step * 3_000 });
      // Both at the same places, so that many characters are deleted by both.
      const isPlain = (text: string) => /^[ -~\n]*$/.test(text.slice(0, at)) && at <= text.length;
      if (isPlain(client.text)) {
        backspace(at, times, (position) => client.apply({ type: "delete", position, length: 1 }, step));
      }
      if (isPlain(document.document.text)) {
        const context = { user: ann, nowMs: step * 3_000 };
        backspace(at, times, (position) => document.apply({ type: "delete", position, length: 1 }, context));
      }
      if (rng.int(3) === 0) {
        document.receive(client.takeUpdate()!, { user: bob, nowMs: step * 3_000 });
        client.merge(document.document);
      }
    }
    for (let pair = 0; pair < 10; pair++) {
      const [from, to] = [
        rng.int(document.document.versionNumber + 1),
        rng.int(document.document.versionNumber + 1),
      ];
      const [before, after] = [document.history.at({ number: from }), document.history.at({ number: to })];
      const diff = document.history.diff({ number: from }, { number: to });
      expect(applySteps(before.text, diff.authored)).toBe(after.text);
      expect(diff.text.applyTo(before.text)).toBe(after.text);
      expect(diff.title?.to ?? before.title).toBe(after.title);
    }
    const blamed = document.history.blame();
    expect(blamed.map(({ from, to }) => document.document.text.slice(from, to)).join("")).toBe(
      document.document.text,
    );
  });
});

describe("blame", () => {
  it("names the writer and the time of each stretch of the text", async () => {
    const { document } = await story();
    expect(document.history.blame()).toEqual([
      { from: 0, to: 3, user: "ann", atMs: MINUTE },
      { from: 3, to: 9, user: "bob", atMs: 2 * MINUTE },
    ]);
  });
});

describe("sittings", () => {
  it("are what people did without a long break", async () => {
    const { document } = await story();
    expect(document.history.sittings()).toEqual([
      { users: ["ann", "bob"], fromMs: MINUTE, toMs: 2 * MINUTE, before: 0, after: 14 },
      { users: ["bob", "ann"], fromMs: 30 * MINUTE, toMs: 31 * MINUTE, before: 14, after: 21 },
    ]);
  });
});

describe("changes", () => {
  it("are who did what and when, without gaps from the first state to the last", async () => {
    const { document } = await story();
    const changes = [...document.history.changes()];
    expect(changes[0]).toEqual({ user: "ann", atMs: MINUTE, before: 0, after: changes[0]?.after });
    expect(changes.map(({ before }) => before)).toEqual([
      0,
      ...changes.slice(0, -1).map(({ after }) => after),
    ]);
    expect(changes.at(-1)?.after).toBe(document.document.versionNumber);
    expect(new Set(changes.map(({ user }) => user))).toEqual(new Set(["ann", "bob"]));
  });
});

describe("restoring", () => {
  it("writes a text anew that differs in thousands of places, and leaves what lies before and behind", async () => {
    const { document } = await story();
    const context = { user: ann, nowMs: 40 * MINUTE };
    const [before, after] = ["head ", " tail"];
    document.apply(
      { type: "insert", position: 0, text: `${before}${"a\u{1f3bc}".repeat(2_001)}${after}` },
      context,
    );
    const { text, versionNumber: whole } = document.document;
    for (let place = 2_000; place >= 0; place--)
      document.apply({ type: "delete", position: before.length + 3 * place, length: 1 }, context);
    const { text: cut, versionNumber } = document.document;
    expect(document.restore({ number: whole }, { ...context, user: bob })).toHaveLength(2);
    expect(document.document.text).toBe(text);
    const [head, middle, tail] = document.history.blame();
    expect([head?.to, middle?.user, tail?.from]).toEqual([before.length, bob, before.length + 3 * 2_000 + 1]);
    document.restore({ number: versionNumber }, context);
    expect(document.document.text).toBe(cut);
  });

  it("is refused where it would count for ever, and changes nothing", async () => {
    const { document } = await story();
    const { versionNumber } = document.document;
    const context = { user: ann, nowMs: 40 * MINUTE };
    const most = { type: "increment_counter", counter: "views", amount: 2 ** 31 - 1 } as const;
    for (let count = 1; count <= 1_001; count++) document.apply(most, context);
    expect(await codeOf(() => document.restore({ number: versionNumber }, context))).toBe("LIMIT");
    expect(document.document.versionNumber).toBe(versionNumber + 1_001);
    document.restore({ number: versionNumber + 1 }, context);
    expect(document.document.counter("views")).toBe(2 ** 31 - 1);
  });

  it("makes the document say again what it said, as new operations", async () => {
    const { document } = await story();
    const before = document.document.versionNumber;
    const commits = document.restore({ number: 8 }, { user: ann, nowMs: 60 * MINUTE, origin: "http" });
    const { text, title, versionNumber } = document.document;
    expect([text, title]).toEqual(["one two", "Draft"]);
    expect([document.document.counter("likes"), document.document.fields.size]).toEqual([0, 0]);
    expect(versionNumber).toBeGreaterThan(before);
    expect(commits.every((commit) => commit.user === "ann" && commit.origin === "http")).toBe(true);
    expect(document.history.at({ number: before }).text).toBe("two three");
  });

  it("leaves alone what others write meanwhile", async () => {
    const { document } = await story();
    const [client] = replicas("client");
    client.merge(document.document);
    client.apply({ type: "insert", position: 9, text: "!" }, 0);
    document.restore({ number: 7 }, { user: ann, nowMs: 60 * MINUTE });
    document.receive(client.takeUpdate()!, { user: bob, nowMs: 61 * MINUTE });
    expect(document.document.text).toBe("one two!");
  });

  it("shares one entry of the store, so that a crash leaves all of it or nothing (F7)", async () => {
    const store = new MemoryDocumentStore();
    const { manager } = world(store);
    const document: OpenDocument = await manager.open(novel);
    document.apply({ type: "insert", position: 0, text: "abc" }, { user: ann, nowMs: 1 });
    document.apply({ type: "delete", position: 0, length: 1 }, { user: ann, nowMs: 2 });
    document.apply({ type: "set_title", title: "t" }, { user: ann, nowMs: 2 });
    await turns();
    document.restore({ number: 3 }, { user: ann, nowMs: 3 });
    await turns();
    expect(await store.load(novel)).toHaveLength(2);
  });
});

function applySteps(text: string, steps: readonly AuthoredStep[]): string {
  let result = "";
  let rest = text;
  const take = (units: number): string => {
    const taken = rest.slice(0, units);
    rest = rest.slice(units);
    return taken;
  };
  for (const step of steps) {
    if ("retain" in step) result += take(step.retain);
    else if ("insert" in step) result += step.insert;
    else expect(take(step.delete.length)).toBe(step.delete);
  }
  return result + rest;
}
