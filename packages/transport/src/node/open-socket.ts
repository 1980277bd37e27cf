/**
 * A line from Node to a server, over `ws`. Browsers get the other implementation of the same path.
 * @packageDocumentation
 */
import { WebSocket } from "ws";
import { TransportError } from "../errors.js";
import { defaultLimits } from "../limits.js";
import type { OpenSocketOptions } from "../open-socket-options.js";
import type { Socket } from "../socket.js";
import { attach, NodeSocket } from "./node-socket.js";

export type { OpenSocketOptions } from "../open-socket-options.js";

/**
 * Opens a line from Node to the server at `url`, once; connecting again is the caller's.
 * @throws {TransportError} `UNREACHABLE` (as a rejection) when there is no server or it refuses the handshake.
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
    ws.on("error", (cause) => reject(new TransportError("UNREACHABLE", `no line to ${url}`, { cause })));
    ws.once("open", () => {
      attach(ws, options.listener);
      resolve(new NodeSocket(ws));
    });
  });
}
