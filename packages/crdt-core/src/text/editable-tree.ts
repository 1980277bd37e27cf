import type { OperationLog } from "../log/operation-log.js";
import type { Characters } from "./characters.js";
import type { LineIndex } from "./line-index.js";
import { SpanTree, type TreeShape } from "./span-tree.js";

/** Every edit of a leaf adds at most two spans. */
const SPANS_PER_EDIT = 2;

/**
 * The tree with a cursor in it: the place of the last edit, where the next one mostly is. All edits are made there, local
 * and remote alike. Sums climb to the parents only when the cursor leaves its leaf, so typing touches one leaf and
 * nothing else.
 */
export class EditableTree extends SpanTree {
  readonly #log: OperationLog;
  /** The leaf of the cursor, and the place of its span in `slots`. */
  leaf = 0;
  at = 0;
  /** Visible units before the leaf. */
  start = 0;
  /** Visible units of the leaf before the span. */
  before = 0;
  /** Units already counted in the leaf, but not yet above it. */
  #pending = 0;
  lines: LineIndex | undefined;

  constructor(characters: Characters, log: OperationLog, shape: TreeShape) {
    super(characters, shape);
    this.#log = log;
  }

  override fill(spans: Int32Array, count: number): void {
    super.fill(spans, count);
    this.lines?.reset();
    this.#pending = 0;
    this.toStart();
  }

  /** Goes to the first span of the text, which may be dead. */
  toStart(): void {
    this.flush();
    this.leaf = this.firstLeaf;
    this.at = this.leaf * this.stride;
    this.start = 0;
    this.before = 0;
  }

  /**
   * Goes to the visible span that holds the unit left of `offset`, in [1, length].
   * Amortised O(1) near the last place, else O(log n).
   */
  seek(offset: number): void {
    const units = offset - this.start - this.before;
    if (units <= 0 || units > this.slots[this.at + 1]) this.#seekFar(offset);
  }

  /**
   * Goes to `offset`, in [0, length], and returns how many elements of the span there stand left of it: 0 at the start only.
   * @throws {CrdtError} `OUT_OF_RANGE` inside a surrogate pair.
   */
  goTo(offset: number): number {
    if (offset === 0) {
      this.toStart();
      return 0;
    }
    this.seek(offset);
    return this.characters.elementsIn(this.slots[this.at], offset - this.start - this.before);
  }

  /** Goes to the span at `at` of `leaf`. O(log n), O(1) in the cursor's own leaf. */
  enter(leaf: number, at: number): void {
    if (leaf !== this.leaf) this.#enterLeaf(leaf);
    while (this.at < at) {
      this.before += this.width(this.at);
      this.at += 2;
    }
    while (this.at > at) {
      this.at -= 2;
      this.before -= this.width(this.at);
    }
  }

  /** The offset behind the first `inside` elements of the current span. */
  offsetIn(inside: number): number {
    const { slots, at } = this;
    const offset = this.start + this.before;
    return slots[at + 1] < 0 ? offset : offset + this.characters.width(slots[at], inside);
  }

  /** Brings the sums above the leaf up to date. To be called before the sums of other nodes are read. */
  flush(): void {
    if (this.#pending === 0) return;
    this.addUnits(this.parents[this.leaf], this.#pending);
    this.#pending = 0;
  }

  /**
   * Puts `count` new visible elements, from `element` on, behind the first `inside` elements of the current span (0:
   * before it), and stays at the span that holds them.
   * `isChained`: the left origin of `element` is the element numbered before it.
   */
  insert(inside: number, element: number, count: number, isChained: boolean): void {
    const { slots, at } = this;
    if (isChained && inside > 0 && inside === slots[at + 1] && slots[at] + inside === element)
      slots[at + 1] = inside + count;
    else this.#write(this.#open(inside), element, count);
    this.#count(this.characters.width(element, count));
  }

  /** Makes `count` elements of the current span dead, from its element number `inside` on. They were visible. */
  kill(inside: number, count: number): void {
    const { slots, at } = this;
    const width = this.characters.width(slots[at] + inside, count);
    const joinsBefore = inside === 0 && at > this.leaf * this.stride && slots[at - 1] < 0 && this.#goesOn(at);
    const isBehind = inside + count === slots[at + 1] && at + 2 < this.endOf(this.leaf);
    const joinsBehind = isBehind && slots[at + 3] < 0 && this.#goesOn(at + 2);
    if (!joinsBefore && !joinsBehind) this.#cutOut(inside, count);
    else {
      slots[at + 1] -= count;
      if (joinsBefore) {
        slots[at] += count;
        slots[at - 1] -= count;
      } else {
        slots[at + 2] -= count;
        slots[at + 3] -= count;
      }
      if (slots[at + 1] === 0) this.#closeEmpty(joinsBefore, joinsBehind);
    }
    this.#count(-width);
  }

  #seekFar(offset: number): void {
    const inLeaf = offset - this.start;
    if (inLeaf <= 0 || inLeaf > this.units[this.leaf]) this.#descend(offset);
    const units = offset - this.start;
    while (this.before >= units) {
      this.at -= 2;
      this.before -= this.width(this.at);
    }
    for (let width = this.width(this.at); this.before + width < units; width = this.width(this.at)) {
      this.before += width;
      this.at += 2;
    }
  }

  #enterLeaf(leaf: number): void {
    this.flush();
    this.leaf = leaf;
    this.start = this.startOf(leaf);
    this.at = leaf * this.stride;
    this.before = 0;
  }

  /** Opens a slot behind the first `inside` elements of the span, and goes there. Returns its place. */
  #open(inside: number): number {
    this.#makeRoom();
    const { slots, at } = this;
    const length = slots[at + 1];
    if (inside === 0) {
      this.open(this.leaf, at, 1);
      return at;
    }
    if (inside === Math.abs(length)) this.open(this.leaf, at + 2, 1);
    else {
      this.open(this.leaf, at + 2, 2);
      slots[at + 1] = length < 0 ? -inside : inside;
      this.#write(at + 4, slots[at] + inside, length - slots[at + 1]);
    }
    this.before += this.width(at);
    this.at = at + 2;
    return this.at;
  }

  /** Takes the current span out, all of which the dead one before it has taken in, or the one behind; and joins the two. */
  #closeEmpty(joinsBefore: boolean, joinsBehind: boolean): void {
    const { slots, at } = this;
    const joinsBoth = joinsBefore && joinsBehind;
    if (joinsBoth) slots[at - 1] += slots[at + 3];
    this.close(this.leaf, at, joinsBoth ? 2 : 1);
    if (joinsBefore) this.at = at - 2;
  }

  /** Makes a dead span of its own out of elements of the current span, at most what is left of that on either side. */
  #cutOut(inside: number, count: number): void {
    this.#makeRoom(); // May put another array in the place of `slots`.
    const { slots, at } = this;
    const first = slots[at];
    const behind = slots[at + 1] - inside - count;
    this.open(this.leaf, at, (inside > 0 ? 1 : 0) + (behind > 0 ? 1 : 0));
    let to = at;
    if (inside > 0) {
      this.#write(to, first, inside);
      to += 2;
    }
    this.#write(to, first + inside, -count);
    if (behind > 0) this.#write(to + 2, first + inside + count, behind);
  }

  /** Whether the span at `at` goes on from the one before it in the leaf. */
  #goesOn(at: number): boolean {
    const { slots } = this;
    return slots[at - 2] + Math.abs(slots[at - 1]) === slots[at] && this.#log.follows(slots[at]);
  }

  /** Room for one edit, made before anything is touched: from there on an edit only shifts ints. */
  #makeRoom(): void {
    const count = this.counts[this.leaf];
    if (count + SPANS_PER_EDIT <= this.leafCapacity) return;
    this.flush();
    const base = this.leaf * this.stride;
    // At the end of a leaf the old one stays nearly full: text typed there goes on in the new one.
    const middle = base + 2 * (this.at >= base + 2 * count - 2 ? count - 1 : count >> 1);
    const right = this.splitLeaf(this.leaf, middle);
    if (this.at < middle) return;
    const moved = this.units[this.leaf];
    this.start += moved;
    this.before -= moved;
    this.leaf = right;
    this.at += right * this.stride - middle;
  }

  #descend(offset: number): void {
    this.flush();
    const { slots, stride, units } = this;
    let node = this.root;
    let start = 0;
    for (let level = this.height; level > 0; level--) {
      let at = node * stride;
      while (start + units[slots[at]] < offset) start += units[slots[at++]];
      node = slots[at];
    }
    this.leaf = node;
    this.start = start;
    this.at = node * stride;
    this.before = 0;
  }

  /** Counts `units` more in this leaf; above it when the cursor leaves. */
  #count(units: number): void {
    this.units[this.leaf] += units;
    this.#pending += units;
    this.length += units;
    if (this.lines !== undefined) this.lines.touch(this.leaf);
  }

  #write(at: number, element: number, length: number): void {
    this.slots[at] = element;
    this.slots[at + 1] = length;
  }
}
