import { absorbed, joined } from "../log/replica-log.js";
import { BY_OWN_ID } from "./layout.js";
import { Reader } from "./reader.js";
import * as row from "./row-codec.js";
import { Writer } from "./writer.js";

/** Bytes of the layout and the id. */
const FRONT = 10;

/**
 * Joins updates that one replica made one after the other, as it typed, into one: row by row and without an object for
 * any of them. 259,778 updates of automerge-paper, merged and applied: 780 -> 160 ms.
 */
export class TypedJoiner {
  readonly #reader = new Reader(new Uint8Array());
  readonly #rows = new row.RowReader(this.#reader, 0, 1, 1);
  readonly #results: Uint8Array[] = [];
  /** The update that is being put together: its front, its first seq, and what is behind that. */
  #front: Uint8Array | undefined = undefined;
  #first = 0;
  #next = 0;
  readonly #out = new Writer(1024);
  /** The row that is being put together: its kind (-1: none), seq, signed length, references and characters. */
  #kind = -1;
  #seq = 0;
  #length = 0;
  #left = 0;
  #right = 0;
  #target = 0;
  readonly #points = new Writer(256);

  /**
   * All `updates` in as few as can be had by joining neighbours.
   * @throws {CrdtError} `MALFORMED`, `FORGED_ORIGIN` for what is wrong in an update that can be joined.
   */
  join(updates: readonly Uint8Array[]): readonly Uint8Array[] {
    for (const update of updates) this.#add(update);
    this.#flush();
    return this.#results;
  }

  #add(update: Uint8Array): void {
    const reader = this.#reader.reset(update);
    if (update[0] !== BY_OWN_ID || update.length <= FRONT) {
      this.#flush();
      this.#results.push(update);
      return;
    }
    reader.seek(FRONT);
    const seq = reader.varint();
    if (this.#front === undefined || seq !== this.#next || !hasFront(update, this.#front)) {
      this.#flush();
      this.#front = update.subarray(0, FRONT);
      this.#first = seq;
    }
    const rows = this.#rows.restart(seq);
    if (seq < 1 || reader.remaining === 0) this.#results.push(update); // To be refused by whoever decodes it.
    while (reader.remaining > 0) {
      rows.read();
      this.#addRow(rows, reader);
    }
    this.#next = rows.next;
  }

  #addRow(rows: row.RowReader, reader: Reader): void {
    if (rows.kind === row.CONTINUED && this.#kind >= 0 && this.#kind <= row.BEFORE_NEXT)
      this.#length += rows.length;
    else if (this.#joinsDeletes(rows)) return;
    else this.#startRow(rows);
    if (rows.kind <= row.BEFORE_NEXT)
      for (let left = rows.length; left > 0; left--) this.#points.point(reader.point());
    else if (rows.kind === row.OPAQUE)
      this.#points.varint(rows.opaqueKind).bytes(reader.bytes(rows.opaqueLength));
  }

  /** Lets the row that is being put together take in a row of deletions, or the front of one. */
  #joinsDeletes(rows: row.RowReader): boolean {
    const isDelete = rows.kind === row.DELETED_UP || rows.kind === row.DELETED_DOWN;
    if (!isDelete || this.#kind !== row.DELETED_UP) return false;
    const step = rows.kind === row.DELETED_UP ? 1 : -1;
    const distance = rows.targetSeq - this.#target;
    const taken = absorbed(this.#length, distance, step * rows.length);
    if (taken === 0) return false;
    this.#length = joined(this.#length, distance, taken);
    const left = rows.length - taken;
    if (left > 0)
      this.#startDeletes(rows.seq + taken, rows.targetSeq + step * taken, left === 1 ? 1 : step * left);
    return true;
  }

  #startRow(rows: row.RowReader): void {
    if (rows.kind === row.DELETED_UP || rows.kind === row.DELETED_DOWN) {
      this.#startDeletes(rows.seq, rows.targetSeq, rows.kind === row.DELETED_UP ? rows.length : -rows.length);
      return;
    }
    this.#endRow();
    this.#kind = rows.kind;
    this.#seq = rows.seq;
    this.#length = rows.kind === row.OPAQUE ? rows.opaqueLength : rows.length;
    this.#left = rows.leftSeq * (rows.left === row.NO_REPLICA ? 0 : 1);
    this.#right = rows.rightSeq * (rows.right === row.NO_REPLICA ? 0 : 1);
  }

  /** Deletions of both directions are of one kind until they are written; the sign of their length tells them apart. */
  #startDeletes(seq: number, target: number, length: number): void {
    this.#endRow();
    this.#kind = row.DELETED_UP;
    this.#seq = seq;
    this.#length = length;
    this.#target = target;
  }

  #endRow(): void {
    const out = this.#out;
    if (this.#kind === row.DELETED_UP) {
      row.writeHead(out, this.#length < 0 ? row.DELETED_DOWN : row.DELETED_UP, Math.abs(this.#length));
      this.#writeReference(this.#target);
    } else if (this.#kind >= 0) {
      row.writeHead(out, this.#kind, this.#length);
      if (this.#kind !== row.CONTINUED && this.#kind !== row.OPAQUE) this.#writeReference(this.#left);
      if (this.#kind === row.BETWEEN || this.#kind === row.LEFT_OUT) this.#writeReference(this.#right);
    }
    out.append(this.#points);
    this.#points.clear();
    this.#kind = -1;
  }

  /** Refers to an element of the update's own replica; 0 is none. */
  #writeReference(seq: number): void {
    row.writeReference(this.#out, 0, this.#seq, seq === 0 ? row.NO_REPLICA : 0, seq);
  }

  #flush(): void {
    if (this.#front === undefined) return;
    this.#endRow();
    this.#results.push(
      new Writer(this.#out.length + 20).bytes(this.#front).varint(this.#first).append(this.#out).finish(),
    );
    this.#out.clear();
    this.#front = undefined;
  }
}

function hasFront(update: Uint8Array, front: Uint8Array): boolean {
  for (let i = 1; i < FRONT; i++) if (update[i] !== front[i]) return false;
  return true;
}
