import { decodeState } from "../codec/state-decoder.js";
import { StateHeader } from "../codec/state-header.js";
import { StateRows } from "../codec/state-row-reader.js";
import type { OpaqueRow } from "../log/operation.js";
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
    return new VersionVector(this.#header.lasts());
  }

  /** The document. To be called once. @throws {CrdtError} as `decodeState` does. */
  open(): Sequence {
    return decodeState(this.#header, true);
  }
}

/** The opaque rows of a state, replica by replica, read without putting its text in order. @throws {CrdtError} `MALFORMED` */
export function opaqueRowsIn(bytes: Uint8Array): OpaqueRow[] {
  const header = new StateHeader(bytes);
  const { names } = header;
  const rows: OpaqueRow[][] = names.map(() => []);
  const opaque = (at: number, seq: number, kind: number, bytes: Uint8Array) =>
    rows[at].push({ id: { replica: names[at], seq }, kind, bytes });
  new StateRows(header, { opaque }, true).read();
  return rows.flat();
}
