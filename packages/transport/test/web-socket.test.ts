import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { closeCode, Frame, type Socket } from "../src/index.js";
import { WebSocketAcceptor } from "../src/node/ws.js";
import { Recorder } from "../src/testing/index.js";
import { openSocket } from "../src/web/open-socket.js";

// `ws` has the face of the browser's WebSocket as well, so it stands in for a page's.
const http: Server = createServer();
const acceptor = new WebSocketAcceptor();
let far: { readonly socket: Socket; readonly heard: Recorder };
let url = "";

beforeAll(async () => {
  vi.stubGlobal("WebSocket", WebSocket);
  http.on("upgrade", (request, stream, head) =>
    acceptor.accept(request, stream, head, (socket) => {
      far = { socket, heard: new Recorder() };
      return far.heard;
    }),
  );
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/`;
});

afterAll(() => {
  vi.unstubAllGlobals();
  http.close();
});

describe("a page's line", () => {
  let heard: Recorder;
  let near: Socket;

  beforeEach(async () => {
    heard = new Recorder();
    near = await openSocket(url, { listener: heard, frameBytesMax: 100 });
  });

  it("carries text and bytes both ways", async () => {
    near.send(Frame.text("grüß dich"));
    near.send(Frame.binary(Uint8Array.of(0, 255)));
    await far.heard.until((it) => it.binaries.length === 1);
    expect([far.heard.texts, far.heard.binaries]).toEqual([["grüß dich"], [Uint8Array.of(0, 255)]]);
    far.socket.send(Frame.text("und du?"));
    far.socket.send(Frame.binary(Uint8Array.of(7)));
    await heard.until((it) => it.binaries.length === 1);
    expect([heard.texts, heard.binaries]).toEqual([["und du?"], [Uint8Array.of(7)]]);
  });

  it("hears the server's code and reason", async () => {
    far.socket.close(closeCode.restart, "back soon");
    await heard.until((it) => it.closedWith !== undefined);
    expect([heard.closedWith, near.isOpen]).toEqual([
      { code: closeCode.restart, reason: "back soon" },
      false,
    ]);
  });

  it("closes with codes of ours, and without one where a page may not say it", async () => {
    near.close(closeCode.restart, "a server's code");
    await far.heard.until((it) => it.closedWith !== undefined);
    expect(far.heard.closedWith?.code).toBe(1005);
  });

  it("is over at once when it is cut, however long the network takes", async () => {
    near.terminate();
    await heard.until((it) => it.closedWith !== undefined);
    near.send(Frame.text("late"));
    expect([heard.closedWith?.code, near.isOpen]).toEqual([1006, false]);
  });

  it("is closed when a message is larger than it may be, and hears none of it", async () => {
    far.socket.send(Frame.binary(new Uint8Array(101)));
    await heard.until((it) => it.closedWith !== undefined);
    expect([heard.binaries, heard.closedWith?.code]).toEqual([[], closeCode.tooLarge]);
  });
});

it("says that there is no server", async () => {
  const attempt = openSocket("ws://127.0.0.1:1/", { listener: new Recorder() });
  await expect(attempt).rejects.toMatchObject({ code: "UNREACHABLE" });
});

it("says that an address is none", async () => {
  const attempt = openSocket("nonsense:", { listener: new Recorder() });
  await expect(attempt).rejects.toMatchObject({ code: "UNREACHABLE" });
});
