import { grown, type Ints } from "../columns.js";
import { NONE } from "../log/replica-log.js";
import type { Characters } from "./characters.js";

/** How many spans a leaf and how many children an inner node holds. Small in tests, where splits are what is sought. */
export interface TreeShape {
  readonly leafCapacity: number;
  readonly fanOut: number;
}

/** A leaf of 32 spans is 256 bytes: a few cache lines to shift, and a tree of two levels above 10,000 spans. */
export const TREE_SHAPE: TreeShape = { leafCapacity: 32, fanOut: 32 };

/** What stands in `nexts` for a node that is no leaf. */
const INNER = -2;

/** Who keeps something for each node of the tree, and must know when nodes divide. */
export interface SplitObserver {
  /** The spans from some place of `leaf` on were moved to `right`, a new leaf behind it. */
  leafSplit(leaf: number, right: number): void;
  /** The children of `node` have changed: it was divided, or is new. Told from the bottom upwards. */
  innerChanged(node: number): void;
}

/**
 * The order of all elements, dead ones included: a balanced tree over spans `[first element, length]`, the length
 * negative where the elements are dead. Leaves and inner nodes share one pool, so that a climb needs no case:
 *
 *     slots    stride ints a node   leaf: span, span ...   inner node: child, child ...
 *     counts   spans, or children   units    visible UTF-16 units below
 *     parents  -1 at the root       nexts    the leaf to the right, -1 at the end, INNER for inner nodes
 *
 * Spans cost 8 bytes; there is no object for a run, a node or an element.
 */
export class SpanTree {
  readonly leafCapacity: number;
  readonly fanOut: number;
  readonly stride: number;
  readonly characters: Characters;
  slots: Ints;
  counts = new Int32Array(1);
  units = new Int32Array(1);
  parents = new Int32Array(1).fill(-1);
  nexts = new Int32Array(1).fill(-1);
  nodes = 1;
  root = 0;
  /** Levels of inner nodes above the leaves. */
  height = 0;
  /** Visible UTF-16 units of the whole text. */
  length = 0;
  readonly observers: SplitObserver[] = [];

  constructor(characters: Characters, shape: TreeShape) {
    this.characters = characters;
    this.leafCapacity = shape.leafCapacity;
    this.fanOut = shape.fanOut;
    this.stride = Math.max(shape.leafCapacity * 2, shape.fanOut);
    this.slots = new Int32Array(this.stride);
  }

  /** The leftmost leaf. */
  get firstLeaf(): number {
    let node = this.root;
    while (!this.isLeaf(node)) node = this.slots[node * this.stride];
    return node;
  }

  /** The rightmost leaf. */
  get lastLeaf(): number {
    let node = this.root;
    while (!this.isLeaf(node)) node = this.slots[node * this.stride + this.counts[node] - 1];
    return node;
  }

  isLeaf(node: number): boolean {
    return this.nexts[node] !== INNER;
  }

  /** The place in `slots` behind the spans of `leaf`. */
  endOf(leaf: number): number {
    return leaf * this.stride + this.counts[leaf] * 2;
  }

  /** UTF-16 units that the text shows of the span at `at`. */
  width(at: number): number {
    const length = this.slots[at + 1];
    return length <= 0 ? 0 : this.characters.width(this.slots[at], length);
  }

  /** The element behind the first `inside` elements of the span at `at` of `leaf`; NONE at the end. */
  elementBehind(leaf: number, at: number, inside: number): number {
    const { slots } = this;
    const end = this.endOf(leaf);
    if (at < end && inside < Math.abs(slots[at + 1])) return slots[at] + inside;
    if (at + 2 < end) return slots[at + 2];
    const next = this.nexts[leaf];
    return next < 0 ? NONE : slots[next * this.stride];
  }

  /** The place of the span of `leaf` that holds `element`, or -1. */
  placeIn(leaf: number, element: number): number {
    const { slots } = this;
    const end = this.endOf(leaf);
    for (let at = leaf * this.stride; at < end; at += 2) {
      const offset = element - slots[at];
      if (offset >= 0 && offset < Math.abs(slots[at + 1])) return at;
    }
    return -1;
  }

  /** Visible units before `leaf`. O(log n). */
  startOf(leaf: number): number {
    let start = 0;
    for (
      let node = leaf, parent = this.parents[node];
      parent >= 0;
      node = parent, parent = this.parents[node]
    ) {
      for (let at = parent * this.stride; this.slots[at] !== node; at++) start += this.units[this.slots[at]];
    }
    return start;
  }

  /** Adds `units` to `node` and all above it. O(log n). */
  addUnits(node: number, units: number): void {
    for (let above = node; above >= 0; above = this.parents[above]) this.units[above] += units;
  }

  /** The place of `node` among the children of its parent. */
  placeInParent(node: number): number {
    const base = this.parents[node] * this.stride;
    let place = 0;
    while (this.slots[base + place] !== node) place++;
    return place;
  }

  /** Negative when leaf `a` stands left of leaf `b`, positive when right of it. They are two, and both in the tree. O(log n). */
  compareLeaves(a: number, b: number): number {
    let left = a;
    let right = b;
    while (this.parents[left] !== this.parents[right]) {
      left = this.parents[left];
      right = this.parents[right];
    }
    return this.placeInParent(left) - this.placeInParent(right);
  }

  /** Makes `count` empty slots at `from`. The leaf has room for them. */
  open(leaf: number, from: number, count: number): void {
    const { slots } = this;
    for (let at = this.endOf(leaf) - 1; at >= from; at--) slots[at + count * 2] = slots[at];
    this.counts[leaf] += count;
  }

  /** Takes out `count` slots at `from`. */
  close(leaf: number, from: number, count: number): void {
    const { slots } = this;
    this.counts[leaf] -= count;
    for (let at = from, end = this.endOf(leaf); at < end; at++) slots[at] = slots[at + count * 2];
  }

  /** Moves the spans from `from` on to a new leaf behind `leaf`, and returns it. Amortised O(log n). */
  splitLeaf(leaf: number, from: number): number {
    const right = this.#allocate();
    const { stride, slots, counts } = this;
    slots.copyWithin(right * stride, from, this.endOf(leaf));
    counts[right] = (this.endOf(leaf) - from) >> 1;
    counts[leaf] -= counts[right];
    let moved = 0;
    for (let at = right * stride; at < this.endOf(right); at += 2) moved += this.width(at);
    this.units[right] = moved;
    this.units[leaf] -= moved;
    this.nexts[right] = this.nexts[leaf];
    this.nexts[leaf] = right;
    for (const observer of this.observers) observer.leafSplit(leaf, right);
    this.#insertChild(leaf, right);
    return right;
  }

  /**
   * Fills an empty tree with `count` spans in document order, leaves to 13 of 16 so that the first edits find room.
   * O(count).
   */
  fill(spans: Int32Array, count: number): void {
    const perLeaf = Math.max(1, Math.floor((this.leafCapacity * 13) / 16));
    const leaves = Math.max(1, Math.ceil(count / perLeaf));
    this.#reset(leaves + Math.ceil((leaves * 2) / this.fanOut) + 4);
    for (let leaf = 0; leaf < leaves; leaf++) {
      const spansHere = spans.subarray(leaf * perLeaf * 2, Math.min(count, (leaf + 1) * perLeaf) * 2);
      this.slots.set(spansHere, leaf * this.stride);
      this.counts[leaf] = spansHere.length >> 1;
      this.nexts[leaf] = leaf + 1 < leaves ? leaf + 1 : -1;
      this.parents[leaf] = -1;
      for (let at = leaf * this.stride; at < this.endOf(leaf); at += 2) this.units[leaf] += this.width(at);
    }
    this.nodes = leaves;
    this.#buildLevels(leaves);
    this.length = this.units[this.root];
  }

  #buildLevels(leaves: number): void {
    const perNode = Math.max(2, Math.floor((this.fanOut * 3) / 4));
    let first = 0;
    let count = leaves;
    for (this.height = 0; count > 1; this.height++) {
      const above = this.nodes;
      for (let child = first; child < first + count; child++) {
        const index = Math.floor((child - first) / perNode);
        if (above + index === this.nodes) this.#allocate();
        const parent = above + index;
        this.slots[parent * this.stride + this.counts[parent]++] = child;
        this.parents[child] = parent;
        this.units[parent] += this.units[child];
      }
      first = above;
      count = this.nodes - above;
    }
    this.root = first;
  }

  #reset(nodes: number): void {
    this.slots = this.counts = this.units = this.parents = this.nexts = new Int32Array();
    this.#widen(nodes);
  }

  #allocate(): number {
    const node = this.nodes++;
    if (node >= this.counts.length) this.#widen(this.nodes);
    this.parents[node] = -1;
    this.nexts[node] = INNER;
    return node;
  }

  #widen(nodes: number): void {
    this.counts = grown(this.counts, nodes);
    const capacity = this.counts.length;
    this.units = grown(this.units, capacity);
    this.parents = grown(this.parents, capacity);
    this.nexts = grown(this.nexts, capacity);
    this.slots = grown(this.slots, capacity * this.stride);
  }

  /** Hangs `added`, split off `node`, behind it; divides full nodes on the way up. */
  #insertChild(node: number, added: number): void {
    for (let left = node, right = added; right >= 0; ) {
      if (this.parents[left] < 0) this.#growRoot(left);
      const parent = this.parents[left];
      const half = this.counts[parent] < this.fanOut ? -1 : this.#splitInner(parent);
      this.#hang(left, right);
      this.#tellChanged(parent);
      if (half >= 0) this.#tellChanged(half);
      left = parent;
      right = half;
    }
  }

  /** Puts `right` behind `left` under the same parent, which has room. */
  #hang(left: number, right: number): void {
    const parent = this.parents[left];
    const base = parent * this.stride;
    const place = this.placeInParent(left) + 1;
    this.slots.copyWithin(base + place + 1, base + place, base + this.counts[parent]);
    this.slots[base + place] = right;
    this.counts[parent]++;
    this.parents[right] = parent;
  }

  /** Moves the second half of the children of `node` to a new node, and returns that. */
  #splitInner(node: number): number {
    const half = this.#allocate();
    const { stride, slots, counts } = this;
    const kept = counts[node] >> 1;
    slots.copyWithin(half * stride, node * stride + kept, node * stride + counts[node]);
    counts[half] = counts[node] - kept;
    counts[node] = kept;
    for (let i = 0; i < counts[half]; i++) this.parents[slots[half * stride + i]] = half;
    return half;
  }

  #growRoot(child: number): void {
    this.root = this.#allocate();
    this.slots[this.root * this.stride] = child;
    this.counts[this.root] = 1;
    this.parents[child] = this.root;
    this.height++;
  }

  /** Counts the units below `node` anew, whose children have changed. */
  #tellChanged(node: number): void {
    const { stride, slots, counts, units } = this;
    units[node] = 0;
    for (let i = 0; i < counts[node]; i++) units[node] += units[slots[node * stride + i]];
    for (const observer of this.observers) observer.innerChanged(node);
  }
}
