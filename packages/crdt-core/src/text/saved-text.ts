import { decodeState, StateHeader } from "../codec/state-decoder.js";
import { StateRows } from "../codec/state-row-reader.js";
import type { OpaqueRow } from "../log/operation.js";
import { OperationLog } from "../log/operation-log.js";
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

  /** The opaque rows, read without putting the text in order. @throws {CrdtError} `MALFORMED` */
  rows(): Iterable<OpaqueRow> {
    const header = new StateHeader(this.bytes);
    const log = new OperationLog();
    new StateRows(header, log, header.reader).read();
    return log.opaqueRows();
  }

  /** The document. To be called once. @throws {CrdtError} as `decodeState` does. */
  open(): Sequence {
    return decodeState(this.#header, true);
  }
}
