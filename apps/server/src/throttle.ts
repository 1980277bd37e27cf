import { closeCode, closeReason, type Socket } from "@motet/transport";
import type { ServerLimits } from "./limits.js";
import { TokenBucket } from "./token-bucket.js";

/** How much may come in before the store is looked at again: asking costs O(documents). */
const LOOK_BYTES = 262_144;

/** How long a peer that was closed for flooding is asked to stay away, in milliseconds. */
const RETRY_MS = 5_000;

/** To tell so many readers something costs as much as to take a message in. */
const READERS_PER_MESSAGE = 10;

/** What one connection may send, and its line. */
export interface Sender {
  readonly socket: Pick<Socket, "pause" | "resume">;
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
}

/** What a throttle works with. */
export interface ThrottleOptions<S extends Sender> {
  readonly limits: ServerLimits;
  /** Bytes on their way into the store. */
  readonly queuedBytes: () => number;
  readonly dismiss: (sender: S, code: number, reason: string) => void;
}

/**
 * Slows down who sends more than the server takes: its line is not read for a while, so that TCP makes the peer wait. Only a
 * peer that sends empty frames by the thousand, and so owes too much by a single read, is closed.
 */
export class Throttle<S extends Sender> {
  readonly #options: ThrottleOptions<S>;
  readonly #paused = new Set<S>();
  #bytesSinceLook = 0;
  #isStoreSlow = false;

  constructor(options: ThrottleOptions<S>) {
    this.#options = options;
  }

  /** Two buckets for a new connection. */
  static bucketsFor(limits: ServerLimits, nowMs: number): Pick<Sender, "messages" | "bytes"> {
    const { messagesPerSecond, messagesBurst, bytesPerSecond, bytesBurst } = limits;
    return {
      messages: new TokenBucket({ perSecond: messagesPerSecond, burst: messagesBurst }, nowMs),
      bytes: new TokenBucket({ perSecond: bytesPerSecond, burst: bytesBurst }, nowMs),
    };
  }

  /** The connections that are not read at the moment. */
  get paused(): ReadonlySet<S> {
    return this.#paused;
  }

  /** A message of `bytes` bytes, or a control frame, has come in. False when the sender was dismissed for it. */
  spend(sender: S, bytes: number, nowMs: number): boolean {
    const messagesLeft = sender.messages.spend(1, nowMs);
    const bytesLeft = sender.bytes.spend(bytes, nowMs);
    if (messagesLeft < -this.#options.limits.messagesDebtMax) {
      this.#options.dismiss(sender, closeCode.flooding, closeReason("too many messages", RETRY_MS));
      return false;
    }
    if (messagesLeft < 0 || bytesLeft < 0) this.#pause(sender);
    return true;
  }

  /** The sender's message, of `bytes` bytes, may have changed the document: who writes waits for the store. */
  wrote(sender: S, bytes: number): void {
    if (this.#storeIsSlow(bytes)) this.#pause(sender);
  }

  /** The sender's message went to so many readers: who speaks to a crowd speaks less often. */
  told(sender: S, readers: number, nowMs: number): void {
    if (sender.messages.spend(readers / READERS_PER_MESSAGE, nowMs) < 0) this.#pause(sender);
  }

  /** Lets those send again who may. Call it about once a second, and when something was stored. */
  tend(nowMs: number): void {
    if (this.#paused.size === 0) return;
    if (this.#isStoreSlow)
      this.#isStoreSlow = this.#options.queuedBytes() > this.#options.limits.queuedBytesMax / 2;
    if (this.#isStoreSlow) return;
    for (const sender of this.#paused) {
      if (sender.messages.spend(0, nowMs) < 0 || sender.bytes.spend(0, nowMs) < 0) continue;
      this.#paused.delete(sender);
      sender.socket.resume?.();
    }
  }

  /** The connection is gone. */
  forget(sender: S): void {
    this.#paused.delete(sender);
  }

  #pause(sender: S): void {
    this.#paused.add(sender);
    sender.socket.pause?.();
  }

  #storeIsSlow(bytes: number): boolean {
    this.#bytesSinceLook += bytes;
    if (this.#bytesSinceLook < LOOK_BYTES) return this.#isStoreSlow;
    this.#bytesSinceLook = 0;
    this.#isStoreSlow ||= this.#options.queuedBytes() > this.#options.limits.queuedBytesMax;
    return this.#isStoreSlow;
  }
}
