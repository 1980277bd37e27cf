import { documentId, documentKey, MemoryDocumentStore, tenantId, userId } from "@motet/document";
import { MemoryBus } from "@motet/transport";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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
      return { fanout, server: await TestServer.start({ store, fanout, onEvent }) };
    }),
  );
});
afterEach(async () => {
  for (const { server } of nodes) await server.close();
  expect(events).not.toContain("defect");
});

const address = (node: number) => nodes[node]!.server.address;
const json = (node: number, user: string) => JsonClient.join(address(node), { user });
const replica = (node: number, user: string) => ReplicaClient.join(address(node), { user, replica: user });
const pass = (ms: number) => {
  for (const { server } of nodes) server.pass(ms);
};
const saw = (client: JsonClient, type: string, user: string) =>
  client.until(() => client.received.some((one) => one.type === type && one.user_id === user));

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

  it("tells of clocks that are apart (H5)", async () => {
    nodes[1]!.server.clock.advance(5_000);
    for (const { server } of nodes) server.server.tick();
    await nodes[0]!.server.until(() => events.includes("clocks_apart"));
  });
});
