import { CrdtError } from "../errors.js";
import { ELEMENTS_MAX, OperationLog } from "../log/operation-log.js";
import { INSERT_STRIDE, NONE, type ReplicaLog } from "../log/replica-log.js";
import { Characters, countContent, TextCollector } from "./characters.js";
import { Cursor } from "./cursor.js";
import { ElementIndex } from "./element-index.js";
import type { LineIndex } from "./line-index.js";
import { Placement } from "./placement.js";
import { deadElements, SpanBuilder } from "./span-builder.js";
import { SpanTree, TREE_SHAPE, type TreeShape } from "./span-tree.js";

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
  readonly tree: SpanTree;
  readonly index: ElementIndex;
  readonly cursor: Cursor;
  readonly placement: Placement;
  /** Line breaks by place; undefined until somebody asks for lines. */
  lines: LineIndex | undefined = undefined;
  /** Told of every change of the visible text while set. */
  listener: ChangeListener | undefined = undefined;

  constructor(shape: TreeShape = TREE_SHAPE) {
    this.tree = new SpanTree(this.characters, shape);
    this.index = new ElementIndex(this.tree);
    this.cursor = new Cursor(this.tree, this.index, this.log);
    this.placement = new Placement(this.tree, this.index, this.log);
  }

  /** Visible UTF-16 units. */
  get length(): number {
    return this.cursor.length;
  }

  /** Inserts `content`, of `count` code points, at `offset`, in [0, length]. Returns its first element. Amortised O(1) near the last edit. */
  insertAt(log: ReplicaLog, offset: number, content: string, count: number): number {
    const element = this.log.elements;
    this.#refuseTooMany(count);
    const inside = this.#goTo(offset);
    const left = inside === 0 ? NONE : this.#spanStart() + inside - 1;
    const right = this.#elementBehind(this.cursor.leaf, this.cursor.slot, inside);
    this.characters.append(content);
    this.insertHere(inside, { log, left, right, count });
    return element;
  }

  /**
   * Takes the cursor to where an insert between two origins goes, and returns how many elements of its span stand left
   * of it. O(1) while the two are neighbours still, else see Placement.
   * @throws {CrdtError} `FORGED_ORIGIN`, nothing changed.
   */
  enterGap(replica: string, left: number, right: number): number {
    if (this.elementAfter(left) === right) return this.#enterBehind(left);
    const gap = this.placement.place({ replica, left, right });
    this.log.hasConflict = true;
    return "after" in gap ? this.#enterBehind(gap.after) : this.#enterBefore(gap.before);
  }

  /** Inserts the elements whose characters were just added, at the place where `enterGap` went. */
  insertHere(inside: number, run: { log: ReplicaLog; left: number; right: number; count: number }): void {
    const element = this.log.elements;
    const offset = this.cursor.insert(inside, element, run.count, run.left === element - 1);
    const isNewRun = !this.log.insert(run.log, run.count, run.left, run.right);
    this.placement.inserted(element, isNewRun, this.cursor.leaf);
    this.listener?.inserted(offset, element, run.count);
  }

  /** Inserts `content` between two elements, on behalf of `log`. @throws {CrdtError} as `enterGap`; `MALFORMED`, `LIMIT`. */
  insertBetween(log: ReplicaLog, { left, right }: Caret, content: string): void {
    const count = countContent(content);
    this.#refuseTooMany(count);
    const inside = this.enterGap(log.replica, left, right);
    this.characters.append(content);
    this.insertHere(inside, { log, left, right, count });
  }

  /** Deletes the `length` units at `offset`, which lie within the text. */
  deleteAt(log: ReplicaLog, offset: number, length: number): void {
    this.#refuseInsidePair(offset);
    this.#refuseInsidePair(offset + length);
    for (let left = length; left > 0; ) {
      this.cursor.seek(offset + 1);
      const first = this.#spanStart();
      const unitsBefore = offset - this.cursor.start - this.cursor.before;
      const units = Math.min(left, this.tree.width(this.cursor.leaf, this.cursor.slot) - unitsBefore);
      const inside = this.characters.elementsIn(first, unitsBefore);
      const count = this.characters.elementsIn(first + inside, units);
      this.#logDelete(log, first + inside, count);
      this.cursor.kill(inside, count);
      this.listener?.deleted(offset, units);
      left -= units;
    }
  }

  /**
   * Deletes the `count` elements from `target` on, downwards when `count` is negative. What is dead already stays dead,
   * and is deleted once more in the log: an operation with an id is never dropped.
   */
  deleteElements(log: ReplicaLog, target: number, count: number): void {
    this.#logDelete(log, target, count);
    const end = count < 0 ? target + 1 : target + count;
    for (let element = count < 0 ? end + count : target; element < end; ) {
      element += this.#killFrom(element, end - element);
    }
  }

  /** The offset of the place before `element`: its own while it is visible, that of its gap when it is dead. O(log n). */
  offsetOf(element: number): number {
    this.cursor.flush();
    this.index.find(element);
    const { leaf, slot } = this.index;
    let offset = this.tree.startOf(leaf);
    for (let before = 0; before < slot; before++) offset += this.tree.width(leaf, before);
    const at = leaf * this.tree.stride + slot * 2;
    const first = this.tree.slots[at];
    return this.tree.slots[at + 1] < 0 ? offset : offset + this.characters.width(first, element - first);
  }

  /** Whether `element` is part of the visible text. */
  isVisible(element: number): boolean {
    this.index.find(element);
    return this.tree.slots[this.index.leaf * this.tree.stride + this.index.slot * 2 + 1] > 0;
  }

  /**
   * The visible element left of `offset`; NONE at the start. O(log n), O(1) near the last edit.
   * @throws {CrdtError} `OUT_OF_RANGE` inside a surrogate pair.
   */
  elementLeftOf(offset: number): number {
    const inside = this.#goTo(offset);
    return offset === 0 ? NONE : this.#spanStart() + inside - 1;
  }

  /** The visible element right of `offset`, in [0, length). */
  visibleAt(offset: number): number {
    this.cursor.seek(offset + 1);
    const inside = this.characters.elementsIn(
      this.#spanStart(),
      offset - this.cursor.start - this.cursor.before,
    );
    return this.#spanStart() + inside;
  }

  /** The element behind `element` (NONE: the first of all) in the full order; NONE at the end. */
  elementAfter(element: number): number {
    if (element === NONE) return this.#elementBehind(this.tree.firstLeaf, 0, 0);
    this.index.find(element);
    const { leaf, slot } = this.index;
    return this.#elementBehind(leaf, slot, element - this.tree.slots[leaf * this.tree.stride + slot * 2] + 1);
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
    for (let offset = from; offset < to; ) {
      this.cursor.seek(offset + 1);
      const { leaf, slot, start, before } = this.cursor;
      const inside = this.characters.elementsIn(this.#spanStart(), offset - start - before);
      const units = Math.min(to - offset, this.tree.width(leaf, slot) - (offset - start - before));
      const first = this.#spanStart() + inside;
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
    const { stride, nexts, counts, slots } = this.tree;
    for (let leaf = this.tree.firstLeaf; leaf >= 0; leaf = nexts[leaf]) {
      for (let at = leaf * stride, end = at + counts[leaf] * 2; at < end; at += 2)
        visit(slots[at], slots[at + 1]);
    }
  }

  /** Takes back everything from the element `elements` on, and from the given seqs on. O(n): only for bad updates. */
  rewind(seqs: ReadonlyMap<ReplicaLog, number>, elements: number): void {
    if (seqs.size === 0) return;
    const { log } = this;
    for (const [replica, seq] of seqs) replica.truncate(seq);
    log.truncate(elements);
    const dead = deadElements(log);
    const spans = new SpanBuilder(log, dead);
    this.eachSpan((first, length) => {
      spans.add(first, Math.min(Math.abs(length), elements - first));
    });
    this.characters.truncate(elements);
    this.fill(spans);
  }

  /** Puts `spans` in the place of all there are. */
  fill(spans: SpanBuilder): void {
    this.tree.fill(spans.spans, spans.count);
    this.index.reset();
    this.placement.reset();
    this.lines?.reset();
    this.cursor.restart();
  }

  /** Makes the first visible or dead piece of [element, element + count) dead. Returns its length. */
  #killFrom(element: number, count: number): number {
    this.index.find(element);
    const { leaf, slot } = this.index;
    const at = leaf * this.tree.stride + slot * 2;
    const inside = element - this.tree.slots[at];
    const length = this.tree.slots[at + 1];
    const taken = Math.min(count, Math.abs(length) - inside);
    if (length < 0) return taken;
    this.cursor.enter(leaf, slot);
    if (this.listener) {
      const offset = this.cursor.start + this.cursor.before + this.characters.width(element - inside, inside);
      this.listener.deleted(offset, this.characters.width(element, taken));
    }
    this.cursor.kill(inside, taken);
    return taken;
  }

  /** Takes the cursor to `offset`, and returns how many elements of its span stand left of it. 0 at the start only. */
  #goTo(offset: number): number {
    if (offset === 0) {
      this.cursor.toStart();
      return 0;
    }
    this.cursor.seek(offset);
    return this.characters.elementsIn(this.#spanStart(), offset - this.cursor.start - this.cursor.before);
  }

  #enterBehind(element: number): number {
    if (element === NONE) {
      this.cursor.toStart();
      return 0;
    }
    this.index.find(element);
    const { leaf, slot } = this.index;
    this.cursor.enter(leaf, slot);
    return element - this.tree.slots[leaf * this.tree.stride + slot * 2] + 1;
  }

  #enterBefore(element: number): number {
    const { tree, index } = this;
    if (element === NONE) return this.#enterSpan(tree.lastLeaf, tree.counts[tree.lastLeaf] - 1);
    index.find(element);
    const inside = element - tree.slots[index.leaf * tree.stride + index.slot * 2];
    if (inside === 0 && index.slot > 0) return this.#enterSpan(index.leaf, index.slot - 1);
    this.cursor.enter(index.leaf, index.slot);
    return inside;
  }

  /** Takes the cursor to a span; returns its length, as the place behind it. */
  #enterSpan(leaf: number, slot: number): number {
    this.cursor.enter(leaf, slot);
    return Math.abs(this.tree.slots[leaf * this.tree.stride + slot * 2 + 1]);
  }

  /** The element behind the first `inside` elements of a span; NONE at the end. */
  #elementBehind(leaf: number, slot: number, inside: number): number {
    const { slots, stride, counts, nexts } = this.tree;
    const at = leaf * stride + slot * 2;
    if (slot < counts[leaf]) {
      if (inside < Math.abs(slots[at + 1])) return slots[at] + inside;
      if (slot + 1 < counts[leaf]) return slots[at + 2];
    }
    return nexts[leaf] < 0 ? NONE : slots[nexts[leaf] * stride];
  }

  /** Logs the deletion of `count` elements from `target` on, run by run of their insertion. */
  #logDelete(log: ReplicaLog, target: number, count: number): void {
    const step = count < 0 ? -1 : 1;
    for (let element = target, left = Math.abs(count); left > 0; ) {
      const owner = this.log.owner(element);
      const at = owner.runOfElement(element) * INSERT_STRIDE;
      const start = owner.inserts[at + 1];
      const end = start + owner.inserts[at + 2];
      const taken = Math.min(left, step < 0 ? element - start + 1 : end - element);
      log.delete(element, step * taken, start, end);
      element += step * taken;
      left -= taken;
    }
  }

  #refuseTooMany(count: number): void {
    /* v8 ignore next -- It takes 2^26 characters to see. @preserve */
    if (this.log.elements + count > ELEMENTS_MAX) {
      throw new CrdtError(
        "LIMIT",
        `a document has at most ${ELEMENTS_MAX} characters, deleted ones included`,
      );
    }
  }

  #refuseInsidePair(offset: number): void {
    if (!this.characters.areNarrow) this.#goTo(offset);
  }

  /** The first element of the cursor's span. */
  #spanStart(): number {
    return this.tree.slots[this.cursor.leaf * this.tree.stride + this.cursor.slot * 2];
  }
}
