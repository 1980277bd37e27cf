import type { Characters } from "./characters.js";
import { RankedList } from "./ranked-list.js";
import type { SpanTree, SplitObserver } from "./span-tree.js";

const LINE_FEED = 10;
const UNKNOWN = -1;

/**
 * Visible line breaks below each node of the tree, made at the first question about lines and counted when asked: an
 * edit only marks its leaf and what is above it, once, so typing between two questions costs next to nothing. Line
 * breaks are a sorted list of element numbers, hence a span is counted by two binary searches.
 */
export class LineIndex implements SplitObserver {
  readonly #tree: SpanTree;
  readonly #characters: Characters;
  readonly #breaks = new RankedList();
  /** Elements already searched for line breaks. */
  #scanned = 0;
  #counts: number[] = [];

  constructor(tree: SpanTree) {
    this.#tree = tree;
    this.#characters = tree.characters;
    this.reset();
    tree.observers.push(this);
  }

  /** Forgets all counts: the tree was filled anew. */
  reset(): void {
    this.#counts = new Array<number>(this.#tree.nodes).fill(UNKNOWN);
    this.#scanned = Math.min(this.#scanned, this.#characters.length);
    this.#breaks.truncate(this.#scanned);
  }

  /** The visible text of `leaf` has changed. Amortised O(1) between two questions. */
  touch(leaf: number): void {
    for (let node = leaf; node >= 0 && this.#counts[node] !== UNKNOWN; node = this.#tree.parents[node]) {
      this.#counts[node] = UNKNOWN;
    }
  }

  leafSplit(leaf: number, right: number): void {
    this.touch(leaf);
    this.#counts[right] = UNKNOWN;
  }

  innerChanged(node: number): void {
    this.#counts[node] = 0; // Whatever it was: touch stops at what is unknown.
    this.touch(node);
  }

  /** Visible line breaks before the place `units` behind the start of the span at `place` of `leaf`. O(log n), amortised. */
  breaksBefore(leaf: number, place: number, units: number): number {
    this.#scan();
    const { parents, slots, stride } = this.#tree;
    let breaks = this.#inElements(slots[place], this.#characters.elementsIn(slots[place], units));
    for (let at = leaf * stride; at < place; at += 2) breaks += this.#inElements(slots[at], slots[at + 1]);
    let level = 0;
    for (let node = leaf; parents[node] >= 0; node = parents[node], level++) {
      for (let at = parents[node] * stride; slots[at] !== node; at++) breaks += this.#below(slots[at], level);
    }
    return breaks;
  }

  /** Visible line breaks of the whole text. */
  total(): number {
    this.#scan();
    return this.#below(this.#tree.root, this.#tree.height);
  }

  /** The offset just behind the visible line break number `number`, in [1, total]. O(log n). */
  offsetBehind(number: number): number {
    this.#scan();
    const { slots, stride, units, root, height } = this.#tree;
    let left = number;
    let offset = 0;
    let node = root;
    for (let level = height; level > 0; level--) {
      let at = node * stride;
      for (
        let count = this.#below(slots[at], level - 1);
        left > count;
        count = this.#below(slots[at], level - 1)
      ) {
        left -= count;
        offset += units[slots[at++]];
      }
      node = slots[at];
    }
    return offset + this.#offsetInLeaf(node, left);
  }

  #offsetInLeaf(leaf: number, number: number): number {
    const { slots, stride } = this.#tree;
    let left = number;
    let offset = 0;
    let at = leaf * stride;
    for (
      let count = this.#inElements(slots[at], slots[at + 1]);
      left > count;
      count = this.#inElements(slots[at], slots[at + 1])
    ) {
      left -= count;
      offset += this.#tree.width(at);
      at += 2;
    }
    const first = slots[at];
    const element = this.#breaks.rows[this.#breaks.rank(first) + left - 1];
    return offset + this.#characters.width(first, element + 1 - first);
  }

  /** Line breaks below `node`, which stands `level` levels above the leaves. Recursion as deep as the tree is high. */
  #below(node: number, level: number): number {
    if (this.#counts[node] !== UNKNOWN) return this.#counts[node];
    const { slots, stride, counts } = this.#tree;
    let breaks = 0;
    for (let i = 0, at = node * stride; i < counts[node]; i++) {
      breaks +=
        level === 0
          ? this.#inElements(slots[at + 2 * i], slots[at + 2 * i + 1])
          : this.#below(slots[at + i], level - 1);
    }
    this.#counts[node] = breaks;
    return breaks;
  }

  /** Line breaks among `count` elements from `first` on; none when `count` is negative, as it is of dead ones. */
  #inElements(first: number, count: number): number {
    return count <= 0 ? 0 : this.#breaks.rank(first + count) - this.#breaks.rank(first);
  }

  #scan(): void {
    for (; this.#scanned < this.#characters.length; this.#scanned++) {
      if (this.#characters.at(this.#scanned) === LINE_FEED) this.#breaks.push(this.#scanned);
    }
  }
}
