/**
 * A line to a server over the `WebSocket` that the platform has: browsers, workers, Deno. Nothing of Node is in it.
 * @packageDocumentation
 */
import { TransportError } from "../errors.js";
import { defaultLimits } from "../limits.js";
import type { OpenSocketOptions } from "../open-socket-options.js";
import type { Socket } from "../socket.js";
import { type WebSocketLike, WebSocketLine } from "./web-socket-line.js";

export type { OpenSocketOptions } from "../open-socket-options.js";

/**
 * Opens a line to the server at `url`, once; connecting again is the caller's.
 * @throws {TransportError} `UNREACHABLE` (as a rejection) when there is no server, it refuses the handshake, or does not
 * answer in time: a browser does not tell which.
 */
export function openSocket(url: string, options: OpenSocketOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const unreachable = (cause?: unknown) =>
      reject(new TransportError("UNREACHABLE", `no line to ${url}`, { cause }));
    const ws = construct(url, unreachable);
    if (ws === undefined) return;
    const timer = setTimeout(() => ws.close(), options.handshakeTimeoutMs ?? 10_000);
    const frameBytesMax = options.frameBytesMax ?? defaultLimits.serverMessageBytesMax;
    const line = new WebSocketLine(ws, options.listener, frameBytesMax, {
      opened: () => {
        clearTimeout(timer);
        resolve(line);
      },
      failed: () => {
        clearTimeout(timer);
        unreachable();
      },
    });
  });
}

function construct(url: string, failed: (cause: unknown) => void): WebSocketLike | undefined {
  try {
    const { WebSocket } = globalThis as unknown as { WebSocket: new (url: string) => WebSocketLike };
    return new WebSocket(url);
  } catch (cause) {
    failed(cause); // No WebSocket here, or an address that is none.
    return undefined;
  }
}
