import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JsonClient } from "./support/json-client.js";
import { TestServer } from "./support/test-server.js";

let world: TestServer;
beforeEach(async () => {
  world = await TestServer.start();
});
afterEach(async () => {
  expect(world.defects).toEqual([]);
  await world.close();
});

const join = (user: string, more: object = {}) => JsonClient.join(world.address, { user, ...more });

/** A client that has connected and said nothing yet. */
async function stranger(): Promise<JsonClient> {
  return JsonClient.connect(world.address);
}

describe("who joins", () => {
  it("gets the document, the people in it and a colour of their own", async () => {
    const ann = await join("ann", { name: "Ann" });
    ann.insert(0, "hello");
    ann.send({ type: "set_title", title: "Minutes" });
    ann.send({ type: "increment_counter", amount: 3 });
    ann.send({ type: "set_field", field: "language", value: "en" });
    ann.send({ type: "cursor_move", line: 0, column: 5 });
    await ann.until(() => ann.received.filter(({ type }) => type === "ack").length === 4);
    const bob = await join("bob");
    expect(bob.state).toMatchObject({
      text: "hello",
      title: "Minutes",
      counters: { default: 3 },
      fields: { language: "en" },
      version: 8,
    });
    expect(bob.state?.users).toMatchObject([
      { user_id: "ann", name: "Ann", idle: false, cursor: { line: 0, column: 5 } },
      { user_id: "bob", name: "bob", idle: false },
    ]);
    expect(bob.state?.session).toMatchObject({
      name: "bob",
      last_id: 0,
      server_time_ms: world.clock.wallMs(),
    });
    expect(bob.state?.session.colour).not.toBe(ann.state?.session.colour);
  });

  it("is announced to the others, and so is who leaves", async () => {
    const ann = await join("ann");
    const joined = ann.next("user_joined");
    const bob = await join("bob", { name: "Bob" });
    expect(await joined).toMatchObject({ user_id: "bob", name: "Bob", colour: bob.state?.session.colour });
    const left = ann.next("user_left");
    await bob.leave();
    expect(await left).toMatchObject({ user_id: "bob", name: "Bob" });
    expect(bob.received.filter(({ type }) => type === "user_joined")).toEqual([]);
  });

  it("counts once, however many windows they open", async () => {
    const ann = await join("ann");
    const first = await join("bob");
    const second = await join("bob");
    expect(second.state?.users).toHaveLength(2);
    await first.leave();
    const left = ann.next("user_left");
    await second.leave();
    await left;
    expect(ann.received.map(({ type }) => type)).toEqual(["state", "user_joined", "user_left"]);
  });

  it("hears nothing of other documents", async () => {
    const ann = await join("ann", { document: "one" });
    const bob = await join("bob", { document: "two" });
    bob.insert(0, "not for ann");
    await bob.settle();
    ann.send({ type: "heartbeat" });
    await ann.next("heartbeat", 0);
    expect(ann.received.map(({ type }) => type)).toEqual(["state", "heartbeat"]);
  });

  it("cannot join twice on one connection, and goes on all the same (C13)", async () => {
    const ann = await join("ann");
    ann.send({ type: "join" });
    expect(await ann.next("error")).toMatchObject({ code: "ALREADY_JOINED", in_reply_to: "join" });
    ann.insert(0, "still here");
    await ann.settle();
    expect(ann.text).toBe("still here");
  });

  it("takes over from the old connection of the same client", async () => {
    const old = await join("ann", { client: "laptop" });
    old.insert(0, "a");
    await old.settle();
    const back = await join("ann", { client: "laptop" });
    expect(await old.ended()).toBe(4409);
    expect(back.state?.session).toMatchObject({ client_id: "laptop", last_id: 1 });
    expect(world.server.getStatus().connectedClients).toBe(1);
  });
});

describe("before the join", () => {
  it("a message is refused, and the connection may still join (C5)", async () => {
    const ann = await stranger();
    ann.send({ type: "insert", position: 0, text: "too early" });
    expect(await ann.next("error", 0)).toMatchObject({ code: "NOT_JOINED", in_reply_to: "insert" });
    ann.send({ type: "join" });
    expect(await ann.next("state", 0)).toMatchObject({ text: "" });
  });

  it.each([
    ["that is not JSON", "join!", "NOT_JSON"],
    ["without a user", JSON.stringify({ type: "join", doc_id: "page" }), "MISSING_FIELD"],
    [
      "of a user with a slash",
      JSON.stringify({ type: "join", doc_id: "page", user_id: "a/b" }),
      "OUT_OF_RANGE",
    ],
    [
      "of another document",
      JSON.stringify({ type: "join", doc_id: "other", user_id: "ann" }),
      "WRONG_DOCUMENT",
    ],
  ])("a join %s is answered, and a good one may follow", async (_what, text, code) => {
    const ann = await stranger();
    ann.sendRaw(text);
    expect(await ann.next("error", 0)).toMatchObject({ code });
    ann.send({ type: "join" });
    await ann.next("state", 0);
  });

  it("nobody sends more than 8 KiB, in one message or in many (C5)", async () => {
    const big = await stranger();
    big.send({ type: "join", token: "x".repeat(8_192) });
    expect(await big.ended()).toBe(4400);
    const chatty = await stranger();
    for (let sent = 0; sent <= 8_192; sent += 64) chatty.sendRaw(" ".repeat(64));
    expect(await chatty.ended()).toBe(4400);
    expect(world.server.getStatus()).toMatchObject({ connectedClients: 0, activeDocuments: 0 });
  });

  it("nobody waits for longer than five seconds (C5)", async () => {
    const silent = await stranger();
    world.pass(5_000);
    expect(silent.closed).toBeUndefined();
    world.pass(1);
    expect(await silent.ended()).toBe(4408);
  });
});

describe("what is sent right after the join, before the state has come", () => {
  it("is neither lost nor reordered", async () => {
    const ann = await stranger();
    ann.send({ type: "join" });
    const words = Array.from({ length: 50 }, (_, index) => `${index} `);
    words.forEach((text, index) => {
      ann.send({ type: "insert", id: index + 1, position: words.slice(0, index).join("").length, text });
    });
    await ann.until(() => ann.received.length === 51);
    expect(ann.received[0]).toMatchObject({ type: "state", text: "", version: 0 });
    ann.takeIn();
    expect(ann.text).toBe(words.join(""));
  });
});
