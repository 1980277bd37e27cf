import type { OperationLog } from "../log/operation-log.js";
import { INSERT_STRIDE, NONE } from "../log/replica-log.js";
import type { ElementIndex } from "./element-index.js";
import type { SpanTree, SplitObserver } from "./span-tree.js";

/** A key is `d * RANGE + rd`: two numbers below 2^26 in one exact double, compared at once. */
const RANGE = 2 ** 26;

/** To the right, or to the left. */
export type Step = 1 | -1;

/**
 * How deep each element stands in the two trees that its origins make, and the least depth below each node of the
 * span tree. It answers "the next element to the right (or left) that is at most so deep" in O(log n), which is all
 * that placing a conflicting insert needs: the ends of subtrees, and the siblings of an element.
 *
 *     d   steps to the start of the text along left origins
 *     rd  steps along right origins while the left origin stays the same
 *
 * Both are fixed at birth. Elements in the middle of a run have `(d of the first + i, 0)`, so only the first of each
 * run is stored: 8 bytes a run. The first element of a span is its least.
 */
export class DepthIndex implements SplitObserver {
  readonly #tree: SpanTree;
  readonly #index: ElementIndex;
  readonly #log: OperationLog;
  /** For each replica, the key of the first element of each of its runs. */
  readonly #keys: number[][] = [];
  /** The least key below each node. */
  readonly #least: number[] = [];

  /** Indexes everything placed so far. O(runs + spans), once in the life of a document that has conflicts. */
  constructor(tree: SpanTree, index: ElementIndex, log: OperationLog) {
    this.#tree = tree;
    this.#index = index;
    this.#log = log;
    for (let element = 0; element < log.elements; element += this.#runLength(element)) this.noteRun(element);
    this.#build(tree.root);
    tree.observers.push(this);
  }

  /** Notes the key of `element`, the first of a run that was just logged. */
  noteRun(element: number): void {
    const log = this.#log.owner(element);
    const run = log.runOfElement(element);
    const left = log.inserts[run * INSERT_STRIDE + 3];
    const right = log.inserts[run * INSERT_STRIDE + 4];
    const isLeftChild = right !== NONE && this.#log.left(right) === left;
    const key =
      (left === NONE ? 0 : this.depth(left) + 1) * RANGE + (isLeftChild ? (this.key(right) % RANGE) + 1 : 0);
    this.#keys[log.index] ??= [];
    this.#keys[log.index][run] = key;
  }

  /** Notes that `element`, whose key is known, now stands in `leaf`. */
  placed(element: number, leaf: number): void {
    const key = this.key(element);
    for (let node = leaf; node >= 0 && this.#least[node] > key; node = this.#tree.parents[node]) {
      this.#least[node] = key;
    }
  }

  /** `d * RANGE + rd` of `element`. */
  key(element: number): number {
    const log = this.#log.owner(element);
    const run = log.runOfElement(element);
    const inRun = element - log.inserts[run * INSERT_STRIDE + 1];
    const key = this.#keys[log.index][run];
    return inRun === 0 ? key : (Math.floor(key / RANGE) + inRun) * RANGE;
  }

  /** `d` of `element`; -1 for the start of the text. */
  depth(element: number): number {
    return element === NONE ? -1 : Math.floor(this.key(element) / RANGE);
  }

  /** The key that a left child of `element` has. */
  leftChildKey(element: number): number {
    return this.key(element) + 1;
  }

  /** The key that a right child of `element` has. */
  rightChildKey(element: number): number {
    return (this.depth(element) + 1) * RANGE;
  }

  /** The first element behind everything that descends from `element` by left origins; NONE at the end of the text. */
  endOfSubtree(element: number): number {
    return this.near(element, this.rightChildKey(element) - 1, 1);
  }

  /**
   * The nearest element right of `element` (`step` 1; NONE: of the start), or left of it (-1), whose key is at most `bound`, or
   * NONE. O(log n).
   */
  near(element: number, bound: number, step: Step): number {
    const { stride, slots, counts, parents } = this.#tree;
    if (element === NONE) return this.#below(this.#tree.root, bound, step);
    this.#index.find(element);
    const { leaf, at } = this.#index;
    const inSpan = this.#inSpan(at, element, bound, step);
    const found = inSpan === NONE ? this.#inLeaf(leaf, at + 2 * step, bound, step) : inSpan;
    if (found !== NONE) return found;
    for (let node = leaf; parents[node] >= 0; node = parents[node]) {
      const base = parents[node] * stride;
      const end = base + counts[parents[node]];
      let sibling = base + this.#tree.placeInParent(node) + step;
      for (; sibling >= base && sibling < end; sibling += step) {
        if (this.#least[slots[sibling]] <= bound) return this.#below(slots[sibling], bound, step);
      }
    }
    return NONE;
  }

  leafSplit(leaf: number, right: number): void {
    this.#least[leaf] = this.#leastOfLeaf(leaf);
    this.#least[right] = this.#leastOfLeaf(right);
  }

  innerChanged(node: number): void {
    this.#least[node] = this.#leastOfChildren(node);
  }

  /** The same behind `element` in its own span, at `at`. */
  #inSpan(at: number, element: number, bound: number, step: Step): number {
    const { slots } = this.#tree;
    const first = slots[at];
    if (step > 0) {
      // Inside a span each element is one deeper than the one before: beyond the next there is nothing to find.
      const isLast = element + 1 === first + Math.abs(slots[at + 1]);
      return !isLast && this.key(element + 1) <= bound ? element + 1 : NONE;
    }
    /* v8 ignore next -- Who is asked about begins its span: else the gap before it is the one there is. @preserve */
    return element > first && this.key(first) <= bound
      ? this.#lastInSpan(first, element - first, bound)
      : NONE;
  }

  /** The same, from the end of `subtree` at which one comes in; there is one. */
  #below(subtree: number, bound: number, step: Step): number {
    const { stride, slots, counts } = this.#tree;
    let node = subtree;
    while (!this.#tree.isLeaf(node)) {
      let at = node * stride + (step > 0 ? 0 : counts[node] - 1);
      while (this.#least[slots[at]] > bound) at += step;
      node = slots[at];
    }
    return this.#inLeaf(node, step > 0 ? node * stride : this.#tree.endOf(node) - 2, bound, step);
  }

  #inLeaf(leaf: number, from: number, bound: number, step: Step): number {
    const { stride, slots } = this.#tree;
    for (let at = from, end = this.#tree.endOf(leaf); at >= leaf * stride && at < end; at += 2 * step) {
      if (this.key(slots[at]) > bound) continue;
      return step > 0 ? slots[at] : this.#lastInSpan(slots[at], Math.abs(slots[at + 1]), bound);
    }
    return NONE;
  }

  /**
   * The last of `count` elements from `first` on, each one deeper than the one before, whose key is at most `bound`; that
   * of `first` is. All behind it are no left children, so their depth alone decides.
   */
  #lastInSpan(first: number, count: number, bound: number): number {
    return first + Math.min(count - 1, Math.floor(bound / RANGE) - this.depth(first));
  }

  /** Notes the least keys of `node` and all below it. Recursion as deep as the tree is high. */
  #build(node: number): void {
    if (this.#tree.isLeaf(node)) this.#least[node] = this.#leastOfLeaf(node);
    else {
      const { stride, slots, counts } = this.#tree;
      for (let i = 0; i < counts[node]; i++) this.#build(slots[node * stride + i]);
      this.#least[node] = this.#leastOfChildren(node);
    }
  }

  #leastOfLeaf(leaf: number): number {
    const { stride, slots } = this.#tree;
    let least = Number.POSITIVE_INFINITY;
    for (let at = leaf * stride; at < this.#tree.endOf(leaf); at += 2) {
      least = Math.min(least, this.key(slots[at]));
    }
    return least;
  }

  #leastOfChildren(node: number): number {
    const { stride, slots, counts } = this.#tree;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < counts[node]; i++) least = Math.min(least, this.#least[slots[node * stride + i]]);
    return least;
  }

  #runLength(element: number): number {
    const log = this.#log.owner(element);
    return log.inserts[log.runOfElement(element) * INSERT_STRIDE + 2];
  }
}
