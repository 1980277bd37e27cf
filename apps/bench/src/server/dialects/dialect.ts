import type { SequentialTrace } from "../../text/traces/trace.js";

/** What a speaker made of a frame. */
export interface Heard {
  /** The document has been joined: what is typed from now on is an edit. */
  readonly joined?: boolean;
  /** How many of the speaker's own edits the server has acknowledged with this frame. */
  readonly acked?: number;
}

/** One connection's side of a protocol, as light as it can be: the load generator runs hundreds of them. */
export interface Speaker {
  /** The socket is open: says what has to be said first. */
  open(): void;
  hear(frame: Buffer, isBinary: boolean): Heard;
  /** Types `text` behind what this speaker has typed. */
  type(text: string): void;
  /** Moves the speaker's cursor; `step` is another number each time. */
  move?(step: number): void;
  /** Makes a whole document, with its history where the protocol carries one, as a client would that was offline meanwhile. */
  upload(trace: SequentialTrace): void;
  /** The document's text as an editor would have it, out of what was heard. Only of a speaker that keeps it. */
  text(): string;
}

/** What a speaker is made with. */
export interface SpeakerOptions {
  readonly document: string;
  /** Its number among all speakers. */
  readonly index: number;
  /** Whether it has to keep the document, to tell its text. */
  readonly keepsText: boolean;
  send(frame: Uint8Array | string): void;
}

/** A protocol, as the load generator speaks it. */
export interface Dialect {
  /** Where a document's socket is, behind the address of the server. */
  path(document: string): string;
  speaker(options: SpeakerOptions): Speaker;
}
