import { type ItemId, replicaId } from "@motet/crdt-core";
import { Document, documentId, documentKey, MemoryDocumentStore, tenantId, userId } from "@motet/document";
import { type ErrorMessage, MemoryBus } from "@motet/transport";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HttpApi } from "./support/http-api.js";
import { JsonClient } from "./support/json-client.js";
import { ReplicaClient } from "./support/replica-client.js";
import { SwitchedFanout } from "./support/switched-fanout.js";
import { TestServer } from "./support/test-server.js";

/** Three servers on one store and one bus; each one's line to the bus can be cut. */
let nodes: { server: TestServer; fanout: SwitchedFanout }[];
const events: string[] = [];
beforeEach(async () => {
  const [store, bus] = [new MemoryDocumentStore(), new MemoryBus()];
  events.length = 0;
  nodes = await Promise.all(
    [0, 1, 2].map(async () => {
      const fanout = new SwitchedFanout(bus.node());
      const onEvent = ({ type }: { readonly type: string }) => void events.push(type);
      return {
        fanout,
        server: await TestServer.start({ store, fanout, onEvent, platform: { later: soon } }),
      };
    }),
  );
});
afterEach(async () => {
  for (const { server } of nodes) await server.close();
  expect(events).not.toContain("defect");
});

/** Servers' clocks are in the test's hand: what they put off for a moment comes at the end of the turn, before much time can pass. */
function soon(delayMs: number, run: () => void): () => void {
  let isCancelled = false;
  const unlessCancelled = () => void (isCancelled || run());
  if (delayMs < 100) setImmediate(unlessCancelled);
  else setTimeout(unlessCancelled, delayMs).unref();
  return () => {
    isCancelled = true;
  };
}

const address = (node: number) => nodes[node]!.server.address;
const json = (node: number, user: string) => JsonClient.join(address(node), { user });
const replica = (node: number, user: string) => ReplicaClient.join(address(node), { user, replica: user });
const pass = (ms: number) => {
  for (const { server } of nodes) server.pass(ms);
};
const metric = async (node: number, name: string) =>
  Number(new RegExp(`^${name} (.+)$`, "m").exec(await (await fetch(`${address(node)}/metrics`)).text())?.[1]);
/** Documents in a server's memory. */
const held = async (node: number) => {
  const state = (await (await fetch(`${address(node)}/admin/inspector.json`)).json()) as {
    documents: unknown[];
  };
  return state.documents.length;
};
const saw = (client: JsonClient, type: string, user: string) =>
  client.until(() => client.received.some((one) => one.type === type && one.user_id === user));

/** What `node` stores from here on is told to nobody, and nobody knows that. */
const mute = (node: number) => {
  nodes[node]!.fanout.publish = () => undefined;
};

describe("a document that several servers serve", () => {
  it("is the same for clients of both kinds on every server", async () => {
    const [ann, bob, cem] = [await json(0, "ann"), await json(1, "bob"), await replica(2, "cem")];
    ann.insert(0, "one ");
    await ann.settle();
    await bob.reach(4);
    bob.takeIn();
    bob.insert(4, "two ");
    await bob.settle();
    await cem.until(() => cem.text === "one two ");
    cem.insert(8, "three");
    await cem.settle();
    for (const reader of [ann, bob]) {
      await reader.reach(13);
      reader.takeIn();
      expect(reader.text).toBe("one two three");
    }
    expect((await json(2, "dan")).text).toBe("one two three");
  });

  it("is edited on while the bus is away, and is the same again at the latest when it is back", async () => {
    const [ann, bob] = [await json(0, "ann"), await json(1, "bob")];
    for (const { fanout } of nodes) fanout.cut();
    expect(await (await fetch(`${address(0)}/health`)).json()).toEqual({
      status: "degraded",
      problems: ["bus lost"],
    });
    expect((await fetch(`${address(0)}/ready`)).status).toBe(200);
    expect(await metric(0, "motet_bus_up")).toBe(0);
    ann.insert(0, "a");
    await ann.settle();
    pass(1_000); // Looks into the store.
    await bob.reach(1);
    bob.takeIn();
    bob.insert(1, "b");
    await bob.settle();
    for (const { fanout } of nodes) fanout.mend();
    await ann.reach(2);
    ann.takeIn();
    expect([ann.text, bob.text]).toEqual(["ab", "ab"]);
    expect(await metric(0, "motet_bus_up")).toBe(1);
    expect(await metric(0, "motet_bus_losses_total")).toBe(1);
    expect(await (await fetch(`${address(0)}/health`)).json()).toEqual({ status: "ok" });
  });

  it("keeps a message that a client sends again to another server for one (G6)", async () => {
    const ann = await JsonClient.join(address(0), { user: "ann", client: "tab" });
    await json(1, "bob");
    ann.insert(0, "once");
    await ann.settle();
    ann.vanish();
    const again = await JsonClient.join(address(1), { user: "ann", client: "tab" });
    again.send({ type: "insert", id: 1, version: 4, position: 0, text: "once" });
    await again.until(() => again.received.some((one) => one.type === "ack" && one.duplicate === true));
    expect((await json(2, "cem")).text).toBe("once");
  });

  it("lets a rule of access hold on every server", async () => {
    const ann = await json(0, "ann");
    ann.insert(0, "mine");
    await ann.settle();
    const bob = await json(1, "bob");
    await nodes[0]!.server.server
      .document(documentId("page"))
      .setAccess(userId("bob"), "read", userId("ann"));
    await bob.until(() => bob.received.some((one) => one.type === "rights"));
    bob.insert(0, "no");
    await bob.until(() => bob.errors.some(({ code }) => code === "FORBIDDEN"));
    ann.vanish();
  });

  it("is deleted on every server", async () => {
    const [ann, bob] = [await json(0, "ann"), await json(1, "bob")];
    ann.insert(0, "gone soon");
    await ann.settle();
    await bob.reach(9);
    await fetch(`${address(0)}/api/v1/documents/page?user_id=ann`, { method: "DELETE" });
    await new Promise((resolve) => bob.socket.once("close", resolve));
    expect((await json(1, "bob")).text).toBe("");
    expect(events.filter((type) => type === "deleted")).toEqual(["deleted"]); // One webhook, not one of each server.
  });
});

describe("who is in a document", () => {
  it("is known on every server: who was there, who comes and goes, cursors and what they say", async () => {
    const ann = await json(0, "ann");
    const bob = await json(1, "bob");
    await saw(ann, "user_joined", "bob");
    await saw(bob, "user_joined", "ann"); // Was there before, and is told of when the servers have talked.
    ann.insert(0, "hello");
    ann.send({ type: "cursor_move", line: 0, column: 3 });
    const told = () =>
      bob.received
        .flatMap((one) => (one.type === "presence_update" ? one.users : []))
        .filter((one) => one.user_id === "ann");
    await bob.until(() => told().some(({ cursor }) => cursor?.column === 3));
    ann.send({ type: "presence_update", status: "away", state: { mood: "fine" } });
    await bob.until(() => told().some(({ status }) => status === "away"));
    expect(told().findLast(({ state }) => state !== undefined)?.state).toEqual({ mood: "fine" });
    bob.vanish();
    await saw(ann, "user_left", "bob");
  });

  it("counts a user who is on two servers once", async () => {
    const [ann, bob, bobToo] = [await json(0, "ann"), await json(1, "bob"), await json(2, "bob")];
    await saw(ann, "user_joined", "bob");
    await saw(bob, "user_joined", "ann");
    bobToo.send({ type: "presence_update", state: { second: true } });
    await ann.until(() => JSON.stringify(ann.received).includes('"second":true'));
    bob.vanish();
    await saw(await json(1, "cem"), "user_joined", "ann");
    expect(ann.received.filter((one) => one.type === "user_left")).toEqual([]);
    bobToo.vanish();
    await saw(ann, "user_left", "bob");
  });

  it("forgets the people of a dead server within 30 s (G10), and has them back when it was only silent", async () => {
    const [ann, bob] = [await json(0, "ann"), await json(1, "bob")];
    await saw(ann, "user_joined", "bob");
    pass(1_000);
    nodes[1]!.fanout.cut();
    for (let second = 0; second < 29; second++) {
      nodes[0]!.server.pass(1_000);
      await bob.roundTrip();
      await ann.roundTrip();
    }
    await saw(ann, "user_left", "bob");
    ann.received.length = 0;
    nodes[1]!.fanout.mend();
    await saw(ann, "user_joined", "bob");
  });

  it("has lost whoever left while their server's bus was away", async () => {
    const [ann, bob, cem] = [await json(0, "ann"), await json(1, "bob"), await json(1, "cem")];
    await saw(ann, "user_joined", "bob");
    await saw(ann, "user_joined", "cem");
    nodes[1]!.fanout.cut();
    bob.vanish();
    await saw(cem, "user_left", "bob");
    nodes[1]!.fanout.mend();
    await saw(ann, "user_left", "bob");
    expect(ann.received.filter((one) => one.type === "user_left")).toHaveLength(1);
  });

  it("is right within 30 s also where the bus has swallowed who came and who went", async () => {
    const [ann, bob, cem] = [await json(0, "ann"), await json(1, "bob"), await json(2, "cem")];
    await saw(ann, "user_joined", "bob");
    await saw(ann, "user_joined", "cem");
    for (const { fanout } of nodes) fanout.muffle();
    bob.vanish(); // The last one there: that server has nothing more to say of the document.
    const dan = await json(2, "dan");
    await saw(cem, "user_joined", "dan");
    for (const { fanout } of nodes) fanout.mend();
    for (let second = 0; second < 30; second++) {
      pass(1_000);
      for (const client of [ann, cem, dan]) await client.roundTrip();
    }
    await saw(ann, "user_left", "bob");
    await saw(ann, "user_joined", "dan");
    expect(ann.received.filter((one) => one.type === "user_left")).toHaveLength(1);
  });

  it("is shown as it is within 10 s also where the bus has swallowed a cursor and what somebody said", async () => {
    const [ann, bob] = [await json(0, "ann"), await json(1, "bob")];
    await saw(bob, "user_joined", "ann");
    ann.insert(0, "hello");
    await ann.settle();
    nodes[0]!.fanout.muffle();
    ann.send({ type: "cursor_move", line: 0, column: 3 });
    ann.send({ type: "presence_update", state: { mood: "fine" } });
    await ann.until(() => JSON.stringify(ann.received).includes("mood"));
    nodes[0]!.fanout.mend();
    for (let second = 0; second < 10; second++) {
      pass(1_000);
      for (const client of [ann, bob]) await client.roundTrip();
    }
    const isTold = (part: string) => JSON.stringify(bob.received).includes(part);
    await bob.until(() => isTold('"column":3') && isTold('"mood":"fine"'));
  });

  it("has the cursor that moved last, of a user on two servers, also when these say again who is there", async () => {
    const [left, right] = [await json(0, "ann"), await json(1, "ann")];
    const cursor = async () => (await new HttpApi(address(1)).get("/users")).body.items[0].cursor;
    left.insert(0, "hello");
    await left.settle();
    left.send({ type: "cursor_move", line: 0, column: 1 });
    await right.until(() => JSON.stringify(right.received).includes('"column":1'));
    right.send({ type: "cursor_move", line: 0, column: 2 });
    await left.until(() => JSON.stringify(left.received).includes('"column":2'));
    await saw(await json(2, "cem"), "user_joined", "ann"); // That server has asked who is there.
    expect(await cursor()).toEqual({ line: 0, column: 2 });
  });

  it("hears what an application says to all", async () => {
    const [ann, bob] = [await json(0, "ann"), await replica(1, "bob")];
    await saw(ann, "user_joined", "bob");
    ann.send({ type: "broadcast", payload: { wave: true } });
    await bob.until(() => bob.received.some((one) => one.type === "broadcast"));
    expect(bob.received.find((one) => one.type === "broadcast")).toEqual({
      ...{ type: "broadcast", user_id: "ann", doc_id: "page", name: "ann", payload: { wave: true } },
    });
  });
});

describe("what comes from the bus", () => {
  it("is checked like what comes from clients, and whatever it is harms nobody (D16)", async () => {
    const ann = await json(0, "ann");
    ann.insert(0, "safe");
    await ann.settle();
    const forged = new SwitchedFanout(nodes[1]!.fanout.inner);
    const key = documentKey(tenantId("main"), documentId("page"));
    const say = (kind: number, content: string | Uint8Array) =>
      forged.inner.publish(key, Buffer.concat([Uint8Array.of(kind), Buffer.from(content as never)]));
    const tab = {
      connection: "c",
      revision: 1,
      user: "../eve",
      name: "eve",
      colour: "#000000",
      status: "active",
      state: {},
    };
    for (const kind of [0, 1, 2, 3, 4, 255]) {
      for (const content of ["", "{}", "null", "[1,2", "\u0000\u0001", "x".repeat(10_000)])
        say(kind, content);
    }
    say(2, JSON.stringify({ node: "forged-node", tabs: [tab], gone: [], asks: false }));
    say(3, JSON.stringify({ node: "forged-node", user: "a b", name: "eve", payload: 1 }));
    await ann.roundTrip();
    ann.insert(4, " still");
    await ann.settle();
    expect(ann.received.filter(({ type }) => type === "user_joined" || type === "broadcast")).toEqual([]);
    expect((await json(2, "bob")).text).toBe("safe still");
  });

  it("in the words of another version is a reason to look into the store (G12)", async () => {
    const [ann, bob] = [await json(0, "ann"), await json(1, "bob")];
    const other = nodes[0]!.fanout.inner;
    mute(0);
    ann.insert(0, "news");
    await ann.settle();
    const key = documentKey(tenantId("main"), documentId("page"));
    other.publish(key, Uint8Array.of(1, 99, 1, 2, 3)); // The kind that tells of entries, in a format that there is not yet.
    await bob.reach(4);
    bob.takeIn();
    expect(bob.text).toBe("news");
  });

  it("from somebody who does not know the secret is counted (D16)", async () => {
    nodes[0]!.fanout.forge("main/page");
    expect(events).toContain("bus_forged");
    expect(await metric(0, "motet_bus_forged_total")).toBe(1);
  });

  it("tells of clocks that are apart (H5)", async () => {
    nodes[1]!.server.clock.advance(5_000);
    for (const { server } of nodes) server.server.tick();
    await nodes[0]!.server.until(() => events.includes("clocks_apart"));
    expect(await metric(0, "motet_clocks_apart_total")).toBe(1);
  });

  it("is not taken for another clock when only this server was late to hear it (H5, G8)", async () => {
    nodes[1]!.server.server.tick();
    nodes[0]!.server.clock.advance(10_000); // Paused, while that was on its way.
    await (await json(0, "ann")).roundTrip();
    for (const { server } of nodes.slice(1)) server.clock.advance(10_000);
    pass(10_000);
    await (await json(0, "bob")).roundTrip();
    expect(events).not.toContain("clocks_apart");
  });
});

describe("servers whose clocks are five seconds apart", () => {
  it("give a title to whoever wrote it last, and the same text to all (H5)", async () => {
    const [ann, bob] = [await json(0, "ann"), await json(1, "bob")];
    nodes[1]!.server.clock.advance(5_000);
    for (const [at, [client, title]] of (
      [
        [bob, "ahead"],
        [ann, "late"],
        [bob, "last"],
      ] as const
    ).entries()) {
      client.send({ type: "set_title", title });
      client.insert(0, `${at}`);
      await client.settle();
      for (const each of [ann, bob]) {
        await each.reach(2 * (at + 1));
        each.takeIn();
      }
      const titles = await Promise.all(
        [0, 1, 2].map(async (node) => (await new HttpApi(address(node)).get()).body.title),
      );
      expect(titles).toEqual([title, title, title]);
    }
    expect([ann.text, bob.text]).toEqual(["210", "210"]);
  });
});

describe("a client that moves from one server to another", () => {
  it("finds there what it was acknowledged, though that server has not been told (G6)", async () => {
    const [ann, bob] = [await json(0, "ann"), await json(1, "bob")];
    const cem = await replica(0, "cem");
    mute(0);
    ann.insert(0, "mine");
    await ann.settle();
    await cem.until(() => cem.text === "mine");
    expect((await json(1, "ann")).text).toBe("mine");
    const moved = await ReplicaClient.join(address(1), { user: "cem", replica: "cem", from: cem.document });
    moved.insert(4, " too");
    await moved.settle();
    expect((await new HttpApi(address(2)).get()).body.text).toBe("mine too");
    await bob.reach(8);
  });

  it("and is still at the first one too has its operations taken once, and the others refused (I6)", async () => {
    const [left, right] = [await replica(0, "ann"), await replica(1, "ann")];
    const copied = new Document({ id: documentId("page"), replica: replicaId("ann") });
    copied.apply({ type: "insert", position: 0, text: "right" }, 0);
    left.insert(0, "left");
    await left.settle();
    await right.until(() => right.text === "left");
    right.sendUpdate(copied.takeUpdate() ?? new Uint8Array());
    const { code, replica: refused } = (await right.refusal()) as ErrorMessage & Partial<ItemId>;
    expect([code, refused]).toEqual(["CONFLICT", "ann"]); // Its client goes on under another id.
    expect((await json(2, "bob")).text).toBe("left");
  });
});

describe("what a server holds", () => {
  it("is what its own clients have open, whatever happens at the others", async () => {
    const people = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        JsonClient.join(address(0), { user: "ann", document: `page-${n}` }),
      ),
    );
    for (const ann of people) {
      ann.insert(0, "text");
      await ann.settle();
    }
    expect(await metric(1, "motet_documents_opened_total")).toBe(0);
    const readers = await Promise.all(
      people.map((_, n) => JsonClient.join(address(1), { user: "bob", document: `page-${n}` })),
    );
    expect(await held(1)).toBe(200);
    await Promise.all(readers.map((reader) => reader.leave()));
    expect(await held(1)).toBe(0);
  });
});
