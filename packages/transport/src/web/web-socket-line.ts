import { closeCode } from "../close-code.js";
import type { Frame } from "../frame.js";
import { utf8Length } from "../safe-json.js";
import type { Socket, SocketListener } from "../socket.js";

/** What of the platform's WebSocket is used. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: (() => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
}

/** How the attempt ended. */
export interface HandshakeListener {
  opened(): void;
  failed(): void;
}

const OPEN = 1;

/** Codes that a page may send; any other makes `close` throw. */
const maySend = (code: number) => code === closeCode.normal || (code >= 3_000 && code <= 4_999);

/** RFC 6455 allows 123 bytes of reason, and a UTF-16 unit takes at most three. */
const REASON_UNITS_MAX = 41;

/** The platform's WebSocket as our socket. It can neither ping nor hear pings: whoever needs a sign of life sends a message. */
export class WebSocketLine implements Socket {
  readonly #ws: WebSocketLike;
  readonly #listener: SocketListener;
  readonly #frameBytesMax: number;
  #isClosed = false;

  constructor(
    ws: WebSocketLike,
    listener: SocketListener,
    frameBytesMax: number,
    handshake: HandshakeListener,
  ) {
    this.#ws = ws;
    this.#listener = listener;
    this.#frameBytesMax = frameBytesMax;
    ws.binaryType = "arraybuffer";
    ws.onerror = () => {}; // It says nothing of the cause, and a close follows.
    ws.onclose = () => handshake.failed();
    ws.onopen = () => {
      ws.onmessage = ({ data }) => this.#guard(() => this.#receive(data));
      ws.onclose = ({ code, reason }) => this.#end(code === 1005 ? 1006 : code, reason);
      handshake.opened();
    };
  }

  get isOpen(): boolean {
    return !this.#isClosed && this.#ws.readyState === OPEN;
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  send(frame: Frame): void {
    if (this.isOpen) this.#ws.send(frame.text ?? frame.bytes);
  }

  ping(): void {
    // A page cannot.
  }

  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    if (maySend(code)) this.#ws.close(code, reason.slice(0, REASON_UNITS_MAX));
    else this.#ws.close();
  }

  terminate(): void {
    if (this.#isClosed) return;
    this.#ws.onmessage = null;
    this.#ws.close();
    queueMicrotask(() => this.#end(1006, "")); // The close handshake of a dead line takes minutes.
  }

  #receive(data: unknown): void {
    const size = typeof data === "string" ? utf8Length(data) : (data as ArrayBuffer).byteLength;
    if (size > this.#frameBytesMax) this.#refuse();
    else if (typeof data === "string") this.#listener.text(data);
    else this.#listener.binary(new Uint8Array(data as ArrayBuffer));
  }

  #refuse(): void {
    this.#ws.onmessage = null;
    this.#ws.close(closeCode.protocol, "a message too large");
    queueMicrotask(() => this.#end(closeCode.tooLarge, "a message too large"));
  }

  #end(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#guard(() => this.#listener.closed(code, reason));
  }

  /** A listener that throws costs its own connection, not the page. */
  #guard(report: () => void): void {
    try {
      report();
    } catch (error) {
      this.#listener.failed(error);
      this.#ws.close();
    }
  }
}
