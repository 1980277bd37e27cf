import { connect, type Socket } from "node:net";
import { Document, documentId } from "@motet/document";
import { opcode, RawClient } from "@motet/transport/testing/node";
import { afterEach, describe, expect, it } from "vitest";
import type { CollaborativeServerOptions } from "../src/index.js";
import { HeldStore } from "./support/held-store.js";
import { JsonClient } from "./support/json-client.js";
import { ReplicaClient } from "./support/replica-client.js";
import { TestServer } from "./support/test-server.js";

let world: TestServer;
afterEach(async () => {
  expect(world.defects).toEqual([]);
  await world.close();
});

async function start(options: CollaborativeServerOptions): Promise<void> {
  world = await TestServer.start(options);
}

const join = (user: string, document = "page") => JsonClient.join(world.address, { user, document });

describe("a flood of messages (E3)", () => {
  it("is taken as slowly as it may come, all of it, and nobody else waits", async () => {
    await start({ limits: { messagesPerSecond: 100, messagesBurst: 50 } });
    const [mallory, ann] = [await join("mallory"), await join("ann")];
    for (let sent = 0; sent < 2_000; sent++) mallory.send({ type: "heartbeat" });
    await ann.roundTrip();
    ann.insert(0, "unhindered");
    await ann.settle();
    const answered = () => mallory.received.filter(({ type }) => type === "heartbeat").length;
    expect(answered()).toBeLessThan(2_000);
    while (answered() < 2_000) {
      world.pass(5_000);
      await ann.roundTrip();
    }
    expect(mallory.closed).toBeUndefined();
  });

  it("of empty frames, thousands in a single read, is closed", async () => {
    await start({ limits: { messagesBurst: 100, messagesDebtMax: 1_000 } });
    const mallory = await RawClient.open(`${world.address}/documents/page`);
    mallory.say({ type: "join", user_id: "mallory", doc_id: "page" });
    await mallory.hear();
    mallory.send(...Array.from({ length: 8_000 }, () => ({ opcode: opcode.text }))); // One write: one read, not many small ones.
    let frame = await mallory.next();
    while (frame !== undefined && frame.opcode !== opcode.close) frame = await mallory.next();
    expect(frame?.payload.readUInt16BE(0)).toBe(4429);
    expect(frame?.payload.toString("utf8", 2)).toMatch(/; retry-ms=\d+$/);
    mallory.vanish();
  });

  it("of wrong messages from somebody who reads no answer keeps no more than the tail", async () => {
    await start({});
    const mallory = await join("mallory");
    mallory.freeze();
    for (let sent = 0; sent < 60_000; sent++) mallory.sendRaw("wrong");
    const ann = await join("ann");
    for (let round = 0; round < 50; round++) await ann.roundTrip();
    expect(world.server.getStatus().slowReaders.bytes).toBeLessThanOrEqual(1_048_576);
  });
});

it("a store that does not keep up makes the writers wait, and loses nothing", async () => {
  const store = new HeldStore();
  await start({ store, limits: { queuedBytesMax: 100_000 } });
  const ann = await join("ann");
  store.hold("append");
  const piece = "x".repeat(10_000);
  for (let sent = 0; sent < 300; sent++) ann.insert(0, piece);
  const bob = await join("bob", "other");
  for (let round = 0; round < 50; round++) await bob.roundTrip();
  // A read of 64 KiB may have come in with the last look, and looks are 256 KiB apart.
  expect(world.server.getStatus().queuedBytes).toBeLessThanOrEqual(100_000 + 262_144 + 131_072);
  store.release("append");
  await ann.settle();
  expect(ann.text.length).toBe(3_000_000);
});

describe("one user", () => {
  it("has no more connections than a user may have, and another one does", async () => {
    await start({ limits: { connectionsPerUserMax: 2 } });
    const [first] = [await join("ann"), await join("ann")];
    const third = await JsonClient.connect(world.address);
    third.send({ type: "join" });
    expect(await third.ended()).toBe(4429);
    expect(third.errors[0]).toMatchObject({ code: "TOO_MANY_CONNECTIONS", in_reply_to: "join" });
    await join("bob");
    await first.leave();
    await join("ann");
  });

  it("has no more documents open than a user may have (E8)", async () => {
    await start({ limits: { documentsPerUserMax: 2 } });
    const [one] = [await join("ann", "one"), await join("ann", "one"), await join("ann", "two")];
    const third = await JsonClient.connect(world.address, { document: "three" });
    third.send({ type: "join" });
    expect(await third.ended()).toBe(4429);
    expect(third.errors[0]).toMatchObject({ code: "TOO_MANY_DOCUMENTS" });
    expect(world.server.getStatus()).toMatchObject({ connectedClients: 3, activeDocuments: 2 });
    await one.leave();
    await join("ann", "two");
  });

  it("that comes again as the same client takes the old connection's place, even at the limit", async () => {
    await start({ limits: { connectionsPerUserMax: 1 } });
    await JsonClient.join(world.address, { client: "laptop" });
    await JsonClient.join(world.address, { client: "laptop" });
    expect(world.server.getStatus().connectedClients).toBe(1);
  });
});

describe("an update", () => {
  it("holds no more operations than it may", async () => {
    await start({ limits: { updateOperationsMax: 10 } });
    const ann = await ReplicaClient.join(world.address, { user: "ann" });
    ann.insert(0, "0123456789a");
    expect(await ann.refusal()).toMatchObject({ code: "TOO_LARGE", replica: "ann", seq: 1 });
  });

  it("makes no document longer than it may be; shorter it may become", async () => {
    await start({ documentLimits: { textUnitsMax: 100 } });
    const ann = await ReplicaClient.join(world.address, { user: "ann" });
    ann.insert(0, "x".repeat(99));
    await ann.settle();
    ann.do({ type: "delete", position: 0, length: 10 });
    await ann.settle();
    ann.insert(0, "y".repeat(11));
    await ann.settle();
    const late = new Document({ id: documentId("page"), replica: ann.document.replica });
    late.receive(ann.document.encode());
    ann.insert(0, "z");
    expect(await ann.refusal()).toMatchObject({ code: "TOO_LARGE", replica: "ann", seq: 121 });
    expect((await join("bob")).text).toBe(late.text);
  });
});

it("a document takes no more titles, counts and fields from a replica than it may hold, and text all the same (E10)", async () => {
  await start({ documentLimits: { rowBytesMax: 1_000 } });
  const ann = await ReplicaClient.join(world.address, { user: "ann" });
  const set = (value: string) => ann.do({ type: "set_field", field: "f", value });
  for (const value of ["x".repeat(450), "y".repeat(450)]) set(value);
  ann.insert(0, "text".repeat(500));
  await ann.settle();
  set("z".repeat(100));
  expect(await ann.refusal()).toMatchObject({ code: "TOO_LARGE", replica: "ann", seq: 2_003 });
  const { state } = await join("bob");
  expect([state?.text.length, state?.fields]).toEqual([2_000, { f: "y".repeat(450) }]);
});

describe("a line that never becomes a connection", () => {
  /** Opens a line and sends `bytes` over it. */
  function open(bytes: string): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const line = connect(Number(new URL(world.address).port), "127.0.0.1", () => {
        line.write(bytes);
        resolve(line);
      });
      line.on("error", reject);
      line.resume();
    });
  }

  const ended = (line: Socket) => new Promise<void>((resolve) => line.once("close", () => resolve()));

  it("is cut when it says nothing, or only half a request, and others are served meanwhile", async () => {
    await start({});
    const lines = [await open(""), await open("GET /documents/page HTTP/1.1\r\nHost: x\r\n")];
    const cut = Promise.all(lines.map(ended));
    await join("ann");
    await cut;
  }, 25_000);
});

it("beyond the connections that the server takes, an upgrade is refused", async () => {
  await start({ limits: { connectionsMax: 1 } });
  await join("ann");
  await expect(
    new Promise((resolve) => {
      const line = connect(Number(new URL(world.address).port), "127.0.0.1", () => {
        line.write(
          "GET /documents/page HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        );
      });
      line.once("data", (data) => resolve(String(data).split("\r\n")[0]));
    }),
  ).resolves.toBe("HTTP/1.1 503 Service Unavailable");
});
