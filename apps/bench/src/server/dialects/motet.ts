import { randomBytes } from "node:crypto";
import { replicaId, TextCRDT, VersionVector } from "@motet/crdt-core";
import { decodeReplicaServerFrame, encodeUpdateFrame, encodeVectorFrame } from "@motet/transport";
import type { SequentialTrace } from "../../text/traces/trace.js";
import type { Dialect, Heard, Speaker, SpeakerOptions } from "./dialect.js";
import { TurnEnd } from "./turn-end.js";

const NOTHING: Heard = {};
/** How many edits of an upload go into one update. */
const UPLOAD_EDITS = 20_000;

const path = (document: string): string => `/documents/${document}`;

/** Motet's replica protocol (PROTOCOL.md of @motet/transport), each edit in a frame of its own. */
export const motet: Dialect = { path, speaker: (options) => new MotetSpeaker(options) };

/** The same, as @motet/client speaks it: one update in flight, what is typed meanwhile and in one turn put together in the next. */
export const motetComposing: Dialect = { path, speaker: (options) => new ComposingSpeaker(options) };

class MotetSpeaker implements Speaker {
  readonly #options: SpeakerOptions;
  readonly #id = replicaId(randomBytes(9).toString("base64url"));
  readonly #reader = replicaId(randomBytes(9).toString("base64url"));
  readonly #own = new TextCRDT(this.#id);
  #heard = new TextCRDT(this.#reader);
  /** Up to which seq each edit goes that is not acknowledged yet. */
  #typed: number[] = [];

  constructor(options: SpeakerOptions) {
    this.#options = options;
  }

  open(): void {
    const replica = { id: this.#id, secret: randomBytes(18).toString("base64url") };
    this.#say({ type: "join", protocol: 1, replica });
    this.#options.send(encodeVectorFrame(new VersionVector()));
  }

  hear(frame: Buffer, isBinary: boolean): Heard {
    if (!isBinary) return NOTHING;
    const { kind, vector, update } = decodeReplicaServerFrame(frame);
    if (this.#options.keepsText && update !== undefined) this.#keep(kind, update);
    return kind === "state" ? { joined: true } : this.#ackedUpTo(vector.get(this.#id));
  }

  type(text: string): void {
    this.write(text);
    this.send();
  }

  /** Types without telling anybody yet. */
  protected write(text: string): void {
    this.#own.insert(this.#own.length, text);
    this.#typed.push(this.#own.length);
  }

  /** How many edits are not acknowledged yet, told or not. */
  protected get waiting(): number {
    return this.#typed.length;
  }

  /** Tells what was typed since the last time. */
  protected send(): void {
    const update = this.#own.takeUpdate();
    if (update !== undefined) this.#options.send(encodeUpdateFrame(update));
  }

  move(step: number): void {
    this.#say({ type: "cursor_move", line: 0, column: step % 5 });
  }

  upload({ edits }: SequentialTrace): void {
    let made = 0;
    for (const [position, deleted, inserted] of edits) {
      if (deleted > 0) this.#own.delete(position, deleted);
      if (inserted !== "") this.#own.insert(position, inserted);
      if (++made % UPLOAD_EDITS === 0) this.send();
    }
    this.send();
  }

  text(): string {
    return this.#heard.toString();
  }

  #keep(kind: string, update: Uint8Array): void {
    if (kind === "state") this.#heard = TextCRDT.load(this.#reader, update);
    else this.#heard.applyUpdate(update);
  }

  #ackedUpTo(seq: number): Heard {
    let acked = 0;
    while (acked < this.#typed.length && this.#typed[acked]! <= seq) acked++;
    if (acked === 0) return NOTHING;
    this.#typed = this.#typed.slice(acked);
    return { acked };
  }

  #say(message: object): void {
    const { document, index } = this.#options;
    this.#options.send(JSON.stringify({ user_id: `u${index}`, doc_id: document, ...message }));
  }
}

class ComposingSpeaker extends MotetSpeaker {
  readonly #turn = new TurnEnd(() => this.#sendComposed());
  #isInFlight = false;

  override type(text: string): void {
    this.write(text);
    this.#turn.await();
  }

  override hear(frame: Buffer, isBinary: boolean): Heard {
    const heard = super.hear(frame, isBinary);
    if (heard.acked !== undefined) {
      this.#isInFlight = false;
      this.#turn.await();
    }
    return heard;
  }

  #sendComposed(): void {
    if (this.#isInFlight || this.waiting === 0) return;
    this.#isInFlight = true;
    this.send();
  }
}
