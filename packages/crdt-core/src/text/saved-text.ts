import { decodeState, StateHeader } from "../codec/state-decoder.js";
import { VersionVector } from "../version-vector.js";
import type { Sequence } from "./sequence.js";

/** A document as it was saved, of which only the text and the version have been read so far. */
export class SavedText {
  /** A whole state, as `encodeState` wrote it. */
  readonly bytes: Uint8Array;
  readonly #header: StateHeader;
  readonly text: string;

  /** @throws {CrdtError} `MALFORMED` for what is no header, or no text. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#header = new StateHeader(bytes);
    this.text = this.#header.text();
  }

  /** What was seen when it was saved. */
  version(): VersionVector {
    const { names, tallies } = this.#header;
    return new VersionVector(names.map((name, index) => [name, tallies[index][0]] as const));
  }

  /** The document. To be called once. @throws {CrdtError} as `decodeState` does. */
  open(): Sequence {
    return decodeState(this.#header, true);
  }
}
