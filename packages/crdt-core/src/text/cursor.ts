import type { OperationLog } from "../log/operation-log.js";
import type { Characters } from "./characters.js";
import type { ElementIndex } from "./element-index.js";
import type { LineIndex } from "./line-index.js";
import type { SpanTree } from "./span-tree.js";

/** Every edit of a leaf adds at most two spans. */
const SPANS_PER_EDIT = 2;

/**
 * The place of the last edit, where the next one mostly is: a leaf, a span in it, and the units before both. All
 * edits of the tree are made here, local and remote alike. Sums climb to the parents only when the cursor leaves its
 * leaf, so typing touches one leaf and nothing else.
 */
export class Cursor {
  readonly #tree: SpanTree;
  readonly #characters: Characters;
  readonly #log: OperationLog;
  readonly #index: ElementIndex;
  leaf = 0;
  slot = 0;
  /** Visible units before the leaf. */
  start = 0;
  /** Visible units of the leaf before the span. */
  before = 0;
  /** Units already counted in the leaf, but not yet above it. */
  #pending = 0;
  lines: LineIndex | undefined = undefined;

  constructor(tree: SpanTree, index: ElementIndex, log: OperationLog) {
    this.#tree = tree;
    this.#characters = tree.characters;
    this.#index = index;
    this.#log = log;
  }

  /** Visible UTF-16 units of the whole text. */
  get length(): number {
    return this.#tree.height === 0 ? this.#tree.length : this.#tree.length + this.#pending;
  }

  /** Goes to the start of a tree that was filled anew. */
  restart(): void {
    this.#pending = 0;
    this.toStart();
  }

  /** Goes to the first slot of the text; its span may be dead. */
  toStart(): void {
    this.flush();
    this.leaf = this.#tree.firstLeaf;
    this.slot = 0;
    this.start = 0;
    this.before = 0;
  }

  /**
   * Goes to the visible span that holds the unit left of `offset`, in [1, length].
   * Amortised O(1) near the last place, else O(log n).
   */
  seek(offset: number): void {
    const inLeaf = offset - this.start;
    if (inLeaf <= 0 || inLeaf > this.#tree.units[this.leaf]) this.#descend(offset);
    const units = offset - this.start;
    while (this.before >= units) this.before -= this.#tree.width(this.leaf, --this.slot);
    for (let width = this.#width(); this.before + width < units; width = this.#width()) {
      this.before += width;
      this.slot++;
    }
  }

  /** Goes to the span at `slot` of `leaf`. O(log n), O(1) in the cursor's own leaf. */
  enter(leaf: number, slot: number): void {
    if (leaf !== this.leaf) {
      this.flush();
      this.leaf = leaf;
      this.start = this.#tree.startOf(leaf);
      this.slot = 0;
      this.before = 0;
    }
    while (this.slot < slot) this.before += this.#tree.width(leaf, this.slot++);
    while (this.slot > slot) this.before -= this.#tree.width(leaf, --this.slot);
  }

  /** Brings the sums above the leaf up to date. To be called before the sums of other nodes are read. */
  flush(): void {
    if (this.#pending === 0) return;
    const pending = this.#pending;
    this.#pending = 0;
    this.#tree.addUnits(this.#tree.parents[this.leaf], pending);
  }

  /**
   * Puts `count` new visible elements, from `element` on, behind the first `inside` elements of the current span (0:
   * before it), and stays at the span that holds them. Returns the offset at which they stand.
   * `isChained`: the left origin of `element` is the element numbered before it.
   */
  insert(inside: number, element: number, count: number, isChained: boolean): number {
    const offset = this.start + this.before + this.#widthOfFirst(inside);
    if (!isChained || !this.#lengthen(inside, element, count))
      this.#write(this.#open(inside), element, count);
    this.#index.add(element, count, this.leaf);
    this.#count(this.#characters.width(element, count));
    return offset;
  }

  /** Makes `count` elements of the current span dead, from its element number `inside` on. They were visible. */
  kill(inside: number, count: number): void {
    const at = this.#at();
    const { slots } = this.#tree;
    const first = slots[at] + inside;
    const length = slots[at + 1];
    const width = this.#characters.width(first, count);
    if (inside === 0 && count === length) this.#killWhole(at);
    else if (inside === 0) this.#killFront(at, count);
    else if (inside + count === length) this.#killBack(at, count);
    else this.#killMiddle(inside, count);
    this.#count(-width);
  }

  /** Lengthens the current span, or says that it cannot be. */
  #lengthen(inside: number, element: number, count: number): boolean {
    const at = this.#at();
    const { slots } = this.#tree;
    const length = slots[at + 1];
    if (inside === 0 || inside !== length || slots[at] + length !== element) return false;
    slots[at + 1] = length + count;
    return true;
  }

  /** Opens a slot behind the first `inside` elements of the span, and goes there. Returns its place. */
  #open(inside: number): number {
    this.#makeRoom();
    const at = this.#at();
    const { slots } = this.#tree;
    const length = slots[at + 1];
    if (inside === 0) {
      this.#tree.open(this.leaf, this.slot, 1);
      return at;
    }
    if (inside === Math.abs(length)) this.#tree.open(this.leaf, this.slot + 1, 1);
    else {
      this.#tree.open(this.leaf, this.slot + 1, 2);
      slots[at + 1] = length < 0 ? -inside : inside;
      this.#write(at + 4, slots[at] + inside, length - slots[at + 1]);
    }
    this.before += this.#tree.width(this.leaf, this.slot++);
    return at + 2;
  }

  #killWhole(at: number): void {
    const { slots } = this.#tree;
    slots[at + 1] = -slots[at + 1];
    if (this.#isDeadNeighbour(at + 2, slots[at] - slots[at + 1])) {
      slots[at + 1] += slots[at + 3];
      this.#tree.close(this.leaf, this.slot + 1, 1);
    }
    if (this.slot > 0 && this.#joinsBefore(at)) {
      slots[at - 1] += slots[at + 1];
      this.#tree.close(this.leaf, this.slot, 1);
      this.slot--;
    }
  }

  #killFront(at: number, count: number): void {
    let rest = at;
    if (this.slot > 0 && this.#joinsBefore(at)) this.#tree.slots[at - 1] -= count;
    else {
      this.#makeRoom();
      const dead = this.#at();
      this.#tree.open(this.leaf, this.slot, 1);
      this.#tree.slots[dead + 1] = -count;
      rest = dead + 2;
    }
    this.#tree.slots[rest] += count;
    this.#tree.slots[rest + 1] -= count;
  }

  #killBack(at: number, count: number): void {
    const { slots } = this.#tree;
    const end = slots[at] + slots[at + 1];
    if (this.#isDeadNeighbour(at + 2, end)) {
      slots[at + 2] -= count;
      slots[at + 3] -= count;
      slots[at + 1] -= count;
      return;
    }
    this.#makeRoom(); // May put another array in the place of `slots`.
    const rest = this.#at();
    this.#tree.open(this.leaf, this.slot + 1, 1);
    this.#write(rest + 2, end - count, -count);
    this.#tree.slots[rest + 1] -= count;
  }

  #killMiddle(inside: number, count: number): void {
    this.#makeRoom();
    const at = this.#at();
    const { slots } = this.#tree;
    const first = slots[at];
    const behind = slots[at + 1] - inside - count;
    this.#tree.open(this.leaf, this.slot + 1, 2);
    slots[at + 1] = inside;
    this.#write(at + 2, first + inside, -count);
    this.#write(at + 4, first + inside + count, behind);
  }

  /** Whether the span at `at` is a dead one of this leaf that goes on from the element before `first`. */
  #isDeadNeighbour(at: number, first: number): boolean {
    const { slots, stride, counts } = this.#tree;
    if (at >= this.leaf * stride + counts[this.leaf] * 2) return false;
    return slots[at + 1] < 0 && slots[at] === first && this.#log.follows(first);
  }

  /** Whether the span before the one at `at` is dead and the one at `at` goes on from it. */
  #joinsBefore(at: number): boolean {
    const { slots } = this.#tree;
    const length = slots[at - 1];
    return length < 0 && slots[at - 2] - length === slots[at] && this.#log.follows(slots[at]);
  }

  /** Room for one edit, made before anything is touched: from there on an edit only shifts ints. */
  #makeRoom(): void {
    const count = this.#tree.counts[this.leaf];
    if (count + SPANS_PER_EDIT <= this.#tree.leafCapacity) return;
    this.flush();
    // At the end of a leaf the old one stays nearly full: text typed there goes on in the new one.
    const middle = this.slot >= count - 1 ? count - 1 : count >> 1;
    const right = this.#tree.splitLeaf(this.leaf, middle);
    if (this.slot < middle) return;
    const moved = this.#tree.units[this.leaf];
    this.start += moved;
    this.before -= moved;
    this.leaf = right;
    this.slot -= middle;
  }

  #descend(offset: number): void {
    this.flush();
    const { slots, stride, units, height, root } = this.#tree;
    let node = root;
    let start = 0;
    for (let level = height; level > 0; level--) {
      let at = node * stride;
      while (start + units[slots[at]] < offset) start += units[slots[at++]];
      node = slots[at];
    }
    this.leaf = node;
    this.start = start;
    this.slot = 0;
    this.before = 0;
  }

  /** Counts `units` more in this leaf; above it when the cursor leaves. */
  #count(units: number): void {
    this.#tree.units[this.leaf] += units;
    this.#pending += units;
    if (this.lines !== undefined) this.lines.touch(this.leaf);
  }

  #write(at: number, element: number, length: number): void {
    this.#tree.slots[at] = element;
    this.#tree.slots[at + 1] = length;
  }

  #widthOfFirst(count: number): number {
    const at = this.#at();
    const { slots } = this.#tree;
    return count === 0 || slots[at + 1] < 0 ? 0 : this.#characters.width(slots[at], count);
  }

  /** Where the current span stands in the tree's slots. */
  #at(): number {
    return this.leaf * this.#tree.stride + this.slot * 2;
  }

  #width(): number {
    return this.#tree.width(this.leaf, this.slot);
  }
}
