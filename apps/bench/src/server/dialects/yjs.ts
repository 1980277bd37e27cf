import { Reader, Writer } from "@motet/crdt-core";
import * as Y from "yjs";
import type { SequentialTrace } from "../../text/traces/trace.js";
import type { Dialect, Heard, Speaker, SpeakerOptions } from "./dialect.js";

// sync      := 0 (step1:0 vector | step2:1 update | update:2 update)      Each payload with its length before it.
// awareness := 1 states                                                   y-protocols, as both servers speak it.
// Hocuspocus puts the document's name before each message, wants a token first, and answers each update with 8, whether it took it.

const SYNC = 0;
const AWARENESS = 1;
const AUTH = 2;
const SYNC_STATUS = 8;
const STEP_1 = 0;
const STEP_2 = 1;
const UPDATE = 2;
const TOKEN = 0;

const NOTHING: Heard = {};

/** The protocol of @y/websocket-server. */
export const yWebSocket: Dialect = {
  path: (document) => `/${document}`,
  speaker: (options) => new YjsSpeaker(options, false),
};

/** The protocol of Hocuspocus. */
export const hocuspocus: Dialect = {
  path: () => "/",
  speaker: (options) => new YjsSpeaker(options, true),
};

class YjsSpeaker implements Speaker {
  readonly #options: SpeakerOptions;
  readonly #namesDocument: boolean;
  readonly #own = new Y.Doc();
  readonly #text = this.#own.getText("text");
  readonly #heard = new Y.Doc();
  #clock = 0;
  #isUploading = false;

  constructor(options: SpeakerOptions, namesDocument: boolean) {
    this.#options = options;
    this.#namesDocument = namesDocument;
    this.#own.on("update", (update: Uint8Array) => {
      if (!this.#isUploading) this.#sync(UPDATE, update);
    });
  }

  open(): void {
    if (this.#namesDocument) this.#options.send(this.#message(AUTH).varint(TOKEN).string("token").finish());
    this.#sync(STEP_1, Y.encodeStateVector(this.#heard));
  }

  hear(frame: Buffer): Heard {
    const reader = new Reader(frame);
    if (this.#namesDocument) reader.skip(reader.count());
    const type = reader.varint();
    if (type === SYNC_STATUS) return reader.varint() === 1 ? { acked: 1 } : NOTHING;
    return type === SYNC ? this.#hearSync(reader) : NOTHING;
  }

  type(text: string): void {
    this.#text.insert(this.#text.length, text);
  }

  move(step: number): void {
    const state = JSON.stringify({ cursor: { anchor: step, head: step } });
    const states = new Writer()
      .varint(1)
      .varint(this.#own.clientID)
      .varint(++this.#clock)
      .string(state)
      .finish();
    this.#options.send(this.#message(AWARENESS).varint(states.length).bytes(states).finish());
  }

  upload({ edits }: SequentialTrace): void {
    this.#isUploading = true;
    for (const [position, deleted, inserted] of edits) {
      if (deleted > 0) this.#text.delete(position, deleted);
      if (inserted !== "") this.#text.insert(position, inserted);
    }
    this.#isUploading = false;
    this.#sync(UPDATE, Y.encodeStateAsUpdate(this.#own));
  }

  text(): string {
    return this.#heard.getText("text").toString();
  }

  #hearSync(reader: Reader): Heard {
    const step = reader.varint();
    const payload = reader.bytes(reader.count());
    if (step === STEP_1) {
      this.#sync(STEP_2, Y.encodeStateAsUpdate(this.#own));
      return NOTHING;
    }
    if (this.#options.keepsText) Y.applyUpdate(this.#heard, payload);
    return step === STEP_2 ? { joined: true } : NOTHING;
  }

  #sync(step: number, payload: Uint8Array): void {
    this.#options.send(this.#message(SYNC).varint(step).varint(payload.length).bytes(payload).finish());
  }

  #message(type: number): Writer {
    const out = new Writer();
    if (this.#namesDocument) out.string(this.#options.document);
    return out.varint(type);
  }
}
