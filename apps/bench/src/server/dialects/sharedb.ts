import type { SequentialTrace } from "../../text/traces/trace.js";
import type { Dialect, Heard, Speaker, SpeakerOptions } from "./dialect.js";
import { TurnEnd } from "./turn-end.js";

const COLLECTION = "documents";
const NOTHING: Heard = {};

/** ShareDB's protocol with its JSON type: one operation in flight for each client, what is typed meanwhile and in one turn composed into the next. */
export const sharedb: Dialect = {
  path: () => "/",
  speaker: (options) => new ShareDbSpeaker(options),
};

interface Message {
  readonly a: string;
  readonly v?: number;
  readonly src?: string;
  readonly id?: string;
  readonly data?: { readonly v: number; readonly data?: { readonly text: string } };
  readonly error?: unknown;
}

class ShareDbSpeaker implements Speaker {
  readonly #options: SpeakerOptions;
  readonly #turn = new TurnEnd(() => this.#sendComposed());
  #id = "";
  /** Whether the attempt to make the document has been answered. */
  #isMade = false;
  #version = 0;
  #seq = 0;
  /** How many edits are in the operation that is in flight, and what is composed into the next one. */
  #inFlight = 0;
  #composed: string[] = [];
  #text = "";

  constructor(options: SpeakerOptions) {
    this.#options = options;
  }

  open(): void {
    this.#say({ a: "hs", id: null });
  }

  hear(frame: Buffer): Heard {
    const message = JSON.parse(frame.toString()) as Message;
    switch (message.a) {
      case "hs":
        return this.#shakeHands(message);
      case "s":
        return this.#subscribed(message);
      case "op":
        return this.#operated(message);
      default:
        return NOTHING;
    }
  }

  type(text: string): void {
    this.#composed.push(text);
    this.#turn.await();
  }

  upload({ endContent }: SequentialTrace): void {
    this.type(endContent);
  }

  text(): string {
    return this.#text;
  }

  /** Whoever comes first makes the document; for the others that is refused, and they subscribe all the same. */
  #shakeHands({ id = "" }: Message): Heard {
    this.#id = id;
    const create = { type: "http://sharejs.org/types/JSONv0", data: { text: "" } };
    this.#say({ a: "op", c: COLLECTION, d: this.#options.document, v: 0, seq: ++this.#seq, x: {}, create });
    return NOTHING;
  }

  #subscribed({ data }: Message): Heard {
    this.#version = data?.v ?? 0;
    if (this.#options.keepsText) this.#text = data?.data?.text ?? "";
    return { joined: true };
  }

  #operated({ src, v, error }: Message): Heard {
    if (!this.#isMade) {
      this.#isMade = true;
      this.#say({ a: "s", c: COLLECTION, d: this.#options.document });
      return NOTHING;
    }
    if (error === undefined && v !== undefined) this.#version = Math.max(this.#version, v + 1);
    if (src !== this.#id) return NOTHING;
    const acked = this.#inFlight;
    this.#inFlight = 0;
    this.#turn.await();
    return { acked };
  }

  #sendComposed(): void {
    if (this.#inFlight > 0 || this.#composed.length === 0) return;
    const op = [{ p: ["text", 0], si: this.#composed.join("") }];
    this.#inFlight = this.#composed.length;
    this.#composed = [];
    const { document } = this.#options;
    this.#say({ a: "op", c: COLLECTION, d: document, v: this.#version, seq: ++this.#seq, x: {}, op });
  }

  #say(message: object): void {
    this.#options.send(JSON.stringify(message));
  }
}
