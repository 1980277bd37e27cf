import { closeCode } from "../close-code.js";
import type { Frame } from "../frame.js";
import type { Socket, SocketListener } from "../socket.js";

/** One event on its way to a socket's listener. */
interface Delivery {
  readonly bytes: number;
  readonly report: (listener: SocketListener) => void;
}

/** One end of a line in memory. What one end sends, the other hears in later microtasks, in order. */
export class MemorySocket implements Socket {
  #peer: MemorySocket = this; // Until `pair` joins two.
  #listener: SocketListener | undefined;
  readonly #inbox: Delivery[] = [];
  #unreadBytes = 0;
  #isOpen = true;
  #isClosed = false;
  #isStalled = false;
  #isScheduled = false;

  private constructor() {}

  /** Both ends of one line. */
  static pair(): [MemorySocket, MemorySocket] {
    const [near, far] = [new MemorySocket(), new MemorySocket()];
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
  stall(): void {
    this.#isStalled = true;
  }

  /** Reads on. */
  resume(): void {
    this.#isStalled = false;
    this.#schedule();
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
    this.#inbox.push({ bytes, report });
    this.#unreadBytes += bytes;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isStalled || this.#listener === undefined) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.#pump());
  }

  #pump(): void {
    this.#isScheduled = false;
    while (!this.#isStalled && this.#listener !== undefined) {
      const delivery = this.#inbox.shift();
      if (delivery === undefined) return;
      this.#unreadBytes -= delivery.bytes;
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

function deliverFrame(to: SocketListener, frame: Frame): void {
  if (frame.text === undefined) to.binary(frame.bytes);
  else to.text(frame.text);
}
