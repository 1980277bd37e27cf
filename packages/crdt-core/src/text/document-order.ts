import type { Ints } from "../columns.js";
import type { OperationLog } from "../log/operation-log.js";
import { INSERT_STRIDE, NONE } from "../log/replica-log.js";
import { PARTS, SpanBuilder } from "./span-builder.js";

/** Ints of a run as a child of its left origin: first element, element behind the last, next sibling, index of the log, run in the log. */
const PIECE = 5;
/** Ints of a stretch of the document: first element, the run that it begins, or NO_PIECE. */
const STRETCH = 2;
/** No run: the first one stands at PIECE. */
const NO_PIECE = 0;

/** What the rules do not imply, by the first element of the run it is about. */
export interface OrderExceptions {
  /** The sibling behind whose subtree a run stands. */
  readonly siblings: ReadonlyMap<number, number>;
  /** The right origin of a run, NONE for the end of the text. */
  readonly rights: ReadonlyMap<number, number>;
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
  readonly #exceptions: OrderExceptions;
  readonly #marks: Uint8Array;
  readonly #pieces: Ints;
  /** For the start, and then for each element: the piece that is its first child. */
  readonly #firstChild: Ints;
  /** For some elements: the first child behind the rest of the element's own run. */
  readonly #lateChild = new Map<number, number>();
  /** The pieces by their first elements, as long as exceptions may ask for them. */
  readonly #byElement = new Map<number, number>();
  /** Two a run are enough, because a child parts its parent once. */
  readonly #stretches: Ints;
  #stretchCount = 0;

  /**
   * @param runs For each run of inserts, in the order of its elements, the index of its log.
   * @param marks The bits of each element (see SpanBuilder), to which PARTS is added.
   * @throws {RangeError} when an exception names no sibling, or no run.
   */
  constructor(log: OperationLog, runs: Ints, marks: Uint8Array, exceptions: OrderExceptions) {
    this.#log = log;
    this.#marks = marks;
    this.#exceptions = exceptions;
    this.#pieces = new Int32Array((runs.length + 1) * PIECE);
    this.#firstChild = new Int32Array(log.elements + 1);
    this.#stretches = new Int32Array(runs.length * STRETCH * 2);
    const next = new Int32Array(log.replicas.length);
    for (let run = 0; run < runs.length; run++) this.#link((run + 1) * PIECE, runs[run], next[runs[run]]++);
  }

  /** Every element in the order of the document. O(elements). */
  walk(): SpanBuilder {
    const spans = new SpanBuilder(this.#log, this.#marks);
    // Runs by their pieces, and rests of runs as `[first, end]`: an end is never NO_PIECE.
    const stack = [this.#firstChild[0], NO_PIECE];
    while (stack.length > 0) {
      const end = stack.pop()!;
      const from = stack.pop()!;
      if (end !== NO_PIECE) this.#visit(spans, from, end, NO_PIECE, stack);
      else if (from !== NO_PIECE) {
        stack.push(this.#pieces[from + 2], NO_PIECE);
        this.#visit(spans, this.#pieces[from], this.#pieces[from + 1], from, stack);
      }
    }
    return spans;
  }

  /**
   * Sets the right origins of all runs, after `walk`: the nearest element to the right that is numbered before the run,
   * by one monotone stack, unless an exception names another.
   */
  setRights(): void {
    const { rights } = this.#exceptions;
    const stack = new Int32Array(this.#stretchCount);
    let height = 0;
    for (let at = (this.#stretchCount - 1) * STRETCH; at >= 0; at -= STRETCH) {
      const first = this.#stretches[at];
      while (height > 0 && stack[height - 1] > first) height--;
      const piece = this.#stretches[at + 1];
      if (piece !== NO_PIECE) {
        const implied = height > 0 ? stack[height - 1] : NONE;
        const right = rights.size > 0 ? (rights.get(first) ?? implied) : implied;
        const log = this.#log.replicas[this.#pieces[piece + 3]];
        log.inserts[this.#pieces[piece + 4] * INSERT_STRIDE + 4] = right;
      }
      stack[height++] = first;
    }
  }

  /** Makes a run a child of its left origin. */
  #link(piece: number, index: number, run: number): void {
    const { inserts } = this.#log.replicas[index];
    const pieces = this.#pieces;
    const first = inserts[run * INSERT_STRIDE + 1];
    const left = inserts[run * INSERT_STRIDE + 3];
    pieces[piece] = first;
    pieces[piece + 1] = first + inserts[run * INSERT_STRIDE + 2];
    pieces[piece + 3] = index;
    pieces[piece + 4] = run;
    if (left !== NONE) this.#marks[left] |= PARTS;
    const { siblings } = this.#exceptions;
    if (siblings.size > 0) this.#byElement.set(first, piece);
    const sibling = siblings.size > 0 ? siblings.get(first) : undefined;
    if (sibling !== undefined) this.#linkBehind(piece, left, sibling);
    else {
      pieces[piece + 2] = this.#firstChild[left + 1];
      this.#firstChild[left + 1] = piece;
    }
  }

  #linkBehind(piece: number, left: number, sibling: number): void {
    const before = this.#byElement.get(sibling);
    if (before !== undefined && this.#leftOf(before) === left && before !== piece) {
      this.#pieces[piece + 2] = this.#pieces[before + 2];
      this.#pieces[before + 2] = piece;
      return;
    }
    // Not the beginning of a run: the rest of the run that holds the left origin.
    if (before !== undefined || left === NONE || sibling !== left + 1 || sibling >= this.#pieces[piece]) {
      throw new RangeError("no sibling");
    }
    this.#pieces[piece + 2] = this.#lateChild.get(left) ?? NO_PIECE;
    this.#lateChild.set(left, piece);
  }

  #leftOf(piece: number): number {
    const log = this.#log.replicas[this.#pieces[piece + 3]];
    return log.inserts[this.#pieces[piece + 4] * INSERT_STRIDE + 3];
  }

  /** Notes [from, end) of a run up to the first element that has children, and puts the rest and those on the stack. */
  #visit(spans: SpanBuilder, from: number, end: number, piece: number, stack: number[]): void {
    const at = this.#stretchCount++ * STRETCH;
    this.#stretches[at] = from;
    this.#stretches[at + 1] = piece;
    const to = spans.add(from, end);
    if (this.#lateChild.size > 0) stack.push(this.#lateChild.get(to - 1) ?? NO_PIECE, NO_PIECE);
    if (to < end) stack.push(to, end);
    stack.push(this.#firstChild[to], NO_PIECE);
  }
}
