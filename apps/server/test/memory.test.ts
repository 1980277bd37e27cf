import { connect, type Socket } from "node:net";
import { RawClient } from "@motet/transport/testing/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JsonClient } from "./support/json-client.js";
import { ReplicaClient } from "./support/replica-client.js";
import { ServerProcess } from "./support/server-process.js";

/** Peers that never read, and peers that never finish their handshake: 1,000 and 10,000 with `pnpm crowds`. */
const STALLED = Number(process.env["STALLED_READERS"] ?? 60);
const HALF_OPEN = Number(process.env["HALF_OPEN"] ?? 500);
const DRIPPING = 50;

const MIB = 1_048_576;
const PIECE = "x".repeat(131_072);
/** 8 MB: more than the kernel takes for a reader who does not read. */
const PIECES = 64;

let server: ServerProcess;
let address: string;
beforeEach(async () => {
  // Little room for garbage, so that what is measured is what is held.
  const NODE_OPTIONS = "--max-semi-space-size=2 --max-old-space-size=80";
  server = new ServerProcess(["--port", "0", "--memory"], { NODE_OPTIONS });
  address = await server.address();
});
afterEach(() => server.kill());

/** Writes 8 MB, one piece after the other, and returns the most memory that the server took meanwhile. */
async function write(document: string): Promise<number> {
  const ann = await ReplicaClient.join(address, { document });
  let most = 0;
  for (let piece = 0; piece < PIECES; piece++) {
    ann.insert(0, PIECE);
    await ann.settle();
    most = Math.max(most, server.residentBytes);
  }
  await ann.leave();
  return most;
}

describe.runIf(process.platform === "linux")("the memory of a server, as a process", () => {
  it(`stays flat beside ${STALLED} peers who never read while 8 MB are written (E1, E2)`, async () => {
    const alone = await write("alone"); // What the same costs with nobody there; code and heap are warm after it.
    const peers = await Promise.all(Array.from({ length: STALLED }, (_, number) => stalled(number)));
    const before = server.residentBytes;
    const growth = (await write("page")) - Math.max(before, alone);
    console.info(`${STALLED} peers who never read: ${Math.round(growth / MIB)} MiB more`);
    // What each lacks, kept for each, would be 8 MB for each. (That not even shared frames are kept, slow-readers.test.ts counts.)
    expect(growth).toBeLessThan(Math.max(64 * MIB, 0.128 * STALLED * MIB));
    for (const peer of peers) peer.vanish();
  }, 300_000);

  it(`stays flat beside ${HALF_OPEN} half-open handshakes and ${DRIPPING} that drip, which are all cut (E4)`, async () => {
    const before = server.residentBytes;
    const lines = await Promise.all(
      Array.from({ length: HALF_OPEN + DRIPPING }, (_, number) => half(number < DRIPPING)),
    );
    const ann = await JsonClient.join(address, { user: "ann" });
    ann.insert(0, "served");
    await ann.settle();
    expect(server.residentBytes - before).toBeLessThan(Math.max(40 * MIB, 0.02 * HALF_OPEN * MIB));
    await Promise.all(lines.map(({ isCut }) => isCut));
    ann.insert(0, "still ");
    await ann.settle();
  }, 60_000);
});

/** A replica that has joined and then never reads again. */
async function stalled(number: number): Promise<RawClient> {
  const peer = await RawClient.open(`${address}/documents/page`);
  const replica = { id: `stalled-${number}`, secret: "s".repeat(22) };
  peer.say({ type: "join", user_id: `user-${number}`, doc_id: "page", protocol: 1, replica });
  peer.send({ opcode: 2, payload: Uint8Array.of(1, 0) });
  await peer.next();
  peer.freeze();
  return peer;
}

/** A connection that sends half a handshake and no more, or a byte each second. */
async function half(drips: boolean): Promise<{ readonly isCut: Promise<void> }> {
  const line: Socket = connect(Number(new URL(address).port), "127.0.0.1");
  await new Promise((resolve) => line.once("connect", resolve));
  line.write("GET /documents/page HTTP/1.1\r\nHost: x\r\nX-Header: ");
  const drip = drips ? setInterval(() => line.write("x"), 1_000) : undefined;
  line.on("error", () => {}); // Written to while it is being cut.
  line.resume();
  const isCut = new Promise<void>((resolve) => line.once("close", () => resolve()));
  return { isCut: isCut.then(() => clearInterval(drip)) };
}
