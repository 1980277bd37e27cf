import type { Frame } from "./frame.js";

/**
 * One open line to a peer, as this package needs it.
 *
 * No method throws, whatever state the line is in, and none calls the listener before it returns: what a call causes
 * is reported in a later turn of the event loop or a later microtask.
 */
export interface Socket {
  /** Queues a frame. Does nothing once the socket is no longer open. */
  send(frame: Frame): void;
  /** Asks the peer for a sign of life; its answer is reported as `heard`. */
  ping(): void;
  /** Starts the closing handshake. `reason` is cut to 123 bytes; a second call does nothing. */
  close(code: number, reason: string): void;
  /** Destroys the line at once, without a close frame; `closed` is reported with 1006. */
  terminate(): void;
  /**
   * Stops reading from the line, so that the peer's writes come to wait; what has been read is still reported. Absent
   * where the platform cannot.
   */
  pause?(): void;
  /** Reads on. */
  resume?(): void;
  /** Calls `run` once, as soon as the network has taken everything that waits. Absent where the platform does not tell. */
  whenDrained?(run: () => void): void;
  /** Bytes accepted by `send` that the network has not taken yet. */
  readonly bufferedBytes: number;
  /** Whether `send` still has an effect. */
  readonly isOpen: boolean;
}

/** What a socket reports. At most one listener for each socket, given when the socket is made. */
export interface SocketListener {
  /** A whole text message, valid UTF-8. */
  text(text: string): void;
  /** A whole binary message. `bytes` may be a view of a larger buffer: copy what outlives the call. */
  binary(bytes: Uint8Array): void;
  /** A ping or pong came in: the peer lives. Messages are not reported here again. */
  heard(): void;
  /** Called exactly once, last. 1006 if the line was cut without a close frame. */
  closed(code: number, reason: string): void;
  /** The peer broke the framing, or the listener itself threw. For the log: the socket closes by itself. */
  failed(error: unknown): void;
}
