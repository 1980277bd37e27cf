import type { UserChange } from "@motet/transport";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HeldStore } from "./support/held-store.js";
import { JsonClient } from "./support/json-client.js";
import { ReplicaClient } from "./support/replica-client.js";
import { TestServer } from "./support/test-server.js";

let store: HeldStore;
let world: TestServer;
beforeEach(async () => {
  store = new HeldStore();
  world = await TestServer.start({ store, limits: { heartbeatTimeoutMs: 4_000 } });
});
afterEach(async () => {
  await world.close();
  expect(world.defects).toEqual([]);
});

const json = (user: string, client = user) => JsonClient.join(world.address, { user, client });
const replica = (user: string, id = user) => ReplicaClient.join(world.address, { user, replica: id });

/** Everything that a client has been told of how people are, oldest first. */
function news({ received }: JsonClient | ReplicaClient): readonly UserChange[] {
  return received.flatMap((message) => (message.type === "presence_update" ? message.users : []));
}

/** The last that was told of somebody's cursor, once `isSo`. */
async function cursorOf(
  user: string,
  reader: JsonClient,
  isSo: (change: UserChange) => boolean = () => true,
) {
  const found = () => news(reader).findLast((it) => it.user_id === user && it.cursor !== undefined);
  await reader.until(() => found() !== undefined && isSo(found()!));
  return found()?.cursor;
}

describe("a cursor", () => {
  it.each([
    ["beyond the end of its line", { line: 0, column: 99 }, { line: 0, column: 3 }],
    ["beyond the last line", { line: 99, column: 0 }, { line: 1, column: 4 }],
    ["beyond everything", { line: 2 ** 53 - 1, column: 2 ** 53 - 1 }, { line: 1, column: 4 }],
    ["inside of a character", { line: 1, column: 2 }, { line: 1, column: 1 }],
  ])("%s is told as the nearest place (C10)", async (_what, said, told) => {
    const [ann, bob] = [await json("ann"), await json("bob")];
    ann.insert(0, "one\nt😀o");
    ann.send({ type: "cursor_move", ...said });
    expect(await cursorOf("ann", bob)).toEqual(told);
    ann.send({ type: "cursor_move", line: 0, column: 1, from: said });
    expect(await cursorOf("ann", bob, ({ cursor }) => cursor?.from !== undefined)).toEqual({
      line: 0,
      column: 1,
      from: told,
    });
  });

  it.each(["null", "-1", "1e999", "0.5", '"0"', "NaN"])(
    "at %s is refused, and nobody hears of it (C10)",
    async (bad) => {
      const [ann, bob] = [await json("ann"), await json("bob")];
      ann.sendRaw(`{"type":"cursor_move","user_id":"ann","doc_id":"page","line":0,"column":${bad}}`);
      await ann.until(() => ann.errors.length === 1);
      ann.send({ type: "presence_update", state: { after: true } });
      await bob.until(() => news(bob).length > 0);
      expect(news(bob)).toEqual([{ user_id: "ann", state: { after: true } }]);
    },
  );

  it("at an element that nobody has is never told, and one that comes to be there is (C10)", async () => {
    const [ann, bob] = [await replica("ann"), await json("bob")];
    const at = (seq: number) => ({ element: { replica: "ann", seq }, side: "left" });
    ann.say({ type: "selection", head: { element: { replica: "nobody", seq: 7 }, side: "right" } });
    ann.say({ type: "selection", head: at(3) });
    ann.say({ type: "presence_update", state: { before: true } });
    await bob.until(() => news(bob).length > 0);
    expect(news(bob)).toEqual([{ user_id: "ann", state: { before: true } }]);
    ann.insert(0, "abc");
    expect(await cursorOf("ann", bob)).toEqual({ line: 0, column: 3 });
    expect(ann.errors).toEqual([]);
  });

  it("in text that is not on the disk waits for it", async () => {
    const [ann, bob, cem] = [await replica("ann"), await json("bob"), await replica("cem")];
    store.hold("append");
    ann.insert(0, "abc");
    ann.say({ type: "selection", head: { element: { replica: "ann", seq: 3 }, side: "left" } });
    ann.say({ type: "presence_update", state: { before: true } });
    await bob.until(() => news(bob).length > 0);
    expect(news(bob)).toEqual([{ user_id: "ann", state: { before: true } }]);
    store.release("append");
    expect(await cursorOf("ann", bob)).toEqual({ line: 0, column: 3 });
    await cem.until(() => news(cem).some(({ selection }) => selection !== undefined));
    expect(cem.text).toBe("abc");
  });

  it("is told to JSON clients in lines and columns, and to replicas in anchors, whoever moved it", async () => {
    const [ann, bob, cem] = [await replica("ann"), await json("bob"), await replica("cem")];
    ann.insert(0, "one\ntwo");
    ann.say({
      type: "selection",
      head: { element: { replica: "ann", seq: 6 }, side: "left" },
      from: { element: null, side: "left" },
    });
    expect(await cursorOf("ann", bob)).toEqual({ line: 1, column: 2, from: { line: 0, column: 0 } });
    bob.send({ type: "cursor_move", line: 1, column: 1 });
    const bobs = () => news(cem).findLast(({ user_id }) => user_id === "bob")?.selection;
    await cem.until(() => bobs() !== undefined);
    expect(bobs()).toEqual({ head: { element: { replica: "ann", seq: 5 }, side: "left" } });
    expect(cem.document.offsetOf(bobs()!.head)).toBe(5);
    // A joiner is told where it is in the text as it is by then.
    ann.insert(0, "zero\n");
    await bob.reach(12);
    const dan = await json("dan");
    expect(dan.state?.users.map(({ user_id, cursor }) => [user_id, cursor?.line])).toEqual([
      ["ann", 2],
      ["bob", 2],
      ["cem", undefined],
      ["dan", undefined],
    ]);
  });

  it("that is taken away is gone for all", async () => {
    const [ann, bob] = [await replica("ann"), await json("bob")];
    ann.say({ type: "selection", head: { element: null, side: "left" } });
    expect(await cursorOf("ann", bob)).toEqual({ line: 0, column: 0 });
    ann.say({ type: "selection" });
    expect(await cursorOf("ann", bob, ({ cursor }) => cursor === null)).toBeNull();
  });
});

describe("identity", () => {
  it("is the session's: name, colour and other people's ids in a message change nothing (D10)", async () => {
    const [ann, bob] = [await json("ann"), await json("bob")];
    bob.send({
      type: "presence_update",
      status: "away",
      name: "Ann",
      colour: "#000000",
      users: [{ user_id: "ann", status: "away", cursor: null }],
    });
    await ann.until(() => news(ann).length > 0);
    expect(news(ann)).toEqual([{ user_id: "bob", status: "away" }]);
    bob.send({ type: "presence_update", user_id: "ann", status: "away" });
    bob.send({ type: "user_left", user_id: "ann" });
    await bob.until(() => bob.errors.length === 2);
    expect(bob.errors.map(({ code }) => code)).toEqual(["WRONG_USER", "UNKNOWN_TYPE"]);
    const cem = await json("cem");
    expect(cem.state?.users.map(({ user_id, name, status }) => [user_id, name, status])).toEqual([
      ["ann", "ann", "active"],
      ["bob", "bob", "away"],
      ["cem", "cem", "active"],
    ]);
  });
});

describe("nobody leaves a ghost (I11)", () => {
  it("whose page is closed, whose line is cut, or who stops answering", async () => {
    const reader = await json("reader");
    const [ann, bob, cem] = [await json("ann"), await json("bob"), await json("cem")];
    for (const one of [ann, bob, cem]) one.send({ type: "cursor_move", line: 0, column: 0 });
    await reader.until(() => news(reader).filter(({ cursor }) => cursor !== undefined).length === 3);
    const left = () =>
      reader.received.filter(({ type }) => type === "user_left").map(({ user_id }) => user_id);
    await ann.leave();
    bob.vanish();
    await reader.until(() => left().length === 2);
    cem.freeze();
    for (let round = 0; round < 2; round++) {
      world.pass(2_000);
      reader.send({ type: "heartbeat" });
      await reader.roundTrip();
    }
    await reader.until(() => left().length === 3);
    const late = await json("late");
    expect(late.state?.users.map(({ user_id }) => user_id)).toEqual(["reader", "late"]);
  });

  it("who comes back with another page, with the first page's cursor held back for ever", async () => {
    const reader = await json("reader");
    const ann = await replica("ann", "ann-1");
    ann.say({ type: "selection", head: { element: { replica: "ann-1", seq: 9 }, side: "left" } });
    ann.say({ type: "broadcast", payload: 1 });
    await reader.next("broadcast", 0);
    await ann.leave();
    await reader.next("user_left", 0);
    const again = await replica("ann", "ann-2");
    again.insert(0, "x");
    await reader.reach(1);
    again.say({ type: "presence_update", state: { here: true } });
    await reader.until(() => news(reader).length > 0);
    expect(news(reader)).toEqual([{ user_id: "ann", state: { here: true } }]);
  });

  it("with two pages, of which the one used last shows, and after it the other", async () => {
    const reader = await json("reader");
    const [one, two] = [await json("ann", "page-1"), await json("ann", "page-2")];
    one.insert(0, "text");
    one.send({ type: "cursor_move", line: 0, column: 1 });
    await cursorOf("ann", reader);
    two.send({ type: "cursor_move", line: 0, column: 2 });
    two.send({ type: "presence_update", status: "away" });
    expect(await cursorOf("ann", reader, ({ cursor }) => cursor?.column === 2)).toBeTruthy();
    await two.leave();
    expect(await cursorOf("ann", reader, ({ cursor }) => cursor?.column === 1)).toBeTruthy();
    expect(news(reader).filter(({ status }) => status !== undefined)).toEqual([]); // The other page was active throughout.
    expect(reader.received.some(({ type }) => type === "user_left")).toBe(false);
  });
});
