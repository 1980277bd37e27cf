import type { SocketListener } from "./socket.js";

/** How a client opens a line. */
export interface OpenSocketOptions {
  readonly listener: SocketListener;
  /** Largest message accepted, in bytes. Close code 1009. @default 67_108_864 (64 MiB), as a server's state may be large */
  readonly frameBytesMax?: number;
  /** Longest wait for the handshake, in milliseconds. @default 10_000 */
  readonly handshakeTimeoutMs?: number;
  /** Sent with the handshake. A browser lets no page set them; there they are left out. */
  readonly headers?: Readonly<Record<string, string>>;
}
