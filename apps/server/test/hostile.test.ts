import { MemoryDocumentStore } from "@motet/document";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JsonClient } from "./support/json-client.js";
import { TestServer } from "./support/test-server.js";

let world: TestServer;
let mallory: JsonClient;
let ann: JsonClient;
beforeEach(async () => {
  world = await TestServer.start();
  ann = await JsonClient.join(world.address, { user: "ann" });
  mallory = await JsonClient.join(world.address, { user: "mallory" });
});

/** Whatever was done: nothing failed inside, the sender may go on, and the others' text is what it was. */
afterEach(async () => {
  expect(world.defects).toEqual([]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect((await JsonClient.join(world.address, { user: "late" })).text).toBe("");
  expect(ann.received.filter(({ type }) => type === "changes")).toEqual([]);
  await world.close();
});

async function refusal(): Promise<unknown> {
  const { code } = await mallory.next("error", 0);
  await mallory.roundTrip();
  return code;
}

describe("a message that is wrong is answered with a code, and the connection lives:", () => {
  it.each([
    ["not JSON", "}{", "NOT_JSON"],
    ["nothing", "", "NOT_JSON"],
    ["null", "null", "NOT_AN_OBJECT"],
    ["a list", "[]", "NOT_AN_OBJECT"],
    ["brackets, 20,000 deep", "[".repeat(20_000), "NOT_JSON"],
    ["more than a message may hold", JSON.stringify("x".repeat(1_000_000)), "TOO_LARGE"],
  ])("%s", async (_what, text, code) => {
    mallory.sendRaw(text);
    expect(await refusal()).toBe(code);
  });

  it.each([
    ["no type", { type: undefined }, "MISSING_FIELD"],
    ["no user", { type: "insert", user_id: undefined }, "MISSING_FIELD"],
    ["no document", { type: "insert", doc_id: undefined }, "MISSING_FIELD"],
    ["a type that is a number", { type: 7 }, "WRONG_TYPE"],
    ["a type that nobody knows", { type: "format_disk" }, "UNKNOWN_TYPE"],
    ["a type that every object has", { type: "constructor" }, "UNKNOWN_TYPE"],
    ["a type that only the server sends", { type: "state" }, "UNKNOWN_TYPE"],
    ["a position that is text", { type: "insert", position: "0", text: "x" }, "WRONG_TYPE"],
    ["a position before the start", { type: "insert", position: -1, text: "x" }, "OUT_OF_RANGE"],
    ["a position between two", { type: "insert", position: 0.5, text: "x" }, "OUT_OF_RANGE"],
    ["a position beyond the end", { type: "insert", position: 1, text: "x" }, "OUT_OF_RANGE"],
    ["an insertion of nothing", { type: "insert", position: 0, text: "" }, "OUT_OF_RANGE"],
    ["half a character", { type: "insert", position: 0, text: "\ud83c" }, "MALFORMED"],
    ["a deletion of nothing", { type: "delete", position: 0, length: 0 }, "OUT_OF_RANGE"],
    ["a deletion beyond the end", { type: "delete", position: 0, length: 1 }, "OUT_OF_RANGE"],
    ["an endless deletion", { type: "delete", position: 0, length: 2 ** 53 - 1 }, "LIMIT"],
    ["a counter by no number", { type: "increment_counter", amount: null }, "WRONG_TYPE"],
    ["a counter by half", { type: "increment_counter", amount: 0.5 }, "OUT_OF_RANGE"],
    ["a title too long", { type: "set_title", title: "x".repeat(1_001) }, "OUT_OF_RANGE"],
    ["a cursor above the text", { type: "cursor_move", line: -1, column: 0 }, "OUT_OF_RANGE"],
    ["a state too large", { type: "presence_update", state: { x: "x".repeat(1_024) } }, "OUT_OF_RANGE"],
  ])("%s", async (_what, message, code) => {
    mallory.send(message);
    expect(await refusal()).toBe(code);
  });

  it.each([
    ["position", "1e999"],
    ["position", "-0"],
    ["position", "9007199254740992"],
    ["length", "9007199254740993"],
    ["length", "-0"],
  ])("a %s of %s (C3)", async (field, number) => {
    const message = {
      user_id: "mallory",
      doc_id: "page",
      type: "delete",
      position: 0,
      length: 1,
      [field]: 7,
    };
    mallory.sendRaw(JSON.stringify(message).replace(`"${field}":7`, `"${field}":${number}`));
    expect(await refusal()).toBe("OUT_OF_RANGE");
  });

  it("a binary frame (C6)", async () => {
    mallory.sendRaw(Uint8Array.of(1, 2, 3));
    expect(await refusal()).toBe("TEXT_ONLY");
  });
});

describe("somebody else's name", () => {
  it.each(["insert", "cursor_move", "presence_update", "heartbeat"])("on a %s is refused", async (type) => {
    mallory.send({ type, user_id: "ann", position: 0, text: "as ann", line: 0, column: 0, status: "away" });
    expect(await mallory.next("error")).toMatchObject({
      code: "WRONG_USER",
      in_reply_to: type,
      user_id: "mallory",
    });
  });

  it("of a document is refused, too", async () => {
    mallory.send({ type: "insert", doc_id: "other", position: 0, text: "x" });
    expect(await refusal()).toBe("WRONG_DOCUMENT");
  });
});

it("keys that every object has are data like any other", async () => {
  mallory.sendRaw(
    '{"type":"presence_update","user_id":"mallory","doc_id":"page","state":{"__proto__":{"polluted":1},"constructor":2}}',
  );
  mallory.send({ type: "increment_counter", counter: "__proto__", amount: 2 });
  mallory.send({ type: "increment_counter", counter: "constructor", amount: 3 });
  await mallory.until(() => mallory.received.filter(({ type }) => type === "ack").length === 2);
  const raw = (await JsonClient.join(world.address, { user: "bob" })).state?.counters;
  expect(Object.entries(raw ?? {})).toEqual([
    ["__proto__", 2],
    ["constructor", 3],
  ]);
  ann.received.length = 0; // She was told of the counters, rightly.
});

it("a frame above every limit closes the connection with 1009, and nobody else's", async () => {
  mallory.sendRaw("x".repeat(3_000_000));
  expect(await mallory.ended()).toBe(1009);
  await ann.roundTrip();
});

it("what a failing store says in its own words is told to nobody, nor is where it happened (D17)", async () => {
  const store = new MemoryDocumentStore();
  store.load = () => Promise.reject(new Error("SELECT * FROM secrets; /var/lib/motet/page.db"));
  const broken = await TestServer.start({ store });
  const client = await JsonClient.connect(broken.address, { user: "ann" });
  client.send({ type: "join" });
  await client.ended();
  const answer = await fetch(`${broken.address}/api/v1/documents/page?user_id=ann`);
  expect([client.errors[0]?.code, answer.status]).toEqual(["STORE_UNAVAILABLE", 503]);
  for (const told of [JSON.stringify(client.received), client.closed?.reason, await answer.text()]) {
    expect(told).not.toMatch(/SELECT|secrets|\/var|\.ts|\.js|\bat /);
  }
  await broken.close();
});
