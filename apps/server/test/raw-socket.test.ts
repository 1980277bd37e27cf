import { opcode, RawClient, type RawFrame } from "@motet/transport/testing/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JsonClient } from "./support/json-client.js";
import { TestServer } from "./support/test-server.js";

let world: TestServer;
let lines: RawClient[];
beforeEach(async () => {
  world = await TestServer.start();
  lines = [];
});
afterEach(async () => {
  for (const line of lines) line.vanish(); // None of them would answer the server's close.
  expect(world.defects).toEqual([]);
  await world.close();
});

const ann = { user_id: "ann", doc_id: "page" };

async function open(): Promise<RawClient> {
  const line = await RawClient.open(`${world.address}/documents/page`);
  lines.push(line);
  return line;
}

async function join(user: string): Promise<RawClient> {
  const client = await open();
  client.say({ type: "join", user_id: user, doc_id: "page" });
  expect(await client.hear()).toMatchObject({ type: "state" });
  return client;
}

it("the whole JSON protocol can be spoken by hand", async () => {
  const line = await open();
  line.say({ ...ann, type: "join", client_id: "by-hand", name: "Ann" });
  const colour = expect.stringMatching(/^#[0-9a-f]{6}$/);
  const session = {
    client_id: "by-hand",
    name: "Ann",
    last_id: 0,
    server_time_ms: world.clock.wallMs(),
    colour,
  };
  expect(await line.hear()).toMatchObject({
    type: "state",
    ...ann,
    version: 0,
    text: "",
    title: "",
    counters: {},
    session,
  });

  line.say({ ...ann, type: "insert", id: 1, version: 0, position: 0, text: "hello 🎼" });
  const changes = [{ type: "insert", position: 0, text: "hello 🎼" }];
  expect(await line.hear()).toEqual({ type: "ack", ...ann, id: 1, version: 7, changes });
  line.say({ ...ann, type: "insert", id: 1, version: 0, position: 0, text: "hello 🎼" });
  expect(await line.hear()).toMatchObject({ type: "ack", id: 1, changes: [], duplicate: true });

  const bob = await JsonClient.join(world.address, { user: "bob" });
  expect(await line.hear()).toMatchObject({ type: "user_joined", user_id: "bob", name: "bob", colour });
  bob.insert(0, "> ");
  expect(await line.hear()).toMatchObject({ type: "changes", user_id: "bob", version: 9 });
  line.say({ ...ann, type: "delete", id: 2, version: 7, position: 0, length: 6 });
  expect(await line.hear()).toMatchObject({ id: 2, changes: [{ type: "delete", position: 2, length: 6 }] });
  line.say({ ...ann, type: "set_title", id: 3, title: "Score" });
  expect(await line.hear()).toMatchObject({ id: 3, changes: [{ type: "set_title", title: "Score" }] });
  line.say({ ...ann, type: "increment_counter", id: 4, counter: "votes", amount: -2 });
  expect(await line.hear()).toMatchObject({ changes: [{ counter: "votes", amount: -2 }] });

  bob.send({ type: "cursor_move", line: 0, column: 2 });
  const cursor = { line: 0, column: 2 };
  expect(await line.hear()).toMatchObject({ type: "presence_update", users: [{ user_id: "bob", cursor }] });
  const said = { status: "away", state: { page: 3 } };
  bob.send({ type: "presence_update", ...said });
  expect(await line.hear()).toMatchObject({ type: "presence_update", users: [{ user_id: "bob", ...said }] });
  bob.send({ type: "broadcast", payload: [1, null] });
  expect(await line.hear()).toMatchObject({ type: "broadcast", user_id: "bob", payload: [1, null] });
  line.say({ ...ann, type: "broadcast", payload: 1 });
  expect(await bob.next("broadcast", 0)).toMatchObject({ user_id: "ann", payload: 1 });
  line.say({ ...ann, type: "cursor_move", line: 0, column: 0 });
  line.say({ ...ann, type: "presence_update", status: "idle" });
  const mine = [{ user_id: "ann", status: "idle", cursor: { line: 0, column: 0 } }];
  expect(await line.hear()).toMatchObject({ type: "presence_update", users: mine });
  line.say({ ...ann, type: "heartbeat" });
  expect(await line.hear()).toMatchObject({ type: "heartbeat", server_time_ms: world.clock.wallMs() });
  line.say({ ...ann, type: "insert", id: 5, position: 99, text: "x" });
  expect(await line.hear()).toMatchObject({ type: "error", code: "OUT_OF_RANGE", in_reply_to: 5 });

  await bob.reach(16);
  expect([bob.text, bob.title, bob.counters.get("votes")]).toEqual(["> 🎼", "Score", -2]);
  await bob.leave();
  expect(await line.hear()).toMatchObject({ type: "user_left", user_id: "bob" });
  line.send({ opcode: opcode.close, payload: Buffer.of(1_000 >> 8, 1_000 & 255) });
  expect(await line.closeCode()).toBe(1000);
});

const hello = { opcode: opcode.text, payload: "hello" };
const close = (code: number) => ({ opcode: opcode.close, payload: Buffer.of(code >> 8, code & 255) });
const pieces = (count: number, bytes: number): RawFrame[] =>
  Array.from({ length: count }, (_, at) => ({
    opcode: at === 0 ? opcode.text : opcode.continuation,
    payload: Buffer.alloc(bytes, 32),
    fin: false,
  }));

describe("frames that RFC 6455 forbids, or that are too many (C7, E6)", () => {
  it.each<[string, readonly number[], readonly RawFrame[]]>([
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((code): [string, number[], RawFrame[]] => [
      `of opcode ${code}`,
      [1002],
      [{ opcode: code }],
    ]),
    ...[1, 2, 4, 7].map((reserved): [string, number[], RawFrame[]] => [
      `with the reserved bits ${reserved}`,
      [1002],
      [{ ...hello, reserved }],
    ]),
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1999, 2999, 5000, 65_535].map(
      (code): [string, number[], RawFrame[]] => [`that close with ${code}`, [1002], [close(code)]],
    ),
    ["that are not masked", [1002], [{ ...hello, masked: false }]],
    ["that are a ping not masked", [1002], [{ opcode: opcode.ping, masked: false }]],
    ["that continue nothing", [1002], [{ opcode: opcode.continuation }]],
    ["that continue nothing, and are not the last", [1002], [{ opcode: opcode.continuation, fin: false }]],
    ["that begin a message inside another", [1002], [{ ...hello, fin: false }, hello]],
    [
      "that begin a binary message inside a text",
      [1002],
      [{ ...hello, fin: false }, { opcode: opcode.binary }],
    ],
    ["that split a ping", [1002], [{ opcode: opcode.ping, fin: false }]],
    ["that split a pong", [1002], [{ opcode: opcode.pong, fin: false }]],
    ["that split a close", [1002], [{ ...close(1000), fin: false }]],
    ["that ping with 126 bytes", [1002], [{ opcode: opcode.ping, payload: "x".repeat(126) }]],
    ["that close with 126 bytes", [1002], [{ opcode: opcode.close, payload: "x".repeat(126) }]],
    ["that close with one byte", [1002], [{ opcode: opcode.close, payload: "x" }]],
    [
      "that close with a reason that is not UTF-8",
      [1007],
      [{ opcode: opcode.close, payload: Buffer.of(3, 232, 0xff) }],
    ],
    ["of text that is not UTF-8", [1007], [{ opcode: opcode.text, payload: Buffer.of(0xc3, 0x28) }]],
    [
      "of text with half a character in UTF-8",
      [1007],
      [{ opcode: opcode.text, payload: Buffer.of(0xed, 0xa0, 0x80) }],
    ],
    ["of text with an overlong slash", [1007], [{ opcode: opcode.text, payload: Buffer.of(0xc0, 0xaf) }]],
    ["of text beyond Unicode", [1007], [{ opcode: opcode.text, payload: Buffer.of(0xf4, 0x90, 0x80, 0x80) }]],
    ["of text cut inside a character", [1007], [{ opcode: opcode.text, payload: Buffer.of(0xe2, 0x82) }]],
    ["of 3 MB", [1009], [{ opcode: opcode.text, payload: Buffer.alloc(3_000_000, 32) }]],
    ["of 3 MB in fragments", [1009], pieces(30, 100_000)],
    ["of 60,000 empty fragments", [1008], pieces(60_000, 0)],
    ["of 60,000 fragments of a byte", [1008], pieces(60_000, 1)],
  ])("%s: the connection is closed with %j, and nobody else's", async (_what, codes, frames) => {
    const bob = await join("bob");
    const mallory = await join("mallory");
    await bob.hear();
    mallory.send(...frames);
    expect(codes).toContain(await mallory.closeCode());
    expect(await bob.hear()).toMatchObject({ type: "user_left", user_id: "mallory" });
  });

  it("that announce 2^63 bytes are refused before anything is allocated", async () => {
    const mallory = await join("mallory");
    mallory.sendBytes(Buffer.of(0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0));
    expect([1002, 1009]).toContain(await mallory.closeCode());
  });

  it("that are bytes of something else entirely", async () => {
    const mallory = await join("mallory");
    mallory.sendBytes(Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    expect(await mallory.closeCode()).toBe(1002);
  });
});

describe("frames that RFC 6455 allows", () => {
  const message = JSON.stringify({ ...ann, type: "heartbeat" });

  it("may come in fragments, empty ones too, with pings and pongs between them", async () => {
    const line = await join("ann");
    line.send(
      { opcode: opcode.text, payload: message.slice(0, 10), fin: false },
      { opcode: opcode.ping, payload: "still there?" },
      { opcode: opcode.continuation, payload: "", fin: false },
      { opcode: opcode.pong, payload: "unasked" },
      { opcode: opcode.continuation, payload: message.slice(10) },
    );
    expect(await line.next()).toEqual({ opcode: opcode.pong, payload: Buffer.from("still there?") });
    expect(await line.hear()).toMatchObject({ type: "heartbeat" });
  });

  it("may come a byte at a time", async () => {
    const line = await join("ann");
    const mask = Buffer.from([1, 2, 3, 4]);
    const body = Buffer.from(message).map((byte, at) => byte ^ mask[at % 4]!);
    for (const byte of Buffer.concat([Buffer.of(0x81, 0x80 | body.length), mask, body]))
      line.sendBytes(Buffer.of(byte));
    expect(await line.hear()).toMatchObject({ type: "heartbeat" });
  });

  it.each([1000, 1001, 1011, 3000, 4000, 4999])(
    "may close with %i, and are answered with the same",
    async (code) => {
      const line = await join("ann");
      line.send(close(code));
      expect(await line.closeCode()).toBe(code);
    },
  );

  it("may close without a code", async () => {
    const line = await join("ann");
    line.send({ opcode: opcode.close });
    expect([1000, 1005]).toContain(await line.closeCode());
  });

  it("after a close are not listened to", async () => {
    const [line, bob] = [await join("ann"), await join("bob")];
    line.send(close(1000), {
      opcode: opcode.text,
      payload: JSON.stringify({ ...ann, type: "insert", position: 0, text: "x" }),
    });
    await line.closeCode();
    expect(await bob.hear()).toMatchObject({ type: "user_left" });
  });
});

describe("a message that is never finished (E5)", () => {
  it("is given up when nothing else was heard for half a minute", async () => {
    const mallory = await join("mallory");
    mallory.sendBytes(Buffer.of(0x81, 0xfe, 0x01, 0x00, 1, 2, 3, 4));
    for (let passed = 0; passed < 31; passed++) {
      mallory.sendBytes(Buffer.of(32));
      world.pass(1_000);
    }
    expect([1006, 4408]).toContain(await mallory.closeCode());
  });
});

it("pings are answered one at a time (E12): who does not read is owed one answer, not a queue", async () => {
  const mallory = await join("mallory");
  mallory.freeze();
  const pings = Array.from({ length: 5_000 }, () => ({ opcode: opcode.ping, payload: "x".repeat(125) }));
  mallory.send(...pings);
  const bob = await join("bob");
  bob.say({ type: "heartbeat", user_id: "bob", doc_id: "page" });
  expect(await bob.hear()).toMatchObject({ type: "heartbeat" });
  expect(world.server.getStatus().slowReaders).toEqual({ readers: 0, bytes: 0 });
});
