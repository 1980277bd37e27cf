import { type Ints, lastAtMost } from "../columns.js";
import type { OperationLog } from "../log/operation-log.js";
import { INSERT_STRIDE, NONE } from "../log/replica-log.js";
import { PARTS, SpanBuilder } from "./span-builder.js";

/**
 * Ints of a run: first element, left origin and later next sibling, index of the log, run in the log. Behind the last run stands the
 * number of elements, as if there was another.
 */
export const PIECE = 4;
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
  readonly #count: number;
  /** For the start, and then for each element: the piece that is its first child. */
  readonly #firstChild: Ints;
  /** For some elements: the first child behind the rest of the element's own run. */
  readonly #lateChild = new Map<number, number>();
  /** Two a run are enough, because a child parts its parent once. */
  readonly #stretches: Ints;
  #stretchCount = 0;

  /**
   * @param pieces The runs of inserts in the order of their elements, the first one at PIECE. They are changed.
   * @param count How many they are.
   * @param marks The bits of each element (see SpanBuilder), to which PARTS is added.
   * @throws {RangeError} when an exception names no sibling, or no run.
   */
  constructor(
    log: OperationLog,
    pieces: Ints,
    count: number,
    marks: Uint8Array,
    exceptions: OrderExceptions,
  ) {
    this.#log = log;
    this.#marks = marks;
    this.#exceptions = exceptions;
    this.#pieces = pieces;
    this.#count = count;
    this.#firstChild = new Int32Array(log.elements + 1);
    this.#stretches = new Int32Array(count * STRETCH * 2);
    for (let piece = PIECE; piece <= count * PIECE; piece += PIECE) this.#link(piece);
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
        stack.push(this.#pieces[from + 1], NO_PIECE);
        this.#visit(spans, this.#pieces[from], this.#pieces[from + PIECE], from, stack);
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
        const log = this.#log.replicas[this.#pieces[piece + 2]];
        log.inserts[this.#pieces[piece + 3] * INSERT_STRIDE + 4] = right;
      }
      stack[height++] = first;
    }
  }

  /** Makes a run a child of its left origin. */
  #link(piece: number): void {
    const pieces = this.#pieces;
    const left = pieces[piece + 1];
    if (left !== NONE) this.#marks[left] |= PARTS;
    const { siblings } = this.#exceptions;
    const sibling = siblings.size > 0 ? siblings.get(pieces[piece]) : undefined;
    if (sibling !== undefined) this.#linkBehind(piece, left, sibling);
    else {
      pieces[piece + 1] = this.#firstChild[left + 1];
      this.#firstChild[left + 1] = piece;
    }
  }

  #linkBehind(piece: number, left: number, sibling: number): void {
    const pieces = this.#pieces;
    const before = lastAtMost({ rows: pieces, count: this.#count + 1, stride: PIECE }, 0, sibling) * PIECE;
    const isRun = pieces[before] === sibling;
    if (isRun && before < piece && this.#log.left(sibling) === left) {
      pieces[piece + 1] = pieces[before + 1];
      pieces[before + 1] = piece;
      return;
    }
    // Not the beginning of a run: the rest of the run that holds the left origin.
    if (isRun || left === NONE || sibling !== left + 1 || sibling >= pieces[piece]) {
      throw new RangeError("no sibling");
    }
    pieces[piece + 1] = this.#lateChild.get(left) ?? NO_PIECE;
    this.#lateChild.set(left, piece);
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
