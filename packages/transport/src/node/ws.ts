/**
 * `ws` as this package's socket, for servers, tests and bots that run on Node.
 * @packageDocumentation
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type ServerOptions, WebSocketServer } from "ws";
import { defaultLimits, type SocketLimits } from "../limits.js";
import type { Socket, SocketListener } from "../socket.js";
import { attach, NodeSocket } from "./node-socket.js";

export { type OpenSocketOptions, openSocket } from "./open-socket.js";

/** Turns HTTP upgrade requests into sockets; which requests, decides the caller. */
export class WebSocketAcceptor {
  readonly #server: WebSocketServer;

  constructor(limits: Partial<SocketLimits> = {}) {
    this.#server = new WebSocketServer(serverOptions({ ...defaultLimits, ...limits }));
  }

  /**
   * Answers an `upgrade` event of an HTTP server. A malformed handshake is answered with its HTTP status and
   * `listen` is not called; otherwise `listen` gets the open socket and returns who listens to it. It must not throw.
   */
  accept(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
    listen: (socket: Socket) => SocketListener,
  ): void {
    this.#server.handleUpgrade(request, stream, head, (ws) => {
      const socket = new NodeSocket(ws, stream);
      attach(ws, listen(socket));
    });
  }
}

/**
 * Answers an upgrade request with an HTTP status instead of a socket, and closes the line.
 * @param retryAfterSeconds When to come again, where that would help.
 */
export function refuseUpgrade(
  stream: Duplex,
  status: number,
  reason: string,
  retryAfterSeconds?: number,
): void {
  stream.on("error", () => stream.destroy());
  const retry = retryAfterSeconds === undefined ? "" : `Retry-After: ${retryAfterSeconds}\r\n`;
  const head = `HTTP/1.1 ${status} ${reason}\r\n${retry}Connection: close\r\nContent-Length: 0\r\n\r\n`;
  stream.end(head, () => stream.destroy());
}

function serverOptions(limits: SocketLimits): ServerOptions {
  const options = {
    noServer: true,
    clientTracking: false, // The connection manager has its own list.
    perMessageDeflate: false, // 15 to 24 times slower, and a bomb to defuse.
    maxPayload: limits.frameBytesMax,
    maxFragments: limits.fragmentsMax,
    maxBufferedChunks: limits.bufferedChunksMax,
    closeTimeout: limits.closeTimeoutMs, // The default, 30 s, holds memory for peers that never answer a close.
    autoPong: false, // We answer pings ourselves.
    skipUTF8Validation: false,
  };
  return options;
}
