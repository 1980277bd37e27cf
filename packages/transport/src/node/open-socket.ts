/**
 * A line from Node to a server, over `ws`. Browsers get the other implementation of the same path.
 * @packageDocumentation
 */
import { WebSocket } from "ws";
import { TransportError, type TransportErrorOptions } from "../errors.js";
import { defaultLimits } from "../limits.js";
import type { OpenSocketOptions } from "../open-socket-options.js";
import type { Socket } from "../socket.js";
import { attach, NodeSocket } from "./node-socket.js";

export type { OpenSocketOptions } from "../open-socket-options.js";

/**
 * Opens a line from Node to the server at `url`, once; connecting again is the caller's.
 * @throws {TransportError} `UNREACHABLE` (as a rejection) when there is no server or it refuses the handshake; with the time at which it
 * said to come again.
 */
export function openSocket(url: string, options: OpenSocketOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url, {
      perMessageDeflate: false,
      autoPong: false, // `attach` answers pings.
      maxPayload: options.frameBytesMax ?? defaultLimits.serverMessageBytesMax,
      handshakeTimeout: options.handshakeTimeoutMs ?? 10_000,
      headers: { ...options.headers },
    });
    const unreachable = (more: TransportErrorOptions) =>
      reject(new TransportError("UNREACHABLE", `no line to ${url}`, more));
    ws.on("error", (cause) => unreachable({ cause }));
    ws.on("unexpected-response", (request, { statusCode, headers }) => {
      const seconds = Number(headers["retry-after"]);
      const cause = new Error(`status ${statusCode}`);
      unreachable({ cause, ...(seconds > 0 && { retryAfterMs: seconds * 1_000 }) });
      request.destroy();
    });
    ws.once("open", () => {
      attach(ws, options.listener);
      resolve(new NodeSocket(ws));
    });
  });
}
