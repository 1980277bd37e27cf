import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JsonClient } from "./support/json-client.js";
import { TestServer } from "./support/test-server.js";

/** Below the time after which a silent client is gone. */
const IDLE_MS = 10_000;

let world: TestServer;
beforeEach(async () => {
  world = await TestServer.start({ limits: { idleMs: IDLE_MS } });
});
afterEach(async () => {
  expect(world.defects).toEqual([]);
  await world.close();
});

const join = (user: string, more: object = {}) => JsonClient.join(world.address, { user, ...more });

/** Two people on one document that says `text`. */
async function annAndBob(text: string): Promise<[JsonClient, JsonClient]> {
  const ann = await join("ann");
  if (text !== "") ann.insert(0, text);
  await ann.settle();
  return [ann, await join("bob")];
}

/** Everyone has everything that anyone has sent. */
async function agree(...clients: JsonClient[]): Promise<void> {
  for (const client of clients) await client.settle();
  const version = Math.max(...clients.map((client) => client.version));
  for (const client of clients) await client.reach(version);
}

describe("two people", () => {
  it("see each other's edits, titles and counters", async () => {
    const [ann, bob] = await annAndBob("hello");
    bob.insert(5, " world");
    ann.send({ type: "set_title", title: "Greetings" });
    ann.send({ type: "increment_counter", counter: "views", amount: 2 });
    await bob.until(() => bob.received.filter(({ type }) => type === "changes").length === 2);
    await agree(ann, bob);
    expect([ann.text, bob.text]).toEqual(["hello world", "hello world"]);
    expect([ann.title, bob.title]).toEqual(["Greetings", "Greetings"]);
    expect([ann.counters.get("views"), bob.counters.get("views")]).toEqual([2, 2]);
  });

  it("keep both words whole when they type at the same place", async () => {
    const [ann, bob] = await annAndBob("");
    for (const [index, letter] of [..."hello"].entries()) ann.insert(index, letter);
    for (const [index, letter] of [..."world"].entries()) bob.insert(index, letter);
    await agree(ann, bob);
    expect(ann.text).toBe(bob.text);
    expect(["helloworld", "worldhello"]).toContain(ann.text);
  });
});

describe("a position counted in an old text", () => {
  it("lands where its author meant it", async () => {
    const [ann, bob] = await annAndBob("the cat sat");
    ann.insert(0, "look: ");
    await bob.until(() => bob.othersReceived === 1);
    bob.insert(7, "s"); // Bob has not taken ann's change in: his text still says "the cat sat".
    bob.insert(8, " have"); // And he types on, in what he sees.
    await agree(ann, bob);
    expect([ann.text, bob.text]).toEqual(["look: the cats have sat", "look: the cats have sat"]);
  });

  it("deletes what its author saw, and nothing that came in between", async () => {
    const [ann, bob] = await annAndBob("abcdef");
    ann.insert(3, "NEW");
    await bob.until(() => bob.othersReceived === 1);
    bob.delete(1, 4);
    await agree(ann, bob);
    expect([ann.text, bob.text]).toEqual(["aNEWf", "aNEWf"]);
  });

  it("deletes once what two people delete", async () => {
    const [ann, bob] = await annAndBob("abcdef");
    ann.delete(1, 3);
    bob.delete(2, 3);
    await agree(ann, bob);
    expect([ann.text, bob.text]).toEqual(["af", "af"]);
  });

  it("is refused beyond that text, though the text has grown since", async () => {
    const [ann, bob] = await annAndBob("short");
    ann.insert(5, " and now longer");
    await bob.until(() => bob.othersReceived === 1);
    bob.send({ type: "insert", id: 1, version: bob.version, position: 6, text: "!" });
    expect(await bob.next("error")).toMatchObject({ code: "OUT_OF_RANGE", in_reply_to: 1 });
  });

  it("of a version that never was is refused", async () => {
    const [, bob] = await annAndBob("text");
    bob.send({ type: "insert", id: 1, version: 99, position: 0, text: "!" });
    expect(await bob.next("error")).toMatchObject({ code: "UNKNOWN_VERSION", in_reply_to: 1 });
  });
});

describe("a message sent again", () => {
  it("is acknowledged again and applied once", async () => {
    const [ann, bob] = await annAndBob("");
    const message = { type: "insert", id: 1, position: 0, text: "once" };
    bob.send(message);
    bob.send(message);
    await bob.until(() => bob.received.filter(({ type }) => type === "ack").length === 2);
    const [first, second] = bob.received.filter(({ type }) => type === "ack");
    expect(first).toMatchObject({ id: 1, changes: [{ type: "insert", position: 0, text: "once" }] });
    expect(second).toMatchObject({ id: 1, changes: [], duplicate: true });
    await ann.until(() => ann.othersReceived === 1);
    expect(world.server.getStatus().totalOperations).toBe(1);
  });

  it("after a reconnect is known by the client's name", async () => {
    const old = await join("ann", { client: "laptop" });
    old.insert(0, "once");
    await old.settle();
    await old.leave();
    const back = await join("ann", { client: "laptop" });
    expect(back.state?.session.last_id).toBe(1);
    back.send({ type: "insert", id: 1, position: 0, text: "once" });
    expect(await back.next("ack")).toMatchObject({ id: 1, duplicate: true });
    expect((await join("bob")).text).toBe("once");
  });
});

describe("an answer", () => {
  it("goes to the connection that asked, though the messages of two have the same number (C14)", async () => {
    const [ann, bob] = await annAndBob("");
    bob.send({ type: "insert", id: 1, position: 9, text: "refused" });
    ann.send({ type: "insert", id: 1, position: 0, text: "taken" });
    expect(await ann.next("ack", 0)).toMatchObject({ user_id: "ann", id: 1 });
    expect(await bob.next("error", 0)).toMatchObject({ user_id: "bob", in_reply_to: 1 });
    await bob.reach(5);
    expect([ann.errors, bob.received.filter(({ type }) => type === "ack")]).toEqual([[], []]);
  });
});

describe("a cursor", () => {
  it("is shown to the others as its owner's, whatever a message says of name and colour", async () => {
    const [ann, bob] = await annAndBob("two\nlines");
    const moved = ann.next("presence_update");
    bob.send({ type: "cursor_move", line: 1, column: 3, name: "Eve", colour: "#000000" });
    const users = [{ user_id: "bob", cursor: { line: 1, column: 3 } }];
    expect(await moved).toEqual({ type: "presence_update", user_id: "bob", doc_id: "page", users });
  });

  it("never overtakes the edit it follows", async () => {
    const [ann, bob] = await annAndBob("");
    bob.insert(0, "word");
    bob.send({ type: "cursor_move", line: 0, column: 4 });
    const { users } = await ann.next("presence_update", 0);
    expect(users).toEqual([{ user_id: "bob", cursor: { line: 0, column: 4 } }]);
    expect(ann.received.map(({ type }) => type).slice(-2)).toEqual(["changes", "presence_update"]);
  });
});

describe("presence", () => {
  it("passes on what an application shows of its user", async () => {
    const [ann, bob] = await annAndBob("");
    bob.send({ type: "presence_update", status: "away", state: { mood: "hungry" } });
    const { users } = await ann.next("presence_update", 0);
    expect(users).toEqual([{ user_id: "bob", status: "away", state: { mood: "hungry" } }]);
  });

  it("tells who has gone idle, and who is back", async () => {
    const [ann, bob] = await annAndBob("");
    world.clock.advance(IDLE_MS - 1);
    ann.send({ type: "presence_update", status: "active" });
    await ann.roundTrip();
    const idle = ann.next("presence_update");
    world.pass(1);
    expect((await idle).users).toEqual([{ user_id: "bob", status: "idle" }]);
    const back = ann.next("presence_update");
    bob.insert(0, "back");
    expect((await back).users).toEqual([{ user_id: "bob", status: "active" }]);
  });
});
