import { Bits } from "../bits.js";
import type { Ints } from "../columns.js";
import { CrdtError } from "../errors.js";
import { ELEMENTS_MAX, OperationLog } from "../log/operation-log.js";
import { NONE, type ReplicaLog } from "../log/replica-log.js";
import { Characters, countContent, TextCollector } from "./characters.js";
import { EditableTree } from "./editable-tree.js";
import { ElementIndex } from "./element-index.js";
import { marksOf } from "./history.js";
import { Placement } from "./placement.js";
import { SpanBuilder } from "./span-builder.js";
import { TREE_SHAPE, type TreeShape } from "./span-tree.js";

/** Who wants to know what an edit did to the visible text, as it happens. */
export interface ChangeListener {
  /** `count` elements from `element` on now stand at `offset`. */
  inserted(offset: number, element: number, count: number): void;
  /** The `units` UTF-16 units at `offset` are gone. */
  deleted(offset: number, units: number): void;
}

/** Two elements between which an insert stands, NONE for the start or the end: neighbours in what somebody has seen. */
export interface Caret {
  readonly left: number;
  readonly right: number;
}

/**
 * The text engine by element numbers: the characters, their order, who did what. It knows offsets and elements; names,
 * bytes and trust belong to its callers. Every edit is logged and shown at once.
 */
export class Sequence {
  readonly log = new OperationLog();
  readonly characters = new Characters();
  readonly tree: EditableTree;
  readonly index: ElementIndex;
  readonly placement: Placement;
  /** Told of every change of the visible text while set. */
  listener: ChangeListener | undefined;

  constructor(shape: TreeShape = TREE_SHAPE) {
    this.tree = new EditableTree(this.characters, this.log, shape);
    this.index = new ElementIndex(this.tree);
    this.placement = new Placement(this.tree, this.index, this.log);
  }

  /** Visible UTF-16 units. */
  get length(): number {
    return this.tree.length;
  }

  /** Inserts `content`, of `count` code points, at `offset`, in [0, length]. Amortised O(1) near the last edit. */
  insertAt(log: ReplicaLog, offset: number, content: string, count: number): void {
    /* v8 ignore next -- It takes 2^26 characters to see. @preserve */
    if (this.log.elements + count > ELEMENTS_MAX) throw tooMany();
    const { tree } = this;
    const inside = tree.goTo(offset);
    const left = inside === 0 ? NONE : tree.slots[tree.at] + inside - 1;
    const right = tree.elementBehind(tree.leaf, tree.at, inside);
    this.characters.append(content);
    this.insertHere(log, left, right, inside);
  }

  /**
   * Takes the cursor to where an insert between two origins goes, and returns how many elements of its span stand left
   * of it. O(1) while the two are neighbours still, else see Placement.
   * @throws {CrdtError} `FORGED_ORIGIN`, nothing changed.
   */
  enterGap(replica: string, left: number, right: number): number {
    const inside = this.#enterBehind(left);
    const { tree } = this;
    return tree.elementBehind(tree.leaf, tree.at, inside) === right
      ? inside
      : this.#enterContested(replica, left, right);
  }

  /** Inserts the elements whose characters were just added, at the place where `enterGap` went. */
  insertHere(log: ReplicaLog, left: number, right: number, inside: number): void {
    const element = this.log.elements;
    const count = this.characters.length - element;
    if (this.listener !== undefined) this.listener.inserted(this.tree.offsetIn(inside), element, count);
    this.tree.insert(inside, element, count, left === element - 1);
    this.index.add(element, count, this.tree.leaf);
    const isNewRun = !this.log.insert(log, count, left, right);
    this.placement.inserted(element, isNewRun, this.tree.leaf);
  }

  /** Inserts `content` between two elements, on behalf of `log`. @throws {CrdtError} as `enterGap`; `MALFORMED`, `LIMIT`. */
  insertBetween(log: ReplicaLog, { left, right }: Caret, content: string): void {
    const count = countContent(content);
    /* v8 ignore next -- It takes 2^26 characters to see. @preserve */
    if (this.log.elements + count > ELEMENTS_MAX) throw tooMany();
    const inside = this.enterGap(log.replica, left, right);
    this.characters.append(content);
    this.insertHere(log, left, right, inside);
  }

  /** Deletes the `length` units at `offset`, which lie within the text. */
  deleteAt(log: ReplicaLog, offset: number, length: number): void {
    this.#refuseInsidePair(offset);
    this.#refuseInsidePair(offset + length);
    const { tree, characters } = this;
    for (let left = length; left > 0; ) {
      tree.seek(offset + 1);
      const first = tree.slots[tree.at];
      const unitsBefore = offset - tree.start - tree.before;
      const units = Math.min(left, tree.width(tree.at) - unitsBefore);
      const inside = characters.elementsIn(first, unitsBefore);
      const count = characters.elementsIn(first + inside, units);
      this.log.delete(log, first + inside, count);
      tree.kill(inside, count);
      left -= units;
    }
  }

  /**
   * Deletes the `count` elements from `target` on, downwards when `count` is negative. What is dead already stays dead,
   * and is deleted once more in the log: an operation with an id is never dropped. Needs a listener.
   */
  deleteElements(log: ReplicaLog, target: number, count: number): void {
    this.log.delete(log, target, count);
    const end = count < 0 ? target + 1 : target + count;
    for (let element = count < 0 ? end + count : target; element < end; ) {
      element += this.#killFrom(element, end - element);
    }
  }

  /** The offset of the place before `element`: its own while it is visible, that of its gap when it is dead. O(log n). */
  offsetOf(element: number): number {
    const { tree, index } = this;
    tree.flush();
    index.find(element);
    let offset = tree.startOf(index.leaf);
    for (let at = index.leaf * tree.stride; at < index.at; at += 2) offset += tree.width(at);
    const first = tree.slots[index.at];
    return tree.slots[index.at + 1] < 0 ? offset : offset + this.characters.width(first, element - first);
  }

  /** Whether `element` is part of the visible text. */
  isVisible(element: number): boolean {
    this.index.find(element);
    return this.tree.slots[this.index.at + 1] > 0;
  }

  /**
   * The visible element left of `offset`; NONE at the start. O(log n), O(1) near the last edit.
   * @throws {CrdtError} `OUT_OF_RANGE` inside a surrogate pair.
   */
  elementLeftOf(offset: number): number {
    const inside = this.tree.goTo(offset);
    return offset === 0 ? NONE : this.tree.slots[this.tree.at] + inside - 1;
  }

  /** The visible element right of `offset`, in [0, length). */
  visibleAt(offset: number): number {
    const { tree } = this;
    tree.seek(offset + 1);
    const first = tree.slots[tree.at];
    return first + this.characters.elementsIn(first, offset - tree.start - tree.before);
  }

  /** The element behind `element` (NONE: the first of all) in the full order; NONE at the end. */
  elementAfter(element: number): number {
    const { tree, index } = this;
    if (element === NONE) return tree.elementBehind(tree.firstLeaf, tree.firstLeaf * tree.stride, 0);
    index.find(element);
    return tree.elementBehind(index.leaf, index.at, element - tree.slots[index.at] + 1);
  }

  /** The visible text in [from, to). O(to - from + log n). */
  slice(from: number, to: number): string {
    this.#refuseInsidePair(from);
    this.#refuseInsidePair(to);
    const collector = new TextCollector(this.characters, to - from);
    this.eachVisible(from, to, (first, count) => collector.add(first, count));
    return collector.finish();
  }

  /** Calls `visit` with the visible elements in [from, to), run by run. O(to - from + log n). */
  eachVisible(from: number, to: number, visit: (first: number, count: number) => void): void {
    const { tree } = this;
    for (let offset = from; offset < to; ) {
      const first = this.visibleAt(offset);
      const units = Math.min(to - offset, tree.width(tree.at) - (offset - tree.start - tree.before));
      visit(first, this.characters.elementsIn(first, units));
      offset += units;
    }
  }

  /** The whole visible text. O(n). */
  text(): string {
    const collector = new TextCollector(this.characters, this.length);
    this.eachSpan((first, length) => {
      if (length > 0) collector.add(first, length);
    });
    return collector.finish();
  }

  /** Calls `visit` with every span in document order; `length` is negative where the elements are dead. */
  eachSpan(visit: (first: number, length: number) => void): void {
    const { stride, nexts, slots } = this.tree;
    for (let leaf = this.tree.firstLeaf; leaf >= 0; leaf = nexts[leaf]) {
      for (let at = leaf * stride, end = this.tree.endOf(leaf); at < end; at += 2)
        visit(slots[at], slots[at + 1]);
    }
  }

  /** Every span in document order, `[first element, length]`, the length negative where the elements are dead: a copy. */
  spans(): Ints {
    const spans = new Int32Array(this.tree.nodes * this.tree.leafCapacity * 2);
    let count = 0;
    this.eachSpan((first, length) => {
      spans[count++] = first;
      spans[count++] = length;
    });
    return spans.subarray(0, count);
  }

  /** Takes back everything from the element and the replica of those numbers on, and what `logs` had not before. O(n): only for bad updates. */
  rewind(logs: readonly ReplicaLog[], elements: number, replicas: number): void {
    if (logs.length === 0) return;
    const { log } = this;
    for (const replica of logs) replica.truncate(replica.before);
    log.truncate(elements, replicas);
    const { deleted } = marksOf(this, { version: log.version() });
    const spans = new SpanBuilder(log, deleted, new Bits(elements));
    this.eachSpan((first, length) => {
      spans.add(first, Math.min(first + Math.abs(length), elements));
    });
    this.characters.truncate(elements);
    this.fill(spans);
  }

  /** Puts `spans` in the place of all there are. */
  fill(spans: SpanBuilder): void {
    this.tree.fill(spans.spans, spans.count);
    this.index.reset();
    this.placement.reset();
  }

  /** Makes the first visible or dead piece of [element, element + count) dead. Returns its length. */
  #killFrom(element: number, count: number): number {
    this.index.find(element);
    const { tree, index } = this;
    const inside = element - tree.slots[index.at];
    const length = tree.slots[index.at + 1];
    const taken = Math.min(count, Math.abs(length) - inside);
    if (length < 0) return taken;
    tree.enter(index.leaf, index.at);
    this.listener!.deleted(tree.offsetIn(inside), this.characters.width(element, taken));
    tree.kill(inside, taken);
    return taken;
  }

  /** Takes the cursor to where an insert goes whose origins others have come between. */
  #enterContested(replica: string, left: number, right: number): number {
    const gap = this.placement.place({ replica, left, right });
    this.log.hasConflict = true;
    return "after" in gap ? this.#enterBehind(gap.after) : this.#enterBefore(gap.before);
  }

  #enterBehind(element: number): number {
    const { tree, index } = this;
    if (element === NONE) return tree.goTo(0);
    index.find(element);
    tree.enter(index.leaf, index.at);
    return element - tree.slots[index.at] + 1;
  }

  #enterBefore(element: number): number {
    const { tree, index } = this;
    if (element === NONE) return this.#enterSpan(tree.lastLeaf, tree.endOf(tree.lastLeaf) - 2);
    index.find(element);
    const inside = element - tree.slots[index.at];
    if (inside === 0 && index.at > index.leaf * tree.stride) return this.#enterSpan(index.leaf, index.at - 2);
    tree.enter(index.leaf, index.at);
    return inside;
  }

  /** Takes the cursor to a span; returns its length, as the place behind it. */
  #enterSpan(leaf: number, at: number): number {
    this.tree.enter(leaf, at);
    return Math.abs(this.tree.slots[at + 1]);
  }

  #refuseInsidePair(offset: number): void {
    if (!this.characters.areNarrow) this.tree.goTo(offset);
  }
}

/* v8 ignore next 3 -- It takes 2^26 characters to see. @preserve */
function tooMany(): CrdtError {
  return new CrdtError("LIMIT", "too many characters");
}
