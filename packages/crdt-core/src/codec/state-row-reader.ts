import { grown, type Ints, lastAtMost } from "../columns.js";
import { malformed } from "../errors.js";
import { ROW_KIND_MAX } from "../log/operation.js";
import type { OperationLog } from "../log/operation-log.js";
import { NONE, type ReplicaLog } from "../log/replica-log.js";
import { PIECE } from "../text/document-order.js";
import { BEGINS, DEAD } from "../text/span-builder.js";
import type { Reader } from "./reader.js";
import type { StateHeader } from "./state-decoder.js";
import * as state from "./state-format.js";
import { FEW } from "./utf8.js";

/** Reads the rows of a state into empty logs, and notes what is dead. */
export class StateRows {
  readonly #header: StateHeader;
  readonly #log: OperationLog;
  readonly #reader: Reader;
  readonly #carets: number[];
  #heads!: Reader;
  #references!: Reader;
  /** The runs of inserts in the order of their elements, for DocumentOrder; the first one stands at PIECE. */
  runs: Ints;
  runCount = 0;
  /** What is noted of each element, see SpanBuilder. */
  readonly marks: Uint8Array;

  constructor(header: StateHeader, log: OperationLog, reader: Reader) {
    this.#header = header;
    this.#log = log;
    this.#reader = reader;
    this.#carets = header.names.map(() => NONE);
    this.marks = new Uint8Array(header.elements);
    const inserts = header.tallies.reduce((sum, tally) => sum + tally[1], 0);
    this.runs = new Int32Array((inserts + 2) * PIECE);
    header.names.forEach((name, index) => {
      log.of(name).reserve(header.tallies[index][1], header.tallies[index][2]);
    });
  }

  /** @throws {CrdtError} `MALFORMED`, `LIMIT` */
  read(): void {
    const segments: number[] = [];
    for (let left = this.#reader.count(2); left > 0; left--)
      segments.push(this.#reader.varint(), this.#reader.varint());
    this.#heads = this.#reader.nested();
    this.#references = this.#reader.nested();
    for (let at = 0; at < segments.length; at += 2) this.#readSegment(segments[at], segments[at + 1]);
    this.#heads.end();
    this.#references.end();
    this.#checkTallies();
  }

  #readSegment(index: number, rows: number): void {
    const log = this.#log.replicas[index];
    if (log === undefined || rows > this.#heads.remaining) throw malformed("row count");
    let caret = this.#carets[index];
    for (let left = rows; left > 0; left--) caret = this.#readRow(log, caret);
    this.#carets[index] = caret;
  }

  /** Returns the caret behind the row. */
  #readRow(log: ReplicaLog, caret: number): number {
    const head = this.#heads.varint();
    const kind = head % 8;
    const length = (head - kind) / 8;
    if (kind === state.STATE_OPAQUE) return this.#readOpaque(log, length, caret);
    if (length === 0 || log.next + length - 1 > this.#header.tallies[log.index][0])
      throw malformed("row count");
    if (kind > state.STATE_OPAQUE) throw malformed("row kind");
    // Odd kinds refer to an element; the others mean the one at the caret, or the one behind it.
    const isBehind = kind === state.DELETE_ON_AT_CARET;
    const element = kind % 2 === 1 ? this.#reference(caret) : isBehind ? caret + 1 : caret;
    if (kind <= state.INSERT_AT) return this.#insert(log, length, element);
    return this.#delete(log, length, element, kind <= state.DELETE_BACK_AT ? -1 : 1);
  }

  #reference(caret: number): number {
    return caret + state.unzigzag(this.#references.varint());
  }

  #insert(log: ReplicaLog, length: number, left: number): number {
    const element = this.#log.elements;
    if (left < NONE || left >= element || element + length > this.#header.elements)
      throw malformed("no such element");
    const at = ++this.runCount * PIECE;
    const runs = grown(this.runs, at + 2 * PIECE);
    runs[at] = element;
    runs[at + 1] = left;
    runs[at + 2] = log.index;
    runs[at + 3] = log.insertCount;
    runs[at + PIECE] = element + length;
    this.runs = runs;
    this.marks[element] = BEGINS;
    this.#log.loadInsert(log, length, left);
    return element + length - 1;
  }

  #delete(log: ReplicaLog, length: number, target: number, step: 1 | -1): number {
    this.#kill(step < 0 ? target - length + 1 : target, length);
    log.loadDelete(target, length === 1 ? 1 : step * length);
    return step < 0 ? target - length : target - 1;
  }

  /** Marks what a row deletes: elements of one run, because only then their ids are neighbours as their numbers are. */
  #kill(first: number, count: number): void {
    if (first < 0 || first + count > this.#log.elements) throw malformed("no such element");
    const { marks } = this;
    marks[first] |= DEAD;
    if (count > FEW) {
      const runs = { rows: this.runs, count: this.runCount + 1, stride: PIECE };
      const start = this.runs[lastAtMost(runs, 0, first + count - 1) * PIECE];
      if (start > first) throw malformed("deletion across runs");
      marks.fill(DEAD, first + 1, first + count);
      return;
    }
    for (let element = first + 1; element < first + count; element++) {
      if ((marks[element] & BEGINS) !== 0) throw malformed("deletion across runs");
      marks[element] = DEAD;
    }
  }

  #readOpaque(log: ReplicaLog, length: number, caret: number): number {
    const kind = this.#references.varint();
    if (kind > ROW_KIND_MAX) throw malformed("row kind");
    log.row(kind, this.#references.bytes(length));
    return caret;
  }

  #checkTallies(): void {
    const { elements, tallies } = this.#header;
    const fits = tallies.every(([last, inserts, deletes], index) => {
      const log = this.#log.replicas[index];
      return last > 0 && log.next - 1 === last && log.insertCount === inserts && log.deleteCount === deletes;
    });
    if (!fits || this.#log.elements !== elements) throw malformed("row count");
  }
}
