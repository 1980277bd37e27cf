import { closeCode } from "../close-code.js";
import type { Frame } from "../frame.js";
import type { Socket, SocketListener } from "../socket.js";

/** One event on its way to a socket's listener. */
interface Delivery {
  readonly bytes: number;
  readonly report: (listener: SocketListener) => void;
}

/** Brings something to one end of a line: calls `arrive` once, in a later turn, or never. What goes to one end arrives in order. */
export type Carrier = (to: MemorySocket, arrive: () => void) => void;

/** One end of a line in memory. What one end sends, the other hears in later microtasks, in order. */
export class MemorySocket implements Socket {
  readonly #carry: Carrier;
  #peer: MemorySocket = this; // Until `pair` joins two.
  #listener: SocketListener | undefined;
  readonly #inbox: Delivery[] = [];
  #unreadBytes = 0;
  #isOpen = true;
  #isClosed = false;
  #isStalled = false;
  #isScheduled = false;
  readonly #drained: (() => void)[] = [];

  private constructor(carry: Carrier) {
    this.#carry = carry;
  }

  /** Both ends of one line. @param carry What stands in for the network. @default microtasks */
  static pair(carry: Carrier = atOnce): [MemorySocket, MemorySocket] {
    const [near, far] = [new MemorySocket(carry), new MemorySocket(carry)];
    near.#peer = far;
    far.#peer = near;
    return [near, far];
  }

  /** Starts hearing; what came before now has waited. Returns `listener`. */
  listen<L extends SocketListener>(listener: L): L {
    this.#listener = listener;
    this.#schedule();
    return listener;
  }

  /** Stops reading, as a peer does whose program hangs: what the other end sends piles up there. */
  pause(): void {
    this.#isStalled = true;
  }

  /** Reads on. */
  resume(): void {
    this.#isStalled = false;
    this.#schedule();
  }

  /** Calls `run` once, as soon as the other end has read everything. */
  whenDrained(run: () => void): void {
    if (this.bufferedBytes === 0) this.#carry(this, run);
    else this.#peer.#drained.push(run);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get bufferedBytes(): number {
    return this.#peer.#unreadBytes;
  }

  /** As `Socket.send`; a string is sent as a text frame, for tests that speak for a client. */
  send(frame: Frame | string): void {
    if (!this.#isOpen) return;
    if (typeof frame === "string") this.#peer.#deliver(Buffer.byteLength(frame), (to) => to.text(frame));
    else this.#peer.#deliver(frame.bytes.length, (to) => deliverFrame(to, frame));
  }

  ping(): void {
    if (!this.#isOpen) return;
    this.#peer.#deliver(0, (to) => {
      to.heard();
      this.#deliver(0, (from) => from.heard());
    });
  }

  close(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#peer.#deliver(0, () => {
      this.#peer.#end(code, reason);
      this.#end(code, reason);
    });
  }

  terminate(): void {
    if (this.#isClosed) return;
    this.#end(1006, "");
    this.#peer.#end(1006, "");
  }

  #end(code: number, reason: string): void {
    this.#isOpen = false;
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#deliver(0, (to) => to.closed(code, reason));
  }

  #deliver(bytes: number, report: Delivery["report"]): void {
    this.#unreadBytes += bytes;
    this.#carry(this, () => {
      this.#inbox.push({ bytes, report });
      this.#pump();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (!this.#isStalled && this.#listener !== undefined) {
      const delivery = this.#inbox.shift();
      if (delivery === undefined) return;
      this.#unreadBytes -= delivery.bytes;
      if (this.#unreadBytes === 0) for (const run of this.#drained.splice(0)) this.#carry(this.#peer, run);
      this.#report(this.#listener, delivery);
    }
  }

  #report(listener: SocketListener, delivery: Delivery): void {
    try {
      delivery.report(listener);
    } catch (error) {
      listener.failed(error);
      this.close(closeCode.internal, "internal error");
    }
  }
}

const atOnce: Carrier = (_to, arrive) => queueMicrotask(arrive);

function deliverFrame(to: SocketListener, frame: Frame): void {
  if (frame.text === undefined) to.binary(frame.bytes);
  else to.text(frame.text);
}
