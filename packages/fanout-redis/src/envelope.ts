import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const FORMAT = 1;
const TAG = 16;
const ORIGIN = 12;
const NUMBER = 6;
const HEAD = 1 + TAG + ORIGIN + NUMBER;

/** A message as another node sent it. */
export interface Opened {
  /** Names the node, for as long as it runs. */
  readonly origin: string;
  /** Rises with each message of that node. */
  readonly number: number;
  readonly message: Uint8Array;
}

// envelope := format=1:u8 tag:16 bytes origin:12 bytes number:u48 message
// tag      := the first 16 bytes of HMAC-SHA256(secret, channel, a zero byte, and everything behind the tag); zeros where the network is trusted
/** Puts messages into envelopes and takes them out again: of what nobody with the secret sent, nothing comes through. */
export class Envelopes {
  readonly #secret: string | undefined;
  readonly #origin = randomBytes(ORIGIN);
  #sent = 0;

  /** @param secret Without one everybody is believed. */
  constructor(secret: string | undefined) {
    this.#secret = secret;
  }

  seal(channel: string, message: Uint8Array): Buffer {
    const envelope = Buffer.alloc(HEAD + message.length);
    envelope[0] = FORMAT;
    this.#origin.copy(envelope, 1 + TAG);
    envelope.writeUIntBE(++this.#sent, 1 + TAG + ORIGIN, NUMBER);
    envelope.set(message, HEAD);
    this.#tagOf(channel, envelope).copy(envelope, 1);
    return envelope;
  }

  /** What is in an envelope; `"own"` when it was sealed here, `undefined` when it is none or nobody with the secret sealed it. */
  open(channel: string, envelope: Buffer): Opened | "own" | undefined {
    if (envelope.length < HEAD || envelope[0] !== FORMAT) return undefined;
    if (!timingSafeEqual(envelope.subarray(1, 1 + TAG), this.#tagOf(channel, envelope))) return undefined;
    const origin = envelope.subarray(1 + TAG, 1 + TAG + ORIGIN);
    if (origin.equals(this.#origin)) return "own";
    const number = envelope.readUIntBE(1 + TAG + ORIGIN, NUMBER);
    return { origin: origin.toString("base64url"), number, message: envelope.subarray(HEAD) };
  }

  #tagOf(channel: string, envelope: Buffer): Buffer {
    if (this.#secret === undefined) return Buffer.alloc(TAG);
    const mac = createHmac("sha256", this.#secret).update(channel).update("\0");
    return mac
      .update(envelope.subarray(1 + TAG))
      .digest()
      .subarray(0, TAG);
  }
}
