import { CrdtError, malformed } from "../errors.js";
import { SEQ_MAX } from "../ids.js";
import { ROW_KIND_MAX } from "../log/operation.js";
import type { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

// row  := head:varint = length * 8 + kind, then
//   0  point*                         Text that goes on where this replica's previous operation, an insert, ended.
//   1  left:ref right:ref point*      Text between two elements.
//   2  left:ref point*                Text between an element and the one with the next id.
//   3  target:ref                     A deletion, targets ascending.
//   4  target:ref                     A deletion of at least two, targets descending.
//   5  kind:varint byte*              An opaque row; length counts its bytes, and it takes one seq.
//   6  left:ref right:ref 0:u8*       Text whose characters were left out; it is deleted in the same update. Of more than 21
//                                     characters a zero for every seven, so that few bytes never stand for many.
// ref  := 0                           The start, or the end, of the text.
//       | 2 * (seq of the row - seq)  An element of the row's own replica.
//       | 2 * replica + 1, seq        One of another: its index in the table of replicas.
export const CONTINUED = 0;
export const BETWEEN = 1;
export const BEFORE_NEXT = 2;
export const DELETED_UP = 3;
export const DELETED_DOWN = 4;
export const OPAQUE = 5;
export const LEFT_OUT = 6;

/** How many zeros there are for so many characters that were left out: the row has three bytes without them. */
function zerosFor(length: number): number {
  return Math.max(0, Math.ceil(length / 7) - 3);
}

/** The table index of "no element": the start as a left origin, the end as a right one. */
export const NO_REPLICA = -1;

/** The number of rows where nothing counts them: they go on to the end of the bytes. */
export const UNCOUNTED = -1;

/** Starts a row. */
export function writeHead(out: Writer, kind: number, length: number): void {
  out.varint(length * 8 + kind);
}

/** Writes what stands behind the references of `length` characters that were left out. */
export function writeZeros(out: Writer, length: number): void {
  for (let left = zerosFor(length); left > 0; left--) out.u8(0);
}

/**
 * Writes a reference from the row at `seq` of the replica `own` to the element `target` of the replica `replica`. What
 * refers to its own future has no spelling that a reader accepts.
 */
export function writeReference(out: Writer, own: number, seq: number, replica: number, target: number): void {
  if (replica === NO_REPLICA) out.u8(0);
  else if (replica === own && target < seq) out.varint(2 * (seq - target));
  else out.varint(2 * replica + 1).varint(target);
}

/**
 * Reads rows of one replica, one after the other, into its own fields: no object is made for a row. Everything that
 * can be checked without a document is checked here, in the first pass over an update and in the second.
 */
export class RowReader {
  readonly #reader: Reader;
  #replicas = 0;
  /** Index in the table of the replica whose rows these are. */
  own = NO_REPLICA;
  kind = 0;
  /** The seq of the row's first operation. */
  seq = 0;
  /** How many seqs the row takes. */
  length = 0;
  left = NO_REPLICA;
  leftSeq = 0;
  right = NO_REPLICA;
  rightSeq = 0;
  /** What a deletion deletes first. */
  target = NO_REPLICA;
  targetSeq = 0;
  /** The kind and the bytes that an opaque row has. */
  opaqueKind = 0;
  opaqueLength = 0;
  /** The seq of the next row. */
  next = 0;
  /** How many rows there are still; negative when they go on to the end of the bytes. */
  rowsLeft = 0;
  #replica = NO_REPLICA;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** Goes to so many rows (see `rowsLeft`) of the replica `own`, from `seq` on, in an update that names `replicas`. */
  begin(own: number, seq: number, replicas: number, rowsLeft: number): this {
    this.own = own;
    this.next = seq;
    this.#replicas = replicas;
    this.rowsLeft = rowsLeft;
    return this;
  }

  /**
   * Reads the next row up to its content (characters, or the bytes of an opaque row), which is the caller's to read; false when
   * there is none.
   * @throws {CrdtError} `MALFORMED`; `FORGED_ORIGIN` for a row that refers to itself, or to what comes after it.
   */
  read(): boolean {
    if (this.rowsLeft === 0 || (this.rowsLeft < 0 && this.#reader.remaining === 0)) return false;
    this.rowsLeft--;
    const head = this.#reader.varint();
    this.kind = head % 8;
    this.length = (head - this.kind) / 8;
    this.seq = this.next;
    this.#readBody();
    if (this.length === 0) throw malformed("empty row");
    if (this.seq > SEQ_MAX - this.length + 1) throw malformed("seq too high");
    this.next = this.seq + this.length;
    if (this.kind === DELETED_UP || this.kind === DELETED_DOWN) this.#checkTargets();
    return true;
  }

  /** Passes over the content, which is checked. */
  skipContent(): void {
    this.#passOver(this.length);
  }

  #passOver(count: number): void {
    if (this.kind <= BEFORE_NEXT) this.#reader.skipPoints(count);
    else if (this.kind === OPAQUE) this.#reader.skip(this.opaqueLength);
  }

  /** Reads the content of the next `count` operations, and writes it to `out`. */
  copyContent(out: Writer, count: number): void {
    const from = this.#reader.position;
    this.#passOver(count);
    out.bytes(this.#reader.view(from, this.#reader.position));
  }

  /** Notes with a 1 in `named`, by their indices in the table, the replicas that the row names. */
  noteNamed(named: { [index: number]: number }): void {
    const { own, kind, left, right, target } = this;
    named[own] = 1;
    if (this.isInsert) {
      if (left !== NO_REPLICA) named[left] = 1;
      if (kind !== CONTINUED && right !== NO_REPLICA) named[right] = 1;
    } else if (kind !== OPAQUE) named[target] = 1;
  }

  /** Whether the row inserts text. */
  get isInsert(): boolean {
    return this.kind <= BEFORE_NEXT || this.kind === LEFT_OUT;
  }

  #readBody(): void {
    switch (this.kind) {
      case CONTINUED:
        this.left = this.own;
        this.leftSeq = this.seq - 1;
        if (this.seq === 1) throw malformed("nothing to continue");
        break;
      case BETWEEN:
      case LEFT_OUT:
        this.#readLeft();
        this.rightSeq = this.#readReference();
        this.right = this.#replica;
        if (this.left !== NO_REPLICA && this.left === this.right && this.leftSeq === this.rightSeq) {
          throw new CrdtError("FORGED_ORIGIN", "equal origins");
        }
        if (this.kind === LEFT_OUT) this.#readZeros();
        break;
      case BEFORE_NEXT:
        this.#readLeft();
        if (this.left === NO_REPLICA) throw malformed("no such element");
        this.right = this.left;
        this.rightSeq = this.leftSeq + 1;
        if (this.right === this.own && this.rightSeq >= this.seq) throw notEarlier();
        break;
      case DELETED_UP:
      case DELETED_DOWN:
        this.targetSeq = this.#readReference();
        this.target = this.#replica;
        if (this.target === NO_REPLICA) throw malformed("no such element");
        break;
      case OPAQUE:
        this.opaqueLength = this.length;
        this.length = 1;
        this.opaqueKind = this.#reader.varint();
        if (this.opaqueKind > ROW_KIND_MAX) throw malformed("row kind");
        break;
      default:
        throw malformed("row kind");
    }
  }

  #readZeros(): void {
    for (let left = zerosFor(this.length); left > 0; left--)
      if (this.#reader.u8() !== 0) throw malformed("not a zero");
  }

  #readLeft(): void {
    this.leftSeq = this.#readReference();
    this.left = this.#replica;
  }

  /** Returns the seq; the replica is in `#replica`. */
  #readReference(): number {
    const code = this.#reader.varint();
    if (code === 0) {
      this.#replica = NO_REPLICA;
      return 0;
    }
    const isOwn = code % 2 === 0;
    this.#replica = isOwn ? this.own : (code - 1) / 2;
    const seq = isOwn ? this.seq - code / 2 : this.#reader.varint();
    if (this.#replica >= this.#replicas || seq < 1) throw malformed("no such element");
    if (!isOwn && this.#replica === this.own) {
      throw seq < this.seq ? malformed("reference spelling") : notEarlier();
    }
    return seq;
  }

  #checkTargets(): void {
    const isUp = this.kind === DELETED_UP;
    if (!isUp && this.length === 1) throw malformed("direction of one");
    const isBeyond = isUp ? this.targetSeq > SEQ_MAX - this.length + 1 : this.targetSeq < this.length;
    if (isBeyond) throw malformed("no such element");
    const last = isUp ? this.targetSeq + this.length - 1 : this.targetSeq;
    if (this.target === this.own && last >= this.seq) throw notEarlier();
  }
}

function notEarlier(): CrdtError {
  return new CrdtError("FORGED_ORIGIN", "reference to the future");
}
