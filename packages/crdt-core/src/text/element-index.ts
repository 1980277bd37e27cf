import { grown } from "../columns.js";
import type { SpanTree, SplitObserver } from "./span-tree.js";

/** log2 of the elements that share one entry. */
const BLOCK_BITS = 4;
const EMPTY = -1;
/** A list this long is searched for leaves that no longer hold anything of its block. */
const PRUNE_FROM = 4;

/**
 * Element -> leaf. One entry for each block of 16 elements: a leaf, or a list of candidate leaves. Candidates are a
 * superset: a split adds the new leaf and leaves the old entry standing, and a look-up that meets a stale one takes
 * it out. Costs 0.44 bytes an element, where a flat array would cost 4 (automerge-paper).
 */
export class ElementIndex implements SplitObserver {
  readonly #tree: SpanTree;
  /** For each block: a leaf, EMPTY, or `-2 - list` for the head of a list. */
  #heads = new Int32Array(0);
  /** Lists, two ints an entry: a leaf and the next entry, or -1. */
  #lists = new Int32Array(16);
  #listLength = 0;
  #free = -1;

  #isBuilt = false;
  /** Where `find` has found its element. */
  leaf = 0;
  at = 0;

  constructor(tree: SpanTree) {
    this.#tree = tree;
  }

  /** Forgets everything: the tree was filled anew. */
  reset(): void {
    this.leaf = this.#tree.firstLeaf;
    this.at = this.leaf * this.#tree.stride;
    if (!this.#isBuilt) return;
    this.#isBuilt = false;
    this.#heads = new Int32Array(0);
    this.#listLength = 0;
    this.#free = -1;
    this.#tree.observers.splice(this.#tree.observers.indexOf(this), 1);
  }

  /** Notes that `count` elements from `first` on stand in `leaf`. O(1) mostly. */
  add(first: number, count: number, leaf: number): void {
    if (!this.#isBuilt) return;
    const last = (first + count - 1) >> BLOCK_BITS;
    if (last >= this.#heads.length) this.#widen(last + 1);
    for (let block = first >> BLOCK_BITS; block <= last; block++) {
      if (this.#heads[block] !== leaf) this.#addToBlock(block, leaf);
    }
  }

  /**
   * Finds the span of `element`: sets `leaf`, and `at`, its place in the tree's slots. Looks at the span found last, then in
   * its leaf, and only then into the index, which is built when it is first needed (O(elements / 16), 0.3 ms for
   * automerge-paper).
   */
  find(element: number): void {
    const { slots } = this.#tree;
    const offset = element - slots[this.at];
    if (offset < 0 || offset >= Math.abs(slots[this.at + 1]) || this.at >= this.#tree.endOf(this.leaf))
      this.#search(element);
  }

  /** Negative when `a` stands left of `b`. Both are elements. O(log n). */
  compare(a: number, b: number): number {
    this.find(a);
    const { leaf, at } = this;
    this.find(b);
    if (leaf !== this.leaf) return this.#tree.compareLeaves(leaf, this.leaf);
    return at - this.at || a - b;
  }

  /** Looks in the leaf found last, and then in those that share the element's block, at most 16 of them, amortised. */
  #search(element: number): void {
    if (this.#isIn(this.leaf, element)) return;
    if (!this.#isBuilt) this.#build();
    const block = element >> BLOCK_BITS;
    const head = this.#heads[block];
    if (head >= 0 && this.#isIn(head, element)) return;
    let steps = 0;
    for (let entry = -2 - head, before = -1; entry >= 0; ) {
      const leaf = this.#lists[entry];
      const next = this.#lists[entry + 1];
      if (this.#isIn(leaf, element)) return;
      if (++steps > PRUNE_FROM && !this.#holdsBlock(leaf, block)) this.#unlink(before, entry);
      else before = entry;
      entry = next;
    }
    throw new Error(`element ${element} is in no leaf`); // Only if the index has missed a split.
  }

  /** Whether `element` is in `leaf`, which is where it was found then. */
  #isIn(leaf: number, element: number): boolean {
    this.leaf = leaf;
    this.at = this.#tree.placeIn(leaf, element);
    return this.at >= 0;
  }

  #build(): void {
    this.#isBuilt = true;
    this.#tree.observers.push(this);
    this.#widen((this.#tree.characters.length >> BLOCK_BITS) + 1);
    for (let leaf = this.#tree.firstLeaf; leaf >= 0; leaf = this.#tree.nexts[leaf]) this.#addLeaf(leaf);
  }

  leafSplit(_leaf: number, right: number): void {
    this.#addLeaf(right);
  }

  innerChanged(): void {}

  #addLeaf(leaf: number): void {
    const { slots, stride } = this.#tree;
    for (let at = leaf * stride, end = this.#tree.endOf(leaf); at < end; at += 2)
      this.add(slots[at], Math.abs(slots[at + 1]), leaf);
  }

  #addToBlock(block: number, leaf: number): void {
    const head = this.#heads[block];
    if (head === EMPTY) this.#heads[block] = leaf;
    else if (head >= 0) this.#heads[block] = -2 - this.#entry(leaf, this.#entry(head, -1));
    else if (!this.#listHas(-2 - head, leaf)) {
      this.#heads[block] = -2 - this.#entry(leaf, -2 - head);
    }
  }

  #listHas(first: number, leaf: number): boolean {
    for (let entry = first; entry >= 0; entry = this.#lists[entry + 1]) {
      if (this.#lists[entry] === leaf) return true;
    }
    return false;
  }

  #entry(leaf: number, next: number): number {
    let entry = this.#free;
    if (entry >= 0) this.#free = this.#lists[entry + 1];
    else {
      entry = this.#listLength;
      this.#listLength += 2;
      this.#lists = grown(this.#lists, this.#listLength);
    }
    this.#lists[entry] = leaf;
    this.#lists[entry + 1] = next;
    return entry;
  }

  /** Takes out an entry that is not the first of its list. */
  #unlink(before: number, entry: number): void {
    this.#lists[before + 1] = this.#lists[entry + 1];
    this.#lists[entry + 1] = this.#free;
    this.#free = entry;
  }

  #holdsBlock(leaf: number, block: number): boolean {
    const { slots, stride } = this.#tree;
    const first = block << BLOCK_BITS;
    const end = first + (1 << BLOCK_BITS);
    for (let at = leaf * stride, last = this.#tree.endOf(leaf); at < last; at += 2) {
      if (slots[at] < end && slots[at] + Math.abs(slots[at + 1]) > first) return true;
    }
    return false;
  }

  #widen(blocks: number): void {
    const known = this.#heads.length;
    this.#heads = grown(this.#heads, blocks);
    this.#heads.fill(EMPTY, known);
  }
}
