import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { closeCode, Frame, type Socket, type SocketListener } from "../src/index.js";
import { openSocket, refuseUpgrade, WebSocketAcceptor } from "../src/node/ws.js";
import { Recorder } from "../src/testing/index.js";
import { opcode, RawClient, type RawFrame } from "../src/testing/node.js";
import { socketLaws } from "./socket-laws.js";

/** A server on a free loopback port that writes down what each connection sends. */
class World {
  readonly sockets: Socket[] = [];
  readonly heard: Recorder[] = [];
  /** What a new connection's listener is; a recorder unless a test says otherwise. */
  listen: (socket: Socket) => SocketListener = () => new Recorder();
  refusal: { status: number; reason: string; retryAfterSeconds?: number } | undefined;
  readonly #acceptor = new WebSocketAcceptor({ frameBytesMax: 10_000, fragmentsMax: 8, closeTimeoutMs: 50 });
  readonly #http: Server = createServer();

  async start(): Promise<void> {
    this.#http.on("upgrade", (request, stream, head) => {
      if (this.refusal) {
        const { status, reason, retryAfterSeconds } = this.refusal;
        return refuseUpgrade(stream, status, reason, retryAfterSeconds);
      }
      this.#acceptor.accept(request, stream, head, (socket) => this.#take(socket));
    });
    await new Promise<void>((resolve) => this.#http.listen(0, "127.0.0.1", resolve));
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/documents/minutes`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #take(socket: Socket): SocketListener {
    this.sockets.push(socket);
    const listener = this.listen(socket);
    if (listener instanceof Recorder) this.heard.push(listener);
    return listener;
  }
}

let world: World;
beforeEach(async () => {
  world = new World();
  await world.start();
});
afterEach(() => world.stop());

/** A client of ours, and both ends of its line. */
async function client() {
  const heard = new Recorder();
  const socket = await openSocket(world.url, { listener: heard });
  return { socket, heard, server: world.sockets.at(-1)!, serverHeard: world.heard.at(-1)! };
}

const closed = (recorder: Recorder) => recorder.until((it) => it.closedWith !== undefined);

describe("a line over TCP", () => {
  socketLaws(async () => {
    const { socket, heard, server, serverHeard } = await client();
    return [
      { socket, heard },
      { socket: server, heard: serverHeard },
    ];
  });

  it("gives the same bytes to several readers of one frame", async () => {
    const [ann, bob] = [await client(), await client()];
    const frame = Frame.text("to all");
    for (const { server } of [ann, bob]) server.send(frame);
    await Promise.all([ann, bob].map(({ heard }) => heard.until((it) => it.texts.length === 1)));
    expect([ann.heard.texts, bob.heard.texts]).toEqual([["to all"], ["to all"]]);
  });

  it("answers a ping by itself, and both ends hear of it", async () => {
    const { heard, server, serverHeard } = await client();
    server.ping();
    await serverHeard.until((it) => it.heardCount === 1);
    expect(heard.heardCount).toBe(1);
  });

  it("closes with a code and a reason, cut between characters where it is too long", async () => {
    const { heard, server, serverHeard } = await client();
    server.close(closeCode.restart, "ä".repeat(100));
    await Promise.all([closed(heard), closed(serverHeard)]);
    expect(heard.closedWith).toEqual({ code: closeCode.restart, reason: "ä".repeat(61) });
  });

  it("is cut rather than closed with a code that no frame may carry", async () => {
    const { heard, server } = await client();
    server.close(1006, "");
    await closed(heard);
    expect(heard.closedWith?.code).toBe(1006);
  });

  it("costs its own connection, not the process, when its listener throws", async () => {
    const failures: unknown[] = [];
    const broken = new Error("a defect");
    const nothing = () => {};
    world.listen = () => ({
      text: () => {
        throw broken;
      },
      binary: nothing,
      heard: nothing,
      closed: () => {
        throw broken;
      },
      failed: (error) => failures.push(error),
    });
    const heard = new Recorder();
    const socket = await openSocket(world.url, { listener: heard });
    socket.send(Frame.text("hello"));
    await closed(heard);
    expect(heard.closedWith?.code).toBe(closeCode.internal);
    expect(failures[0]).toBe(broken);
    expect((await client()).socket.isOpen).toBe(true);
  });
});

describe("a handshake", () => {
  it("that the server refuses is a rejection with a code", async () => {
    world.refusal = { status: 403, reason: "Forbidden" };
    await expect(client()).rejects.toMatchObject({ name: "TransportError", code: "UNREACHABLE" });
    expect((await RawClient.open(world.url)).status).toBe("HTTP/1.1 403 Forbidden");
  });

  it("that the server puts off says when to come again", async () => {
    world.refusal = { status: 503, reason: "Service Unavailable", retryAfterSeconds: 7 };
    await expect(client()).rejects.toMatchObject({ code: "UNREACHABLE", retryAfterMs: 7_000 });
  });

  it("with nobody there is a rejection with a code", async () => {
    const { port } = world;
    await world.stop();
    const attempt = openSocket(`ws://127.0.0.1:${port}/`, { listener: new Recorder() });
    await expect(attempt).rejects.toMatchObject({ code: "UNREACHABLE" });
    await world.start();
  });

  it.each([{ "Sec-WebSocket-Key": "short" }, { "Sec-WebSocket-Version": "12" }])(
    "that is malformed gets an HTTP status: %j",
    async (headers) => {
      const client = await RawClient.open(world.url, headers);
      expect(client.status).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(world.sockets).toEqual([]);
    },
  );

  it("cannot switch on compression (B14)", async () => {
    const client = await RawClient.open(world.url, { "Sec-WebSocket-Extensions": "permessage-deflate" });
    client.send({ opcode: opcode.text, payload: "a", reserved: 4 });
    expect(await client.closeCode()).toBe(1002);
  });
});

const hello = { opcode: opcode.text, payload: "hello" };
const closeFrame = (code: number) => ({ opcode: opcode.close, payload: Buffer.of(code >> 8, code & 255) });

describe("frames from a stranger", () => {
  it("may be fragments, with pings between them, and may be empty", async () => {
    const client = await RawClient.open(world.url);
    client.send(
      { opcode: opcode.text, payload: "one ", fin: false },
      { opcode: opcode.ping, payload: "still there?" },
      { opcode: opcode.continuation, payload: "", fin: false },
      { opcode: opcode.continuation, payload: "message" },
      { opcode: opcode.text },
    );
    await world.heard[0]!.until((it) => it.texts.length === 2);
    expect(world.heard[0]!.texts).toEqual(["one message", ""]);
    expect(await client.next()).toEqual({ opcode: opcode.pong, payload: Buffer.from("still there?") });
  });

  it.each<[string, number, readonly RawFrame[]]>([
    ["of an opcode that is not defined", 1002, [{ opcode: 3 }]],
    ["of a control opcode that is not defined", 1002, [{ opcode: 11 }]],
    ["not masked", 1002, [{ ...hello, masked: false }]],
    ["with a reserved bit", 1002, [{ ...hello, reserved: 1 }]],
    ["that continue nothing", 1002, [{ opcode: opcode.continuation }]],
    ["that begin a message inside another", 1002, [{ ...hello, fin: false }, hello]],
    ["that split a ping", 1002, [{ opcode: opcode.ping, fin: false }]],
    ["that ping with 126 bytes", 1002, [{ opcode: opcode.ping, payload: "x".repeat(126) }]],
    ["that close with one byte", 1002, [{ opcode: opcode.close, payload: "x" }]],
    ["that close with 1005", 1002, [closeFrame(1005)]],
    ["that close with 999", 1002, [closeFrame(999)]],
    ["that close with 5000", 1002, [closeFrame(5000)]],
    ["of text that is not UTF-8", 1007, [{ opcode: opcode.text, payload: Buffer.of(0xc3, 0x28) }]],
    [
      "of text with a surrogate in UTF-8",
      1007,
      [{ opcode: opcode.text, payload: Buffer.of(0xed, 0xa0, 0x80) }],
    ],
    ["larger than allowed", 1009, [{ opcode: opcode.binary, payload: Buffer.alloc(10_001) }]],
    ["that are too large together", 1009, Array.from({ length: 5 }, (_, i) => fragment(i, 2_500))],
    ["that are too many for one message", 1008, Array.from({ length: 20 }, (_, i) => fragment(i, 1))],
  ])("%s: close code %i, and the next client is served", async (_name, code, frames) => {
    const client = await RawClient.open(world.url);
    client.send(...frames);
    expect(await client.closeCode()).toBe(code);
    await closed(world.heard[0]!);
    expect(world.heard[0]!.texts).toEqual([]);
    const next = await RawClient.open(world.url);
    next.send(hello);
    await world.heard[1]!.until((it) => it.texts.length === 1);
  });

  it("that announce 2^63 bytes are refused before anything is allocated", async () => {
    const client = await RawClient.open(world.url);
    client.sendBytes(Buffer.of(0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0));
    expect([1002, 1009]).toContain(await client.closeCode());
  });

  it("that stop with a TCP reset close the connection and nothing else", async () => {
    const client = await RawClient.open(world.url);
    client.send({ ...hello, fin: false });
    client.reset();
    await closed(world.heard[0]!);
    expect(world.heard[0]!.closedWith?.code).toBe(1006);
  });

  it("that never answer a close are cut after the time they have for it", async () => {
    await RawClient.open(world.url);
    world.sockets[0]!.close(closeCode.timeout, "silent");
    await closed(world.heard[0]!);
    expect(world.heard[0]!.closedWith?.code).toBe(1006);
  });
});

function fragment(index: number, bytes: number): RawFrame {
  const first = index === 0;
  return { opcode: first ? opcode.binary : opcode.continuation, payload: Buffer.alloc(bytes), fin: false };
}
