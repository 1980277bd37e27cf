import type { Ints } from "../columns.js";
import { CrdtError, malformed } from "../errors.js";
import type { OperationRange, ReplicaId } from "../ids.js";
import { deletionsMax, ELEMENTS_MAX, LOGGED_SEQ_MAX, missingMax } from "../log/operation-log.js";
import { Reader } from "./reader.js";
import { readNames } from "./replica-names.js";
import { decodeUtf8 } from "./utf8.js";

/** Ints of a tally: the last seq of a replica, its rows of inserts, its rows of deletes. */
export const TALLY = 3;
export const INSERTS = 1;
export const DELETES = 2;

/** What follows each name in a state, at least: its tally, and a segment. */
const BYTES_OF_REPLICA = TALLY + 2;

/** What stands at the front of a state: enough to show the text and to say which version it is. */
export class StateHeader {
  /** Reads on behind the header: for one reading. */
  readonly reader: Reader;
  /** How many bytes the state has. */
  readonly bytes: number;
  /** UTF-16 units of the visible text. */
  readonly units: number;
  /** The visible text as it was written. */
  readonly visible: Uint8Array;
  readonly elements: number;
  readonly names: readonly ReplicaId[];
  /** A tally for each of them. */
  readonly tallies: Ints;

  /** @throws {CrdtError} `MALFORMED`; `LIMIT` for seqs from 2^31 on. */
  constructor(bytes: Uint8Array) {
    const reader = new Reader(bytes);
    this.bytes = bytes.length;
    reader.u8();
    this.units = reader.varint();
    this.visible = reader.nested().rest();
    this.elements = reader.varint();
    this.names = readNames(reader, BYTES_OF_REPLICA);
    this.tallies = new Int32Array(this.names.length * TALLY);
    for (let at = 0; at < this.tallies.length; at++) {
      const number = reader.varint();
      if (number > LOGGED_SEQ_MAX) throw new CrdtError("LIMIT", "seq too high");
      if (number === 0 && at % TALLY === 0) throw malformed("row count");
      this.tallies[at] = number;
    }
    this.reader = reader;
  }

  /** The sum of one column of the tallies; of the first: how many operations the state holds, each seq counted. */
  sum(column: number): number {
    let sum = 0;
    for (let at = column; at < this.tallies.length; at += TALLY) sum += this.tallies[at];
    return sum;
  }

  /** The last seq of each replica. */
  lasts(): (readonly [ReplicaId, number])[] {
    return this.names.map((replica, index) => [replica, this.tallies[index * TALLY]] as const);
  }

  /** The operations that the state holds. */
  ranges(): OperationRange[] {
    return this.lasts().map(([replica, to]) => ({ replica, from: 1, to }));
  }

  /** The visible text. @throws {CrdtError} `MALFORMED` */
  text(): string {
    const text = decodeUtf8(this.visible);
    if (text.length !== this.units) throw malformed("text length");
    return text;
  }

  /** Whether it brings no more elements than a stranger's state of so many bytes may. */
  get isProportionate(): boolean {
    return this.elements <= missingMax(this.bytes);
  }

  /** Refuses what would take more room than a document may, or than a stranger's bytes may ask for. @throws {CrdtError} `LIMIT` */
  refuseTooMuch(isTrusted: boolean): void {
    const { elements } = this;
    const isMuch = !this.isProportionate || this.sum(0) > elements + deletionsMax(elements) + this.bytes;
    if (elements > ELEMENTS_MAX || (isMuch && !isTrusted))
      throw new CrdtError("LIMIT", "too many characters or deletions");
  }
}
