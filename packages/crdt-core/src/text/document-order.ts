import type { Bits } from "../bits.js";
import { type Ints, lastAtMost } from "../columns.js";
import type { OperationLog } from "../log/operation-log.js";
import { INSERT_STRIDE, NONE } from "../log/replica-log.js";
import { SpanBuilder } from "./span-builder.js";

/** Ints of a run: first element, left origin. Behind the last run stands the number of elements, as if there was another. */
export const RUN = 2;
/** Ints of an exception: the first element of the run it is about, the sibling behind whose subtree that stands, its right origin. */
export const EXCEPTION = 3;
/** In the place of a sibling or a right origin: the one that the rules imply. */
export const IMPLIED = -2;
/** Ints of a stretch of the document: first element, the run that it begins, or NO_RUN. */
const STRETCH = 2;
/** No run: the first one stands at RUN. */
const NO_RUN = 0;

/** What a document is put in order by. */
export interface Unordered {
  /** The runs of inserts in the order of their elements, the first one at RUN. */
  readonly runs: Ints;
  readonly runCount: number;
  /** The place of the run that holds an element. */
  runOf(element: number): number;
  /** Of each run: the index of its log, the run in the log. */
  readonly homes: Ints;
  /** The elements that were deleted, and those behind which other runs stand than what they begin. */
  readonly dead: Bits;
  readonly parts: Bits;
}

/**
 * Finds the order of a document from left origins alone: each run stands directly behind its left origin, among the
 * elements numbered before it. So of the children of an element the latest comes first, and a walk through the tree of
 * left origins, depth first, meets the elements in document order. It has its own stack: nothing recurses.
 *
 *     a ── b ── c          an element's next in its run is its earliest child, and comes last ...
 *     │    └─ runs 9, 7    ... behind it only those whose exception says so
 *     └─ run 8
 */
export class DocumentOrder {
  readonly #log: OperationLog;
  readonly #from: Unordered;
  readonly #exceptions: Ints;
  /** The runs, their left origins replaced by their next siblings. */
  readonly #runs: Ints;
  /** For the start, and then for each element that has children: the run that is its first child. */
  readonly #firstChild: Ints;
  /** For some elements: the first child behind the rest of the element's own run. */
  readonly #lateChild = new Map<number, number>();
  /** Two a run are enough, because a child parts its parent once. */
  readonly #stretches: Ints;
  #stretchCount = 0;

  /**
   * @param from Its runs are changed.
   * @param exceptions What the rules do not imply, in ascending order of runs; each names what there is.
   */
  constructor(log: OperationLog, from: Unordered, exceptions: Ints) {
    this.#log = log;
    this.#from = from;
    this.#exceptions = exceptions;
    this.#runs = from.runs;
    this.#firstChild = new Int32Array(from.parts.count + 1);
    this.#stretches = new Int32Array(from.runCount * STRETCH * 2);
    this.#link();
  }

  /** Every element in the order of the document. Sets the right origins of all runs as well. O(elements). */
  walk(): SpanBuilder {
    const { dead, parts } = this.#from;
    const spans = new SpanBuilder(this.#log, dead, parts);
    // Runs by their places, and rests of runs as `[first, end]`: an end is never NO_RUN.
    const stack = [this.#firstChild[0], NO_RUN];
    while (stack.length > 0) {
      const end = stack.pop()!;
      const from = stack.pop()!;
      if (end !== NO_RUN) this.#visit(spans, from, end, NO_RUN, stack);
      else if (from !== NO_RUN) {
        stack.push(this.#runs[from + 1], NO_RUN);
        this.#visit(spans, this.#runs[from], this.#runs[from + RUN], from, stack);
      }
    }
    this.#setRights();
    return spans;
  }

  /**
   * Sets the right origins of all runs: the nearest element to the right that is numbered before the run,
   * by one monotone stack, unless an exception names another.
   */
  #setRights(): void {
    const { homes } = this.#from;
    const stack = new Int32Array(this.#stretchCount);
    let height = 0;
    for (let at = (this.#stretchCount - 1) * STRETCH; at >= 0; at -= STRETCH) {
      const first = this.#stretches[at];
      while (height > 0 && stack[height - 1] > first) height--;
      const run = this.#stretches[at + 1];
      if (run !== NO_RUN) {
        const named = this.#exception(first, 2);
        const implied = height > 0 ? stack[height - 1] : NONE;
        const log = this.#log.replicas[homes[run]];
        log.inserts[homes[run + 1] * INSERT_STRIDE + 4] = named === IMPLIED ? implied : named;
      }
      stack[height++] = first;
    }
  }

  /** Makes all runs children of their left origins. */
  #link(): void {
    const runs = this.#runs;
    const end = this.#from.runCount * RUN;
    for (let run = RUN; run <= end; run += RUN) {
      const left = runs[run + 1];
      const sibling = this.#exception(runs[run], 1);
      if (sibling !== IMPLIED) this.#linkBehind(run, left, sibling);
      else {
        const child = this.#childIndex(left);
        runs[run + 1] = this.#firstChild[child];
        this.#firstChild[child] = run;
      }
    }
  }

  #linkBehind(run: number, left: number, sibling: number): void {
    const runs = this.#runs;
    const before = this.#from.runOf(sibling);
    if (runs[before] === sibling) {
      runs[run + 1] = runs[before + 1];
      runs[before + 1] = run;
      return;
    }
    // Not the beginning of a run: the rest of the run that holds the left origin.
    runs[run + 1] = this.#lateChild.get(left) ?? NO_RUN;
    this.#lateChild.set(left, run);
  }

  /** What the exception of the run that begins with `first` says in `column`. */
  #exception(first: number, column: 1 | 2): number {
    const exceptions = this.#exceptions;
    if (exceptions.length === 0) return IMPLIED;
    const table = { rows: exceptions, count: exceptions.length / EXCEPTION, stride: EXCEPTION };
    const at = lastAtMost(table, 0, first) * EXCEPTION;
    return exceptions[at] === first ? exceptions[at + column] : IMPLIED;
  }

  #childIndex(left: number): number {
    return left === NONE ? 0 : this.#from.parts.rank(left) + 1;
  }

  /** Notes [from, end) of a run up to the first element that has children, and puts the rest and those on the stack. */
  #visit(spans: SpanBuilder, from: number, end: number, run: number, stack: number[]): void {
    const at = this.#stretchCount++ * STRETCH;
    this.#stretches[at] = from;
    this.#stretches[at + 1] = run;
    const to = spans.add(from, end);
    if (this.#lateChild.size > 0) stack.push(this.#lateChild.get(to - 1) ?? NO_RUN, NO_RUN);
    if (to < end) stack.push(to, end);
    if (this.#from.parts.has(to - 1)) stack.push(this.#firstChild[this.#childIndex(to - 1)], NO_RUN);
  }
}
