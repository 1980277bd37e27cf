import { lastAtMost } from "../columns.js";
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
 * give the same rows everywhere. The run that was reached stands in the fields, in element numbers.
 */
export class RunWalker {
  readonly #sequence: Sequence;
  readonly #log: ReplicaLog;
  readonly #end: number;
  kind = 0;
  seq = 0;
  length = 0;
  left = NONE;
  right = NONE;
  target = NONE;
  row: LoggedRow | undefined = undefined;
  #next: number;
  readonly #cutsMissing: boolean;

  /** For the seqs [from, to] of `log`. `cutsMissing`: a run of inserts is cut where known characters and missing ones meet. */
  constructor(sequence: Sequence, log: ReplicaLog, from: number, to: number, cutsMissing = true) {
    this.#sequence = sequence;
    this.#log = log;
    this.#next = from;
    this.#end = to + 1;
    this.#cutsMissing = cutsMissing && sequence.characters.hasMissing;
  }

  /** The element inserted last by a run of inserts. */
  get lastElement(): number {
    return this.#log.elementAt(this.seq + this.length - 1);
  }

  /** Whether the run inserts text. */
  get isInsert(): boolean {
    return this.kind <= row.BEFORE_NEXT || this.kind === row.LEFT_OUT;
  }

  /** Whether the run deletes, each target having the id before that of the last. */
  get isDescending(): boolean {
    return this.kind === row.DELETED_DOWN;
  }

  /** Goes to the next run; false at the end. */
  next(): boolean {
    if (this.#next >= this.#end) return false;
    this.seq = this.#next;
    const run = this.#log.runOfSeq(this.seq);
    if (run >= 0) this.#takeInserts(run);
    else if (!this.#takeDeletes()) this.#takeRow();
    this.#next = this.seq + this.length;
    return true;
  }

  #takeInserts(run: number): void {
    const { inserts } = this.#log;
    const at = run * INSERT_STRIDE;
    const inRun = this.seq - inserts[at];
    const element = inserts[at + 1] + inRun;
    this.left = inRun === 0 ? inserts[at + 3] : element - 1;
    this.right = inserts[at + 4];
    this.length = inserts[at + 2] - inRun;
    this.#joinInserts(run + 1, element + this.length - 1);
    this.length = Math.min(this.length, this.#end - this.seq);
    this.kind = this.#insertKind(inRun);
    if (this.#cutsMissing) this.#cutWhereMissing();
  }

  /** Takes in the runs from `run` on that go on from `last`: one run of ids that arrived in pieces. */
  #joinInserts(run: number, last: number): void {
    const { inserts, insertCount } = this.#log;
    let end = last;
    for (let next = run; next < insertCount; next++) {
      const at = next * INSERT_STRIDE;
      const continues = inserts[at + 3] === end && inserts[at + 4] === this.right;
      if (!continues || inserts[at] !== this.seq + this.length) return;
      this.length += inserts[at + 2];
      end = inserts[at + 1] + inserts[at + 2] - 1;
    }
  }

  #insertKind(inRun: number): number {
    if (inRun > 0 || this.#continuesPrevious()) return row.CONTINUED;
    const { log } = this.#sequence;
    const isBeforeNext =
      this.left !== NONE &&
      this.right !== NONE &&
      log.owner(this.left) === log.owner(this.right) &&
      log.seq(this.left) + 1 === log.seq(this.right);
    return isBeforeNext ? row.BEFORE_NEXT : row.BETWEEN;
  }

  #continuesPrevious(): boolean {
    const { log } = this.#sequence;
    if (this.left === NONE || log.owner(this.left) !== this.#log) return false;
    return log.seq(this.left) === this.seq - 1 && log.right(this.left) === this.right;
  }

  /** A row holds characters that are all known, or all left out. */
  #cutWhereMissing(): void {
    const isMissing = this.#isMissing(this.seq);
    let length = 1;
    while (length < this.length && this.#isMissing(this.seq + length) === isMissing) length++;
    this.length = length;
    if (isMissing) this.kind = row.LEFT_OUT;
  }

  #isMissing(seq: number): boolean {
    return this.#sequence.characters.isMissing(this.#log.elementAt(seq));
  }

  #takeDeletes(): boolean {
    const { deletes, deleteCount } = this.#log;
    let run = lastAtMost(this.#log.deleteTable(), 0, this.seq);
    if (run < 0) return false;
    const taken = this.seq - deletes[run * DELETE_STRIDE];
    let length = clipped(deletes[run * DELETE_STRIDE + 2], taken, this.#end - this.seq);
    if (length === 0) return false;
    this.target = deletes[run * DELETE_STRIDE + 1] + (deletes[run * DELETE_STRIDE + 2] < 0 ? -taken : taken);
    while (++run < deleteCount) {
      const at = run * DELETE_STRIDE;
      const seq = this.seq + Math.abs(length);
      const distance = this.#distance(deletes[at + 1]);
      const more =
        deletes[at] === seq ? absorbed(length, distance, clipped(deletes[at + 2], 0, this.#end - seq)) : 0;
      if (more === 0) break;
      length = joined(length, distance, more);
      if (more < Math.abs(deletes[at + 2])) break;
    }
    this.length = Math.abs(length);
    this.kind = length < 0 ? row.DELETED_DOWN : row.DELETED_UP;
    return true;
  }

  /** From the id of the first target to that of `element`; 0, which joins nothing, when it is another replica's. */
  #distance(element: number): number {
    const { log } = this.#sequence;
    return log.owner(element) === log.owner(this.target) ? log.seq(element) - log.seq(this.target) : 0;
  }

  #takeRow(): void {
    this.row = this.#log.rowOf(this.seq);
    this.kind = row.OPAQUE;
    this.length = 1;
  }
}

/** What is left of a run of signed `length` behind its first `taken`, at most `count`; 0 if nothing. One has no sign. */
function clipped(length: number, taken: number, count: number): number {
  const left = Math.min(Math.abs(length) - taken, count);
  return left <= 0 ? 0 : length < 0 && left > 1 ? -left : left;
}
