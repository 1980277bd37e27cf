import { mergeUpdates } from "@motet/crdt-core";
import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import { MemoryDocumentStore } from "../src/index.js";
import { PlainClient } from "./support/plain-client.js";
import { replicas, someOperation, type } from "./support/replicas.js";
import { ann, bob, codeOf, novel, turns, world } from "./support/world.js";

const insert = (position: number, text: string) => ({ type: "insert", position, text }) as const;
const remove = (position: number, length: number) => ({ type: "delete", position, length }) as const;

async function opened(text: string, limits = {}) {
  const { manager, published } = world(new MemoryDocumentStore(), limits);
  const document = await manager.open(novel);
  document.apply(insert(0, text), { user: ann, nowMs: 1 });
  await turns();
  return { manager, document, published };
}

describe("a position in a text of some moments ago", () => {
  it("lands where its author meant it", async () => {
    const { document } = await opened("one three");
    const view = { version: 9, client: "bob's tab" };
    document.apply(insert(0, "zero "), { user: ann, nowMs: 2 });
    const commit = document.apply(insert(4, "two "), { user: bob, nowMs: 2, view });
    expect(document.document.text).toBe("zero one two three");
    expect(commit).toMatchObject({ version: 18 });
    expect("change" in commit && commit.change.operations()).toEqual([insert(9, "two ")]);
  });

  it("counts in what its author typed since, without waiting", async () => {
    const { document } = await opened("()");
    const view = { version: 2, client: "bob's tab" };
    document.apply(insert(1, "a"), { user: bob, nowMs: 2, view });
    document.apply(insert(0, "far left "), { user: ann, nowMs: 2 });
    document.apply(insert(2, "b"), { user: bob, nowMs: 2, view });
    document.apply(insert(3, "c"), { user: bob, nowMs: 2, view });
    document.apply(remove(2, 1), { user: bob, nowMs: 2, view });
    expect(document.document.text).toBe("far left (ac)");
  });

  it("counts in what its author did before without naming any text", async () => {
    const { document } = await opened("()");
    document.apply(insert(1, "a"), { user: bob, nowMs: 2, client: "bob's tab" });
    document.apply(insert(0, "far left "), { user: ann, nowMs: 2 });
    const view = { version: 2, client: "bob's tab" };
    document.apply(insert(2, "b"), { user: bob, nowMs: 2, view });
    expect(document.document.text).toBe("far left (ab)");
  });

  it("does not count in what the same person typed in another window", async () => {
    const { document } = await opened("()");
    const [left, right] = ["left", "right"].map((client) => ({ version: 2, client }));
    document.apply(insert(1, "left"), { user: bob, nowMs: 2, view: left! });
    document.apply(insert(1, "right"), { user: bob, nowMs: 2, view: right! });
    document.apply(insert(6, "!"), { user: bob, nowMs: 2, view: right! });
    document.apply(insert(5, "!"), { user: bob, nowMs: 2, view: left! });
    expect(["(left!right!)", "(right!left!)"]).toContain(document.document.text);
  });

  it("deletes what its author saw, and nothing that came since", async () => {
    const { document } = await opened("one two three");
    const view = { version: 13, client: "bob's tab" };
    document.apply(insert(5, "--new--"), { user: ann, nowMs: 2 });
    const commit = document.apply(remove(4, 4), { user: bob, nowMs: 2, view });
    expect(document.document.text).toBe("one --new--three");
    expect("change" in commit && commit.change.operations()).toEqual([remove(4, 1), remove(11, 3)]);
  });

  it("deletes again what somebody deleted meanwhile, and tells only what still was there", async () => {
    const { document } = await opened("abcdef");
    const view = { version: 6, client: "bob's tab" };
    document.apply(remove(1, 3), { user: ann, nowMs: 2 });
    const commit = document.apply(remove(0, 5), { user: bob, nowMs: 2, view });
    expect(document.document.text).toBe("f");
    expect(commit).toMatchObject({ change: { before: 9, version: 14 } });
    expect("change" in commit && commit.change.operations()).toEqual([remove(0, 2)]);
  });

  it("is refused when the text is too old to be told, or never was", async () => {
    const { document } = await opened("x", { viewStepsMax: 2 });
    for (let n = 0; n < 8; n++) document.apply(insert(0, "yz"), { user: ann, nowMs: 2 });
    const at = (version: number) =>
      codeOf(() => document.apply(insert(0, "!"), { user: bob, nowMs: 2, view: { version, client: "tab" } }));
    expect(await at(1)).toBe("STALE_VERSION");
    expect(await at(0)).toBe("STALE_VERSION");
    expect(await at(14)).toBe("UNKNOWN_VERSION"); // Between two characters of one operation.
    expect(await at(99)).toBe("UNKNOWN_VERSION");
    expect(await at(-1)).toBe("STALE_VERSION");
    expect(document.document.versionNumber).toBe(17);
    expect(await at(15)).toBe("none");
  });

  it("is refused as too old as soon as a part of what came at once is forgotten", async () => {
    const { document } = await opened("x", { viewStepsMax: 1 });
    const updates = replicas("left", "right").map((replica) => type(replica, 0, "word"));
    document.receive(mergeUpdates(updates), { user: ann, nowMs: 2 });
    const at = (version: number) =>
      codeOf(() => document.apply(insert(0, "!"), { user: bob, nowMs: 2, view: { version, client: "tab" } }));
    expect(await at(1)).toBe("STALE_VERSION");
    expect(await at(1 + "word".length)).toBe("STALE_VERSION"); // Between the two.
    expect(await at(document.document.versionNumber)).toBe("none");
  });

  it("means nothing to a title, however old", async () => {
    const { document } = await opened("x", { viewStepsMax: 1 });
    const view = { version: -5, client: "tab" };
    document.apply({ type: "set_title", title: "t" }, { user: bob, nowMs: 2, view });
    expect(document.document.title).toBe("t");
  });
});

describe("plain clients and replicas on one document", () => {
  it.each(seeds(60))("end with one text, each typing on in its own view, seed %i", async (seed) => {
    const rng = random(seed);
    const { manager, published } = world();
    const document = await manager.open(novel);
    document.apply(insert(0, "In the beginning"), { user: ann, nowMs: 1 });
    await turns(2);
    const clients = ["a", "b", "c"].map((name) => new PlainClient(name === "c" ? bob : ann, name, document));
    const [replica] = replicas("replica");
    replica.receive(document.document.encode());
    const heard = new Map<unknown, number>([...clients, replica].map((one) => [one, published.length]));
    const outboxes = new Map(clients.map((client) => [client, [] as ReturnType<PlainClient["edit"]>[]]));

    const listen = (who: PlainClient | typeof replica, count: number): void => {
      const from = heard.get(who)!;
      const until = Math.min(published.length, from + count);
      for (const commit of published.slice(from, until)) {
        if (who instanceof PlainClient) who.hear(commit);
        else if (commit.update.length > 0) replica.receive(commit.update);
      }
      heard.set(who, until);
    };
    const send = (client: PlainClient, count: number): void => {
      for (const { operation, context } of outboxes.get(client)!.splice(0, count))
        document.apply(operation, context);
    };

    for (let step = 0; step < 80; step++) {
      const [who, act, count] = [rng.int(4), rng.int(4), 1 + rng.int(3)];
      const client = clients[who];
      if (client === undefined) {
        if (act > 1) listen(replica, count);
        else {
          replica.apply(someOperation(rng, replica.text), rng.int(2));
          document.receive(replica.takeUpdate()!, { user: bob, nowMs: 1 });
        }
      } else if (act < 2) outboxes.get(client)!.push(client.edit(someOperation(rng, client.text)));
      else if (act === 2) send(client, count);
      else listen(client, count);
      if (rng.int(3) === 0) await turns(1);
    }
    for (const client of clients) send(client, Number.POSITIVE_INFINITY);
    await turns(4);
    for (const one of [...clients, replica]) listen(one, Number.POSITIVE_INFINITY);
    for (const one of [...clients, replica]) expect(one.text).toBe(document.document.text);
    expect((await manager.getSnapshot(novel)).text).toBe(document.document.text);
  });
});
