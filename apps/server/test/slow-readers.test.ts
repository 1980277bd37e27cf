import type { Socket } from "@motet/transport";
import { afterEach, beforeEach, expect, it } from "vitest";
import { JsonClient } from "./support/json-client.js";
import { ReplicaClient } from "./support/replica-client.js";
import { TestServer } from "./support/test-server.js";

const OUTBOX_BYTES = 65_536;
const TAIL_BYTES = 1_048_576;
const PIECE = "x".repeat(131_072);
/** More than the kernel takes for a reader who does not read. */
const PIECES = 64;

let world: TestServer;
let sockets: Socket[];
beforeEach(async () => {
  world = await TestServer.start();
  sockets = [];
  const serve = world.server.serve.bind(world.server);
  world.server.serve = (socket, document) => {
    sockets.push(socket);
    return serve(socket, document);
  };
});
afterEach(async () => {
  expect(world.defects).toEqual([]);
  await world.close();
});

const join = (user: string) => ReplicaClient.join(world.address, { user });

/** Writes 8 MB, a piece after the other; `look` is called after each, and may say that it is enough. */
async function write(ann: ReplicaClient, look: () => boolean): Promise<void> {
  for (let piece = 0; piece < PIECES; piece++) {
    ann.insert(0, PIECE);
    await ann.settle();
    if (look()) return;
  }
}

/** Somebody has fallen behind, and all that is kept for them is full. */
function isBehind(): boolean {
  return world.server.getStatus().slowReaders.bytes > TAIL_BYTES - PIECE.length;
}

const queued = () => sockets.reduce((sum, { bufferedBytes }) => sum + bufferedBytes, 0);

it("twenty readers who do not read while 8 MB are written cost a position each, and are all resynced", async () => {
  const readers = await Promise.all(Array.from({ length: 20 }, (_, number) => join(`reader-${number}`)));
  const ann = await join("ann");
  for (const reader of readers) reader.freeze();
  let most = 0;
  let kept = 0;
  await write(ann, () => {
    most = Math.max(most, queued());
    kept = Math.max(kept, world.server.getStatus().slowReaders.bytes);
    return false;
  });
  expect(world.server.getStatus().slowReaders.readers).toBe(20);
  expect(most).toBeLessThanOrEqual(20 * (OUTBOX_BYTES + 2 * PIECE.length));
  expect(kept).toBeLessThanOrEqual(TAIL_BYTES);

  const framesBefore = readers.map(({ frames }) => frames.length);
  for (const reader of readers) reader.thaw();
  for (const reader of readers)
    await reader.until(() => reader.document.versionNumber === PIECES * PIECE.length);
  expect(readers.every(({ text }) => text === ann.text)).toBe(true);
  expect(readers.every(({ closed }) => closed === undefined)).toBe(true);
  readers.forEach((reader, number) => {
    expect(reader.frames.length - framesBefore[number]!).toBeLessThan(PIECES);
  });
  expect(world.server.getStatus().slowReaders).toEqual({ readers: 0, bytes: 0 });
  ann.insert(0, "after");
  for (const reader of readers) await reader.until(() => reader.text.startsWith("after"));
}, 60_000);

it("a JSON client who missed too much is asked to join again, and begins with a fresh state", async () => {
  const [bob, ann] = [await JsonClient.join(world.address, { user: "bob" }), await join("ann")];
  bob.freeze();
  await write(ann, isBehind);
  await write(ann, () => true);
  expect(world.server.getStatus().slowReaders.readers).toBe(1);
  bob.thaw();
  expect(await bob.ended()).toBe(4408);
  const back = await JsonClient.join(world.address, { user: "bob" });
  expect(back.text).toBe(ann.text);
}, 60_000);

it("who does not read for half a minute is cut off, and the others hear that they have left", async () => {
  const [bob, ann] = [await join("bob"), await join("ann")];
  bob.freeze();
  await write(ann, isBehind);
  world.server.tick();
  for (let passed = 0; passed < 30; passed++) {
    world.clock.advance(1_000);
    await ann.roundTrip();
    world.server.handleHeard("c1"); // Bob's line: it still answers pings.
    world.server.tick();
  }
  expect(world.server.getStatus().connectedClients).toBe(2);
  world.pass(1_000);
  await ann.until(() => ann.received.some(({ type }) => type === "user_left"));
  expect(world.server.getStatus()).toMatchObject({
    connectedClients: 1,
    slowReaders: { readers: 0, bytes: 0 },
  });
}, 60_000);
