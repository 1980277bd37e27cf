import { grown, lastAtMost, type SortedTable } from "../columns.js";
import type { ReplicaId } from "../ids.js";
import type { OpaqueRow } from "./operation.js";

/** The start of the text as a left origin, its end as a right origin. */
export const NONE = -1;

/** Ints of one run of inserts: `[seq, element, length, left origin, right origin]`. */
export const INSERT_STRIDE = 5;
/** Ints of one run of deletes: `[seq, first target, +length when targets ascend, -length when they descend]`. */
export const DELETE_STRIDE = 3;

/** An operation of a kind that this package does not know. It takes one seq. */
export interface LoggedRow {
  readonly seq: number;
  readonly kind: number;
  readonly bytes: Uint8Array;
}

/**
 * Everything one replica did, in the order of its seqs: runs of inserts, runs of deletes, opaque rows. A run of
 * inserts is text typed forwards: each element but the first has the one before it as left origin, and all share
 * the right origin. Elements are numbered in order of arrival, so the runs are sorted by seq and by element alike,
 * and one table answers both ways.
 */
export class ReplicaLog {
  readonly replica: ReplicaId;
  /** Place of this replica in the document's list of replicas. */
  readonly index: number;
  /** The seq that the next operation will have. */
  next = 1;
  /** The one that was the next before the update that is being taken in; 0 while that has brought nothing. */
  before = 0;
  inserts = new Int32Array(INSERT_STRIDE);
  insertCount = 0;
  deletes = new Int32Array(0);
  deleteCount = 0;
  rows: LoggedRow[] = [];
  /** The front of its updates in the layout by own id, made at the first one. */
  updateFront: Uint8Array | undefined;
  /** The run that was found last: what is asked next is mostly the same, or near. */
  #hit = 0;

  constructor(replica: ReplicaId, index: number) {
    this.replica = replica;
    this.index = index;
  }

  /** Appends the insertion of `length` elements from `element` on. Returns whether it only lengthened the last run. */
  insert(element: number, length: number, left: number, right: number): boolean {
    const seq = this.next;
    this.next += length;
    const last = (this.insertCount - 1) * INSERT_STRIDE;
    if (last >= 0 && left === element - 1 && this.inserts[last + 4] === right) {
      const known = this.inserts[last + 2];
      if (this.inserts[last] + known === seq && this.inserts[last + 1] + known === element) {
        this.inserts[last + 2] = known + length;
        return true;
      }
    }
    this.#pushInsert(seq, element, length, left, right);
    return false;
  }

  /**
   * Appends the deletion of `length` elements (descending from `target` when negative), all of one insert run, which
   * begins at the element `runStart`: a run of deletes stays inside it, because only there neighbouring numbers are
   * neighbouring ids.
   */
  delete(target: number, length: number, runStart: number, runEnd: number): void {
    const last = (this.deleteCount - 1) * DELETE_STRIDE;
    let taken = 0;
    if (last >= 0) {
      const known = this.deletes[last + 2];
      const first = this.deletes[last + 1];
      if (this.deletes[last] + Math.abs(known) === this.next && first >= runStart && first < runEnd) {
        taken = absorbed(known, target - first, length);
        if (taken > 0) this.deletes[last + 2] = joined(known, target - first, taken);
      }
    }
    const rest = Math.abs(length) - taken;
    if (rest > 0)
      this.#pushDelete(this.next + taken, length > 0 ? target + taken : target - taken, rest, length);
    this.next += taken + rest;
  }

  /** Makes room for exactly so many runs: a loaded document pays for what it has. */
  reserve(inserts: number, deletes: number): void {
    this.inserts = new Int32Array(inserts * INSERT_STRIDE);
    this.deletes = new Int32Array(deletes * DELETE_STRIDE);
  }

  /** Appends a run of inserts as it is, its right origin to be set later. */
  loadInsert(element: number, length: number, left: number): void {
    this.#pushInsert(this.next, element, length, left, NONE);
    this.next += length;
  }

  /** Appends a run of deletes as it is: targets ascending, or descending when `length` is negative. */
  loadDelete(target: number, length: number): void {
    this.#pushDelete(this.next, target, Math.abs(length), length);
    this.next += Math.abs(length);
  }

  /** Appends an opaque row. */
  row(kind: number, bytes: Uint8Array): void {
    this.rows.push({ seq: this.next++, kind, bytes });
  }

  /** The run of inserts that holds `element`, which is one of this replica's. O(1) at or behind the last one, else O(log runs). */
  runOfElement(element: number): number {
    const { inserts } = this;
    let at = this.#hit * INSERT_STRIDE;
    if (element >= inserts[at + 1] + inserts[at + 2]) at += INSERT_STRIDE;
    const isHit =
      element >= inserts[at + 1] &&
      element < inserts[at + 1] + inserts[at + 2] &&
      at < this.insertCount * INSERT_STRIDE;
    this.#hit = isHit ? at / INSERT_STRIDE : lastAtMost(this.insertTable(), 1, element);
    return this.#hit;
  }

  /** The run of inserts that holds `seq`, or -1 when that operation inserted nothing. */
  runOfSeq(seq: number): number {
    for (let run = this.#hit; run < this.insertCount && run < this.#hit + 2; run++) {
      if (seq >= this.startOfRun(run) && seq < this.endOfRun(run)) {
        this.#hit = run;
        return run;
      }
    }
    const run = lastAtMost(this.insertTable(), 0, seq);
    if (run < 0 || seq >= this.inserts[run * INSERT_STRIDE] + this.inserts[run * INSERT_STRIDE + 2])
      return -1;
    this.#hit = run;
    return run;
  }

  /** The seq that inserted `element`, which is one of this replica's. */
  seqOf(element: number): number {
    const at = this.runOfElement(element) * INSERT_STRIDE;
    return this.inserts[at] + element - this.inserts[at + 1];
  }

  /** The right origin of `element`, which is one of this replica's, or NONE for the end of the text. */
  rightOf(element: number): number {
    return this.inserts[this.runOfElement(element) * INSERT_STRIDE + 4];
  }

  /** The first seq of a run of inserts. */
  startOfRun(run: number): number {
    return this.inserts[run * INSERT_STRIDE];
  }

  /** The seq behind a run of inserts. */
  endOfRun(run: number): number {
    return this.inserts[run * INSERT_STRIDE] + this.inserts[run * INSERT_STRIDE + 2];
  }

  /** Whether the run of inserts after `run` goes on from it: one run of ids that arrived in two pieces. */
  isContinued(run: number): boolean {
    if (run + 1 >= this.insertCount) return false;
    const { inserts } = this;
    const at = run * INSERT_STRIDE;
    const next = at + INSERT_STRIDE;
    const isNextSeq = inserts[next] === inserts[at] + inserts[at + 2];
    return (
      isNextSeq &&
      inserts[next + 3] === inserts[at + 1] + inserts[at + 2] - 1 &&
      inserts[next + 4] === inserts[at + 4]
    );
  }

  /** The element that `seq` inserted, and how many of its run there are from it on. */
  runFrom(seq: number): { element: number; length: number } {
    const at = this.runOfSeq(seq) * INSERT_STRIDE;
    const inRun = seq - this.inserts[at];
    return { element: this.inserts[at + 1] + inRun, length: this.inserts[at + 2] - inRun };
  }

  /** The element that `seq` inserted, or -1 when that operation inserted nothing. */
  elementAt(seq: number): number {
    const run = this.runOfSeq(seq);
    return run < 0 ? -1 : this.inserts[run * INSERT_STRIDE + 1] + seq - this.startOfRun(run);
  }

  /** The element that `seq` deleted, or -1 when that operation is no deletion. */
  targetOf(seq: number): number {
    const at = lastAtMost(this.deleteTable(), 0, seq) * DELETE_STRIDE;
    if (at < 0 || seq >= this.deletes[at] + Math.abs(this.deletes[at + 2])) return -1;
    const step = seq - this.deletes[at];
    return this.deletes[at + 1] + (this.deletes[at + 2] < 0 ? -step : step);
  }

  /** The opaque row with `seq`, if there is one. */
  rowOf(seq: number): LoggedRow | undefined {
    const row = this.rows[this.firstRowFrom(seq)];
    return row?.seq === seq ? row : undefined;
  }

  /** The opaque rows from `seq` on, each a new object. */
  opaqueRows(seq: number): OpaqueRow[] {
    const { replica } = this;
    return this.rows
      .slice(this.firstRowFrom(seq))
      .map(({ seq, kind, bytes }) => ({ id: { replica, seq }, kind, bytes }));
  }

  /** The place of the first opaque row that is not before `seq`. */
  firstRowFrom(seq: number): number {
    let low = 0;
    for (let high = this.rows.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (this.rows[middle].seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The runs of inserts as a table, sorted by its columns 0 (seq) and 1 (element). */
  insertTable(): SortedTable {
    return { rows: this.inserts, count: this.insertCount, stride: INSERT_STRIDE };
  }

  /** The runs of deletes as a table, sorted by its column 0 (seq). */
  deleteTable(): SortedTable {
    return { rows: this.deletes, count: this.deleteCount, stride: DELETE_STRIDE };
  }

  /** Forgets every operation from `seq` on. */
  truncate(seq: number): void {
    this.next = Math.min(this.next, seq);
    this.#hit = 0;
    while (this.insertCount > 0 && this.inserts[(this.insertCount - 1) * INSERT_STRIDE] >= seq)
      this.insertCount--;
    while (this.deleteCount > 0 && this.deletes[(this.deleteCount - 1) * DELETE_STRIDE] >= seq)
      this.deleteCount--;
    while (this.rows.length > 0 && this.rows[this.rows.length - 1].seq >= seq) this.rows.pop();
    shorten(this.inserts, (this.insertCount - 1) * INSERT_STRIDE, 2, seq);
    shorten(this.deletes, (this.deleteCount - 1) * DELETE_STRIDE, 2, seq);
  }

  #pushInsert(seq: number, element: number, length: number, left: number, right: number): void {
    const at = this.insertCount++ * INSERT_STRIDE;
    this.inserts = grown(this.inserts, at + INSERT_STRIDE);
    this.inserts[at] = seq;
    this.inserts[at + 1] = element;
    this.inserts[at + 2] = length;
    this.inserts[at + 3] = left;
    this.inserts[at + 4] = right;
  }

  #pushDelete(seq: number, target: number, length: number, sign: number): void {
    const at = this.deleteCount++ * DELETE_STRIDE;
    this.deletes = grown(this.deletes, at + DELETE_STRIDE);
    this.deletes[at] = seq;
    this.deletes[at + 1] = target;
    this.deletes[at + 2] = sign < 0 && length > 1 ? -length : length;
  }
}

/**
 * How many targets of a further stretch of deletes a run of them can take in. `run` and `length` are signed lengths
 * (negative: targets descend), `distance` is the first target of the stretch minus the first of the run. A run of one
 * has no direction yet; a stretch in another direction gives only its first target. Greedy from the first operation
 * on, hence the same for everyone who holds the same operations.
 */
export function absorbed(run: number, distance: number, length: number): number {
  if (distance !== run && !(run === 1 && distance === -1)) return 0;
  return distance > 0 === length > 0 ? Math.abs(length) : 1;
}

/** The signed length of a run after it has taken in `count` targets. */
export function joined(run: number, distance: number, count: number): number {
  return distance > 0 ? run + count : -Math.abs(run) - count;
}

/** Cuts the run at `at` so that it ends before `seq`; its signed length stands in column `length`. */
function shorten(rows: Int32Array, at: number, length: number, seq: number): void {
  if (at < 0) return;
  const left = seq - rows[at];
  if (Math.abs(rows[at + length]) > left)
    rows[at + length] = rows[at + length] < 0 && left > 1 ? -left : left;
}
