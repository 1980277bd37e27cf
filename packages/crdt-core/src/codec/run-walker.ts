import { type Ints, lastAtMost } from "../columns.js";
import {
  absorbed,
  DELETE_STRIDE,
  INSERT_STRIDE,
  joined,
  type LoggedRow,
  NONE,
  type ReplicaLog,
} from "../log/replica-log.js";
import type { Sequence } from "../text/sequence.js";
import * as row from "./row-codec.js";

/**
 * Walks what one replica did, in runs as long as ids allow, whatever pieces it arrived in: hence the same operations
 * give the same rows everywhere. The run that was reached stands in the fields, in element numbers. One walker can be
 * used again and again, and steps through the logs without searching them.
 */
export class RunWalker {
  readonly #sequence: Sequence;
  readonly #isById: boolean;
  #log!: ReplicaLog;
  #end = 0;
  #next = 0;
  /** The runs of inserts and of deletes, and the opaque row, at or behind `#next`. */
  #insert = 0;
  #deletion = 0;
  #opaque = 0;
  kind = 0;
  seq = 0;
  length = 0;
  left = NONE;
  right = NONE;
  /** The element inserted last, or deleted first. */
  lastElement = NONE;
  target = NONE;
  /** Whether what is inserted or deleted lies in one run of the logs, so that it is neighbours by number too. */
  isOnePiece = true;
  row: LoggedRow | undefined;

  /**
   * `isById`: for the layout by id, where a run of inserts is cut where known characters and missing ones meet, and its
   * kind says which references it needs. Otherwise every run of inserts is of one kind.
   */
  constructor(sequence: Sequence, isById: boolean) {
    this.#sequence = sequence;
    this.#isById = isById;
  }

  /** Goes before the seqs [from, to] of `log`. O(log runs), O(1) where they are its last ones. */
  start(log: ReplicaLog, from: number, to: number): this {
    this.#log = log;
    this.#next = from;
    this.#end = to + 1;
    this.#insert = firstRunBehind(log.inserts, log.insertCount, INSERT_STRIDE, from);
    this.#deletion = firstRunBehind(log.deletes, log.deleteCount, DELETE_STRIDE, from);
    this.#opaque = log.firstRowFrom(from);
    return this;
  }

  /** Whether the run inserts text. */
  get isInsert(): boolean {
    return this.kind <= row.BEFORE_NEXT || this.kind === row.LEFT_OUT;
  }

  /** Whether the run deletes, each target having the id before that of the last. */
  get isDescending(): boolean {
    return this.kind === row.DELETED_DOWN;
  }

  /** Goes to the next run; false at the end. Amortised O(1). */
  next(): boolean {
    if (this.#next >= this.#end) return false;
    this.seq = this.#next;
    const { inserts, insertCount, deletes, deleteCount } = this.#log;
    if (this.#insert < insertCount && inserts[this.#insert * INSERT_STRIDE] <= this.seq) this.#takeInserts();
    else if (this.#deletion < deleteCount && deletes[this.#deletion * DELETE_STRIDE] <= this.seq)
      this.#takeDeletes();
    else this.#takeRow();
    this.#next = this.seq + this.length;
    return true;
  }

  #takeInserts(): void {
    const { inserts } = this.#log;
    const at = this.#insert * INSERT_STRIDE;
    const inRun = this.seq - inserts[at];
    const element = inserts[at + 1] + inRun;
    this.left = inRun === 0 ? inserts[at + 3] : element - 1;
    this.right = inserts[at + 4];
    if (this.#isById) this.kind = this.#continues(inRun) ? row.CONTINUED : this.#freshKind();
    else this.kind = row.BETWEEN;
    const end = Math.min(inserts[at] + inserts[at + 2], this.#end);
    this.length = end - this.seq;
    this.lastElement = element + this.length - 1;
    this.isOnePiece = true;
    if (end < this.#end) this.#joinInserts();
    if (this.#isById && this.#sequence.characters.hasMissing) this.#cutWhereMissing();
  }

  /** Takes in the runs that go on from this one: one run of ids that arrived in pieces. */
  #joinInserts(): void {
    const log = this.#log;
    while (log.isContinued(this.#insert) && this.seq + this.length < this.#end) {
      const at = ++this.#insert * INSERT_STRIDE;
      const taken = Math.min(log.inserts[at + 2], this.#end - this.seq - this.length);
      this.length += taken;
      this.isOnePiece = false;
      this.lastElement = log.inserts[at + 1] + taken - 1;
    }
    this.#insert++;
  }

  /** Whether the run goes on from the operation before it. */
  #continues(inRun: number): boolean {
    return inRun > 0 || (this.#insert > 0 && this.#log.isContinued(this.#insert - 1));
  }

  /** The kind of a run that continues nothing. */
  #freshKind(): number {
    const { log } = this.#sequence;
    const { left, right } = this;
    if (left === NONE || right === NONE || log.owner(left) !== log.owner(right)) return row.BETWEEN;
    return log.seq(left) + 1 === log.seq(right) ? row.BEFORE_NEXT : row.BETWEEN;
  }

  /** A row holds characters that are all known, or all left out. */
  #cutWhereMissing(): void {
    const isMissing = this.#isMissing(this.seq);
    let length = 1;
    while (length < this.length && this.#isMissing(this.seq + length) === isMissing) length++;
    if (length < this.length) {
      this.length = length;
      this.lastElement = this.#log.elementAt(this.seq + length - 1);
      this.#insert = firstRunBehind(
        this.#log.inserts,
        this.#log.insertCount,
        INSERT_STRIDE,
        this.seq + length,
      );
    }
    if (isMissing) this.kind = row.LEFT_OUT;
  }

  #isMissing(seq: number): boolean {
    return this.#sequence.characters.isMissing(this.#log.elementAt(seq));
  }

  #takeDeletes(): void {
    const { deletes, deleteCount } = this.#log;
    const first = this.#deletion * DELETE_STRIDE;
    const taken = this.seq - deletes[first];
    let length = clipped(deletes[first + 2], taken, this.#end - this.seq);
    this.target = deletes[first + 1] + (deletes[first + 2] < 0 ? -taken : taken);
    this.isOnePiece = true;
    let isWhole = taken + Math.abs(length) === Math.abs(deletes[first + 2]);
    while (isWhole && ++this.#deletion < deleteCount) {
      const at = this.#deletion * DELETE_STRIDE;
      const seq = this.seq + Math.abs(length);
      if (deletes[at] !== seq || seq >= this.#end) break;
      const next = clipped(deletes[at + 2], 0, this.#end - seq);
      this.length = Math.abs(length);
      const distance = this.#distance(deletes[at + 1]);
      const more = absorbed(length, distance, next);
      if (more === 0) break;
      this.isOnePiece = false;
      length = joined(length, distance, more);
      isWhole = more === Math.abs(deletes[at + 2]);
    }
    this.length = Math.abs(length);
    this.kind = length < 0 ? row.DELETED_DOWN : row.DELETED_UP;
  }

  /** From the id of the first target to that of `element`; 0, which joins nothing, when it is another replica's. */
  #distance(element: number): number {
    const { log } = this.#sequence;
    // Of one writer's, ids are at least as far apart as numbers, so most stretches need not be looked up.
    if (Math.abs(element - this.target) > this.length && log.isOneSegment(element, this.target)) return 0;
    return log.owner(element) === log.owner(this.target) ? log.seq(element) - log.seq(this.target) : 0;
  }

  #takeRow(): void {
    this.row = this.#log.rows[this.#opaque++];
    this.kind = row.OPAQUE;
    this.length = 1;
  }
}

/** The first run that does not end before `seq`. */
function firstRunBehind(rows: Ints, count: number, stride: number, seq: number): number {
  // What is asked for is mostly the last run: an update that was just made.
  const last = (count - 1) * stride;
  const run = last >= 0 && rows[last] <= seq ? count - 1 : lastAtMost({ rows, count, stride }, 0, seq);
  return run >= 0 && rows[run * stride] + Math.abs(rows[run * stride + 2]) > seq ? run : run + 1;
}

/** What is left of a run of signed `length` behind its first `taken`, at most `count`. One has no sign. */
function clipped(length: number, taken: number, count: number): number {
  const left = Math.min(Math.abs(length) - taken, count);
  return length < 0 && left > 1 ? -left : left;
}
