import { Bits, endOfAlike } from "../bits.js";
import { type Ints, lastAtMost } from "../columns.js";
import { malformed } from "../errors.js";
import { ROW_KIND_MAX } from "../log/operation.js";
import { NONE } from "../log/replica-log.js";
import { RUN } from "../text/document-order.js";
import { Reader } from "./reader.js";
import * as state from "./state-format.js";
import { DELETES, INSERTS, type StateHeader, TALLY } from "./state-header.js";

/** Who makes something of the rows of a state. */
export interface RowSink {
  /** A run was read, the last of `runs`, of `length` elements. */
  inserted?(replica: number, length: number, left: number): void;
  /** A row of deletions was read, the first of `target`, upwards or, when `length` is negative, downwards. */
  deleted?(replica: number, target: number, length: number): void;
  /** An opaque row was read. */
  opaque?(replica: number, seq: number, kind: number, bytes: Uint8Array): void;
}

/**
 * Reads and checks the rows of a state. What it keeps for that is made of bits and of few ints, so that bytes which ask for much get
 * little.
 */
export class StateRows {
  readonly #header: StateHeader;
  readonly #sink: RowSink;
  /** The tallies of what was not read yet. */
  readonly #left: Ints;
  /** For each replica: where its last row left off. */
  readonly #carets: Ints;
  readonly #segments: Reader;
  readonly #heads: Reader;
  readonly #references: Reader;
  /** The runs of inserts in the order of their elements, see RUN; the first one stands there. */
  readonly runs: Ints;
  runCount = 0;
  elements = 0;
  hasOpaque = false;
  /** Of the elements: which begin a run, which were deleted. */
  readonly begins: Bits;
  readonly dead: Bits;

  /** Reads on where the header ends. @throws {CrdtError} `MALFORMED`, `LIMIT` */
  constructor(header: StateHeader, sink: RowSink, isTrusted: boolean) {
    header.refuseTooMuch(isTrusted);
    const { reader, names, visible, elements } = header;
    this.#header = header;
    this.#sink = sink;
    [this.#segments, this.#heads, this.#references] = columnsOf(reader);
    if (this.#segments.remaining < names.length * 2) throw malformed("row count");
    const [inserts, deletes] = [header.sum(INSERTS), header.sum(DELETES)];
    // Every run takes a byte of text or a row of deletions: whoever says that there are more gets no room for them.
    if (inserts + deletes > this.#heads.remaining || inserts > visible.length + deletes)
      throw malformed("row count");
    this.runs = new Int32Array((inserts + 2) * RUN);
    this.#left = header.tallies.slice();
    this.#carets = new Int32Array(names.length).fill(NONE);
    this.begins = new Bits(elements);
    this.dead = new Bits(elements);
  }

  /** @throws {CrdtError} `MALFORMED` */
  read(): this {
    const segments = this.#segments;
    while (segments.remaining > 0) this.#readSegment(segments.varint(), segments.varint());
    this.#heads.end();
    this.#references.end();
    if (this.elements < this.#header.elements || this.#left.some(Boolean)) throw malformed("row count");
    return this;
  }

  /** The place in `runs` of the run that holds `element`. O(log runs). */
  runOf(element: number): number {
    return lastAtMost({ rows: this.runs, count: this.runCount + 1, stride: RUN }, 0, element) * RUN;
  }

  /** The left origin of the run that begins with `first`. */
  leftOf(first: number): number {
    return this.runs[this.runOf(first) + 1];
  }

  #readSegment(replica: number, rows: number): void {
    if (replica >= this.#carets.length) throw malformed("row count");
    let caret = this.#carets[replica];
    for (let left = rows; left > 0; left--) caret = this.#readRow(replica, caret);
    this.#carets[replica] = caret;
  }

  /** Returns the caret behind the row. */
  #readRow(replica: number, caret: number): number {
    const head = this.#heads.varint();
    const kind = head % 8;
    const length = (head - kind) / 8;
    if (kind === state.STATE_OPAQUE) {
      this.#readOpaque(replica, length);
      return caret;
    }
    if (kind > state.STATE_OPAQUE) throw malformed("row kind");
    this.#take(replica, length);
    // Odd kinds refer to an element; the others mean the one at the caret, or the one behind it.
    const isBehind = kind === state.DELETE_ON_AT_CARET;
    const element = kind % 2 === 1 ? this.#reference(caret) : isBehind ? caret + 1 : caret;
    if (kind <= state.INSERT_AT) return this.#insert(replica, length, element);
    const isDown = kind <= state.DELETE_BACK_AT;
    this.#left[replica * TALLY + DELETES]--;
    this.#kill(isDown ? element - length + 1 : element, length);
    this.#sink.deleted?.(replica, element, isDown && length > 1 ? -length : length);
    return isDown ? element - length : element - 1;
  }

  /** Takes `count` operations of `replica` off those that were not read yet. */
  #take(replica: number, count: number): void {
    const at = replica * TALLY;
    if (count === 0 || count > this.#left[at]) throw malformed("row count");
    this.#left[at] -= count;
  }

  #reference(caret: number): number {
    return caret + state.unzigzag(this.#references.varint());
  }

  #insert(replica: number, length: number, left: number): number {
    const element = this.elements;
    if (left < NONE || left >= element || element + length > this.#header.elements)
      throw malformed("no such element");
    const { runs } = this;
    const at = ++this.runCount * RUN;
    if (at + RUN === runs.length) throw malformed("row count");
    runs[at] = element;
    runs[at + 1] = left;
    runs[at + RUN] = element + length;
    this.elements += length;
    this.#left[replica * TALLY + INSERTS]--;
    this.begins.set(element);
    this.#sink.inserted?.(replica, length, left);
    return element + length - 1;
  }

  /** Marks what a row deletes: elements of one run, because only then their ids are neighbours as their numbers are. */
  #kill(first: number, count: number): void {
    if (first < 0 || first + count > this.elements) throw malformed("no such element");
    const { begins } = this;
    const [second, end] = [first + 1, first + count];
    if (count > 1 && (begins.has(second) || endOfAlike(begins, begins, second, end) < end))
      throw malformed("deletion across runs");
    this.dead.fill(first, end);
  }

  #readOpaque(replica: number, length: number): void {
    const kind = this.#references.varint();
    if (kind > ROW_KIND_MAX) throw malformed("row kind");
    this.#take(replica, 1);
    this.hasOpaque = true;
    const at = replica * TALLY;
    const seq = this.#header.tallies[at] - this.#left[at];
    if (this.#sink.opaque) this.#sink.opaque(replica, seq, kind, this.#references.bytes(length));
    else this.#references.skip(length);
  }
}

/** The segments, heads and references of a state. Reads on behind them. @throws {CrdtError} `MALFORMED` */
export function columnsOf(reader: Reader): readonly [Reader, Reader, Reader] {
  const numbers = reader.count(2) * 2;
  const from = reader.position;
  for (let left = numbers; left > 0; left--) reader.varint();
  return [new Reader(reader.view(from, reader.position)), reader.nested(), reader.nested()];
}
