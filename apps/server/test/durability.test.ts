import { documentId } from "@motet/document";
import { MemorySocket, Recorder } from "@motet/transport/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { HeldStore } from "./support/held-store.js";
import { JsonClient } from "./support/json-client.js";
import { TestServer } from "./support/test-server.js";

let store: HeldStore;
let world: TestServer;
beforeEach(async () => {
  store = new HeldStore();
  world = await TestServer.start({ store });
});
afterEach(async () => {
  store.release("load");
  store.release("append");
  await world.close();
});

const join = (user: string, more: object = {}) => JsonClient.join(world.address, { user, ...more });

/** Connects and sends `join`, without waiting for the state. */
async function knock(user: string): Promise<JsonClient> {
  const client = await JsonClient.connect(world.address, { user });
  client.send({ type: "join" });
  return client;
}

it("nobody hears of an edit that is not on disk: no ack, no relay, no cursor in it, no joiner's state", async () => {
  const [ann, bob] = [await join("ann"), await join("bob")];
  store.hold("append");
  ann.insert(0, "secret");
  ann.send({ type: "cursor_move", line: 0, column: 6 });
  ann.send({ type: "insert", id: 1, position: 0, text: "secret" }); // The same message again.
  await ann.roundTrip();
  const cem = await knock("cem");
  await bob.roundTrip();
  const before = [ann, bob, cem].map((client) => client.received.map(({ type }) => type));
  expect(before).toEqual([["state", "user_joined", "heartbeat"], ["state", "heartbeat"], []]);
  expect(world.server.getStatus().totalOperations).toBe(0);

  store.release("append");
  await cem.until(() => cem.state !== undefined);
  await ann.settle();
  const { users } = await bob.next("presence_update", 0);
  expect(users).toEqual([{ user_id: "ann", cursor: { line: 0, column: 6 } }]);
  expect(ann.text).toBe("secret");
  expect(bob.received.map(({ type }) => type).slice(2)).toEqual([
    "changes",
    "user_joined",
    "presence_update",
  ]);
  expect(cem.state?.text).toBe("secret");
});

it("whoever joins while others type begins with a state and hears everything after it, once", async () => {
  const ann = await join("ann");
  store.hold("append");
  ann.insert(0, "before ");
  await ann.roundTrip();
  const bob = await knock("bob");
  await ann.roundTrip();
  ann.insert(7, "after");
  await ann.roundTrip();
  store.release("append");
  await bob.reach(12);
  expect(bob.text).toBe("before after");
  expect(bob.received.map(({ type }) => type)).toEqual(["state", "changes"]);
});

it("an edit that the disk refuses is no edit: its author is told, and all read the document anew", async () => {
  const [ann, bob] = [await join("ann"), await join("bob")];
  ann.insert(0, "kept");
  await ann.settle();
  store.break("append");
  ann.insert(4, " lost");
  expect(await ann.next("error")).toMatchObject({ code: "NOT_SAVED", in_reply_to: 2 });
  expect([await ann.ended(), await bob.ended()]).toEqual([1011, 1011]);
  store.repair("append");
  expect((await join("ann")).text).toBe("kept");
});

it("a document that cannot be read is not opened empty, and says nothing of why", async () => {
  store.break("load");
  const ann = await knock("ann");
  expect(await ann.next("error", 0)).toMatchObject({ code: "STORE_UNAVAILABLE", in_reply_to: "join" });
  expect(JSON.stringify(ann.received)).not.toContain("secret");
  expect(await ann.ended()).toBe(1011);
  store.repair("load");
  expect((await join("ann")).text).toBe("");
});

it("messages that come while the document loads are all kept, as nothing is read meanwhile", async () => {
  store.hold("load");
  const ann = await knock("ann");
  for (let sent = 0; sent < 5_000; sent++) ann.send({ type: "heartbeat" });
  await world.until(() => store.waiting("load") === 1);
  store.release("load");
  await ann.until(() => ann.received.length === 5_001);
  expect(ann.received[0]?.type).toBe("state");
});

it("a line that cannot wait may send so much before the state, and no more", async () => {
  store.hold("load");
  const [near, far] = MemorySocket.pair();
  Object.assign(far, { pause: undefined });
  const ann = near.listen(new Recorder());
  far.listen(world.server.serve(far, documentId("page")));
  near.send(JSON.stringify({ type: "join", user_id: "ann", doc_id: "page" }));
  for (let sent = 0; sent <= 2_000; sent++) near.send("{}");
  await ann.until(({ closedWith }) => closedWith !== undefined);
  expect(ann.closedWith?.code).toBe(4400);
});

it("whoever waits for too long for a document is asked to come again", async () => {
  store.hold("load");
  const ann = await knock("ann");
  await world.until(() => store.waiting("load") === 1);
  world.pass(30_000);
  expect(ann.closed).toBeUndefined();
  world.pass(1);
  expect(await ann.ended()).toBe(4408);
});

it("closing waits until what was accepted is durable and acknowledged", async () => {
  const ann = await join("ann");
  store.hold("append");
  ann.insert(0, "last words");
  await ann.roundTrip();
  const closed = world.close();
  store.release("append");
  expect(await ann.ended()).toBe(1012);
  await closed;
  expect(ann.received.filter(({ type }) => type === "ack")).toHaveLength(1);
});
