/**
 * `ws` as this package's socket, for servers, tests and bots that run on Node.
 * @packageDocumentation
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type ServerOptions, WebSocket, WebSocketServer } from "ws";
import { closeCode } from "../close-code.js";
import { TransportError } from "../errors.js";
import type { Frame } from "../frame.js";
import { defaultLimits, type SocketLimits } from "../limits.js";
import type { Socket, SocketListener } from "../socket.js";

/** RFC 6455, section 5.5: the payload of a control frame is at most 125 bytes, two of them for the close code. */
const REASON_BYTES_MAX = 123;

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
      const socket = new NodeSocket(ws);
      attach(ws, listen(socket));
    });
  }
}

/** Answers an upgrade request with an HTTP status instead of a socket, and closes the line. */
export function refuseUpgrade(stream: Duplex, status: number, reason: string): void {
  stream.on("error", () => stream.destroy());
  const head = `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  stream.end(head, () => stream.destroy());
}

/** How a client opens a line. */
export interface OpenSocketOptions {
  readonly listener: SocketListener;
  /** Largest message accepted, in bytes. Close code 1009. @default 67_108_864 (64 MiB), as a server's state may be large */
  readonly frameBytesMax?: number;
  /** Longest wait for the handshake, in milliseconds. @default 10_000 */
  readonly handshakeTimeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Opens a line from Node to the server at `url`, once; connecting again is the caller's.
 * @throws {TransportError} `UNREACHABLE` (as a rejection) when there is no server or it refuses the handshake.
 */
export function openSocket(url: string, options: OpenSocketOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: options.frameBytesMax ?? defaultLimits.serverMessageBytesMax,
      handshakeTimeout: options.handshakeTimeoutMs ?? 10_000,
      headers: { ...options.headers },
    });
    ws.on("error", (cause) => reject(new TransportError("UNREACHABLE", `no line to ${url}`, { cause })));
    ws.once("open", () => {
      attach(ws, options.listener);
      resolve(new NodeSocket(ws));
    });
  });
}

class NodeSocket implements Socket {
  readonly #ws: WebSocket;

  constructor(ws: WebSocket) {
    this.#ws = ws;
  }

  get isOpen(): boolean {
    return this.#ws.readyState === WebSocket.OPEN;
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  send(frame: Frame): void {
    if (this.isOpen) this.#ws.send(frame.bytes, { binary: frame.text === undefined });
  }

  ping(): void {
    if (this.isOpen) this.#ws.ping();
  }

  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    try {
      this.#ws.close(code, clip(reason));
    } catch {
      this.#ws.terminate(); // A code that no close frame may carry.
    }
  }

  terminate(): void {
    this.#ws.terminate();
  }
}

function attach(ws: WebSocket, listener: SocketListener): void {
  ws.on("error", (error) => listener.failed(error));
  ws.on("message", (data: Buffer, isBinary: boolean) =>
    guard(ws, listener, () => (isBinary ? listener.binary(data) : listener.text(data.toString("utf8")))),
  );
  ws.on("ping", () => guard(ws, listener, () => listener.heard()));
  ws.on("pong", () => guard(ws, listener, () => listener.heard()));
  ws.on("close", (code, reason) => guard(ws, listener, () => listener.closed(code, reason.toString("utf8"))));
}

/** A listener that throws costs its own connection, not the process. */
function guard(ws: WebSocket, listener: SocketListener, report: () => void): void {
  try {
    report();
  } catch (error) {
    listener.failed(error);
    ws.close(closeCode.internal, "internal error");
  }
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
    skipUTF8Validation: false,
  };
  return options;
}

function clip(reason: string): string {
  const bytes = Buffer.from(reason, "utf8");
  if (bytes.length <= REASON_BYTES_MAX) return reason;
  let end = REASON_BYTES_MAX;
  while ((bytes[end]! & 0xc0) === 0x80) end--; // Not through the middle of a character.
  return bytes.toString("utf8", 0, end);
}
