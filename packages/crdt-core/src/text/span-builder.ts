import { grown, stretchEnd } from "../columns.js";
import type { OperationLog } from "../log/operation-log.js";

/** Bits of what is noted of each element before a document is put in order: it is dead; it begins a run; others stand behind it than the next of its run. */
export const DEAD = 1;
export const BEGINS = 2;
export const PARTS = 4;

/** Gathers the spans of a whole document, in its order, for a tree that is filled at once. */
export class SpanBuilder {
  readonly #log: OperationLog;
  readonly #marks: Uint8Array;
  readonly #words: Int32Array;
  /** `[first element, length]`, the length negative where dead. */
  spans = new Int32Array(64);
  count = 0;
  /** How many of the elements are dead. */
  deadCount = 0;

  /** @param marks The bits of each element, in a buffer of their own. */
  constructor(log: OperationLog, marks: Uint8Array) {
    this.#log = log;
    this.#marks = marks;
    this.#words = new Int32Array(marks.buffer, 0, marks.length >> 2);
  }

  /**
   * Adds the elements in [first, end), cut where visible and dead ones meet, up to the first one that PARTS its run, which
   * is added too. Returns where it has stopped.
   */
  add(first: number, end: number): number {
    const marks = this.#marks;
    for (let from = first; from < end; ) {
      const dead = marks[from] & DEAD;
      let to = stretchEnd(marks, this.#words, from, end, DEAD | PARTS, dead);
      const isParted = to < end && (marks[to] & DEAD) === dead;
      if (isParted) to++;
      this.#push(from, to - from, dead === DEAD);
      if (isParted) return to;
      from = to;
    }
    return end;
  }

  #push(first: number, length: number, isDead: boolean): void {
    if (isDead) this.deadCount += length;
    const last = this.count * 2 - 2;
    const known = last < 0 ? 0 : this.spans[last + 1];
    const joins = last >= 0 && known < 0 === isDead && this.spans[last] + Math.abs(known) === first;
    if (joins && this.#log.follows(first)) {
      this.spans[last + 1] += isDead ? -length : length;
      return;
    }
    this.spans = grown(this.spans, last + 4);
    this.spans[last + 2] = first;
    this.spans[last + 3] = isDead ? -length : length;
    this.count++;
  }
}
