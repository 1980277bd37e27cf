import type { ReplicaId } from "../ids.js";
import { absorbed, joined } from "../log/replica-log.js";
import { BY_ID, BY_OWN_ID } from "./layout.js";
import { USUAL_LENGTH, writeName, writeNames } from "./replica-names.js";
import * as row from "./row-codec.js";
import { nameOf, type RowSource } from "./row-source.js";
import { Writer } from "./writer.js";

/** In the place of the right origin of text that goes on from an operation that may not be here. */
const UNTOLD = -2;

/**
 * Joins rows by id into as few as possible, whatever they were cut into: hence the same operations give the same bytes.
 * Rows come in ascending order of replicas and seqs. Replicas are numbers in a list, which is to be the table of the update. The
 * last row is held until it is known where it ends; what stands before it is bytes already.
 */
export class RowJoiner {
  /** The characters or the bytes of the last row, to which the caller appends whenever it has added something. */
  readonly content = new Writer();
  /** The last stretch, but for its last row, and all before it. */
  readonly #rows = new Writer(1024);
  readonly #stretches = new Writer();
  #stretchCount = 0;
  /** The first seq of the last stretch, and its rows. */
  #from = 0;
  #count = 0;
  // The last row: whose it is, its first operation, how many (negative when targets descend), and what it refers to: the left
  // origin, the first target, or NO_REPLICA and the kind of an opaque row; and the right origin.
  #owner = row.NO_REPLICA;
  #seq = 0;
  #kind = 0;
  #length = 0;
  #first = 0;
  #firstSeq = 0;
  #second = 0;
  #secondSeq = 0;

  /** Adds the next `count` operations of `source`, all of one row; `isLeftOut`: their characters are. */
  add(source: RowSource, count: number, isLeftOut: boolean): void {
    const { rows, names, done } = source;
    const owner = names[rows.own];
    if (rows.isInsert) this.#addInsert(source, owner, count, isLeftOut);
    else if (rows.kind === row.OPAQUE)
      this.#start(owner, rows.seq, row.OPAQUE, 1, row.NO_REPLICA, rows.opaqueKind);
    else this.#addDelete(rows, names[rows.target], owner, done, count);
  }

  /** The update that holds all rows. `table`: what the replicas are called, each of which a row names. */
  encode(table: readonly ReplicaId[]): Uint8Array {
    this.#finishRow();
    const out = new Writer(this.#stretches.length + this.#rows.length + 64);
    if (this.#stretchCount === 0 && table.length === 1 && table[0].length === USUAL_LENGTH)
      return writeName(out.u8(BY_OWN_ID), table[0]).varint(this.#from).append(this.#rows).finish();
    if (this.#count > 0) this.#finishStretch();
    writeNames(out.u8(BY_ID), table);
    return out.varint(this.#stretchCount).append(this.#stretches).finish();
  }

  #addInsert(source: RowSource, owner: number, count: number, isLeftOut: boolean): void {
    const { rows, names, done, left, leftSeq } = source;
    const seq = rows.seq + done;
    const right = source.tellsRight ? nameOf(names, rows.right) : UNTOLD;
    const { rightSeq } = rows;
    const goesOn =
      this.#isBefore(owner, seq) &&
      (this.#kind <= row.BEFORE_NEXT || this.#kind === row.LEFT_OUT) &&
      left === owner &&
      leftSeq === seq - 1 &&
      (right === UNTOLD || (right === this.#second && rightSeq === this.#secondSeq));
    if (goesOn && (this.#kind === row.LEFT_OUT) === isLeftOut) {
      this.#length += count;
      return;
    }
    let kind = isLeftOut ? row.LEFT_OUT : row.BETWEEN;
    if (kind === row.BETWEEN) {
      if (goesOn || right === UNTOLD) kind = row.CONTINUED;
      else if (left !== row.NO_REPLICA && left === right && leftSeq + 1 === rightSeq) kind = row.BEFORE_NEXT;
    }
    this.#start(owner, seq, kind, count, left, leftSeq);
    if (goesOn) return; // With the right origin that is known.
    this.#second = right;
    this.#secondSeq = rightSeq;
  }

  /** Deletions of both directions are of one kind until they are written; the sign of their length tells them apart. */
  #addDelete(rows: row.RowReader, target: number, owner: number, skip: number, count: number): void {
    const step = rows.kind === row.DELETED_UP ? 1 : -1;
    const targetSeq = rows.targetSeq + step * skip;
    let taken = 0;
    if (this.#kind === row.DELETED_UP && this.#first === target && this.#isBefore(owner, rows.seq + skip)) {
      const distance = targetSeq - this.#firstSeq;
      taken = absorbed(this.#length, distance, step * count);
      if (taken > 0) this.#length = joined(this.#length, distance, taken);
    }
    const rest = count - taken;
    if (rest === 0) return;
    const length = rest === 1 ? 1 : step * rest;
    const seq = rows.seq + skip + taken;
    this.#start(owner, seq, row.DELETED_UP, length, target, targetSeq + step * taken);
  }

  /** Whether the last row ends directly before `seq` of `owner`. */
  #isBefore(owner: number, seq: number): boolean {
    return this.#owner === owner && this.#seq + Math.abs(this.#length) === seq;
  }

  #start(owner: number, seq: number, kind: number, length: number, first: number, firstSeq: number): void {
    const isNext = this.#isBefore(owner, seq);
    this.#finishRow();
    if (!isNext) {
      if (this.#count > 0) this.#finishStretch();
      this.#from = seq;
    }
    this.#owner = owner;
    this.#seq = seq;
    this.#kind = kind;
    this.#length = length;
    this.#first = first;
    this.#firstSeq = firstSeq;
  }

  #finishRow(): void {
    if (this.#length === 0) return; // Before the first.
    const out = this.#rows;
    const kind = this.#length < 0 ? row.DELETED_DOWN : this.#kind;
    this.#count++;
    row.writeHead(out, kind, kind === row.OPAQUE ? this.content.length : Math.abs(this.#length));
    if (kind === row.OPAQUE) out.varint(this.#firstSeq);
    else if (kind !== row.CONTINUED) this.#refer(this.#first, this.#firstSeq);
    if (kind === row.BETWEEN || kind === row.LEFT_OUT) this.#refer(this.#second, this.#secondSeq);
    if (kind === row.LEFT_OUT) row.writeZeros(out, this.#length);
    out.append(this.content);
    this.content.clear();
  }

  #refer(replica: number, seq: number): void {
    row.writeReference(this.#rows, this.#owner, this.#seq, replica, seq);
  }

  #finishStretch(): void {
    this.#stretches.varint(this.#owner).varint(this.#from).varint(this.#count);
    this.#stretches.append(this.#rows);
    this.#rows.clear();
    this.#count = 0;
    this.#stretchCount++;
  }
}
