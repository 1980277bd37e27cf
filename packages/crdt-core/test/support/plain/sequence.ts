import { CrdtError } from "../../../src/errors.js";
import type { ItemId } from "../../../src/ids.js";
import type { Element } from "./element.js";
import { type Insertion, placeElement, startNode, unplaceElement } from "./placement.js";

/**
 * Every element that was ever inserted, in the order of the text, in one plain array. Offsets count the UTF-16 units
 * of those that are visible.
 */
export class Sequence {
  readonly #start = startNode();
  readonly #list: Element[] = [];
  #length = 0;
  /** `offset` units are visible before the element `index`. Editing is local: the next search starts from here. */
  #cursor = { index: 0, offset: 0 };

  /** UTF-16 units of the visible text. */
  get length(): number {
    return this.#length;
  }

  /** All elements, deleted ones included. */
  get elements(): readonly Element[] {
    return this.#list;
  }

  /** Takes in a new element. @throws {CrdtError} `FORGED_ORIGIN` */
  insert(insertion: Insertion): Element {
    const [element, at] = placeElement(this.#start, insertion, (other) => this.indexOf(other));
    element.index = at;
    this.#list.splice(at, 0, element);
    if (at < this.#cursor.index) this.#cursor.index++;
    this.#resize(at, element.character.length);
    return element;
  }

  /** Undoes `insert`, for the element that was inserted last. */
  uninsert(element: Element): void {
    const at = this.indexOf(element);
    this.#resize(at, -element.width);
    if (at < this.#cursor.index) this.#cursor.index--;
    this.#list.splice(at, 1);
    unplaceElement(element);
  }

  /** Notes a deletion of `element`; the first one hides it. */
  delete(element: Element, deletion: ItemId): void {
    this.#resize(this.indexOf(element), -element.width);
    element.deletedBy.push(deletion);
    element.width = 0;
  }

  /** Undoes the last `delete` of `element`. */
  undelete(element: Element): void {
    element.deletedBy.pop();
    if (element.deletedBy.length > 0) return;
    element.width = element.character.length;
    this.#resize(this.indexOf(element), element.width);
  }

  /** Where `element` stands among all elements. The index kept in it is a hint, right while nothing has moved it. */
  indexOf(element: Element): number {
    const hint = element.index;
    for (let distance = 0; ; distance++) {
      if (this.#list[hint + distance] === element) element.index = hint + distance;
      else if (this.#list[hint - distance] === element) element.index = hint - distance;
      else continue;
      return element.index;
    }
  }

  /** Makes every hint right, before many are asked for. */
  renumber(): void {
    this.#list.forEach((element, index) => {
      element.index = index;
    });
  }

  /** The visible UTF-16 units before the element at `index`. */
  offsetBefore(index: number): number {
    const cursor = this.#cursor;
    while (cursor.index < index) cursor.offset += this.#list[cursor.index++].width;
    while (cursor.index > index) cursor.offset -= this.#list[--cursor.index].width;
    return cursor.offset;
  }

  /**
   * The first index that has `offset` units before it: the element there is what follows a caret, and the one before
   * it, if any, is the visible one on its left.
   * @throws {CrdtError} `OUT_OF_RANGE` beyond the text or inside a surrogate pair.
   */
  indexAt(offset: number): number {
    checkOffset(offset, this.#length);
    const cursor = this.#cursor;
    while (cursor.offset < offset) cursor.offset += this.#list[cursor.index++].width;
    while (cursor.index > 0 && cursor.offset - this.#list[cursor.index - 1].width >= offset) {
      cursor.offset -= this.#list[--cursor.index].width;
    }
    if (cursor.offset !== offset) throw insidePair(offset);
    return cursor.index;
  }

  /** The visible text. */
  text(): string {
    return textOf(this.#list, (element) => element.width > 0);
  }

  #resize(index: number, units: number): void {
    this.#length += units;
    if (index < this.#cursor.index) this.#cursor.offset += units;
  }
}

/** The characters of those elements that `isVisible` says are shown. */
export function textOf(elements: readonly Element[], isVisible: (element: Element) => boolean): string {
  let text = "";
  for (const element of elements) if (isVisible(element)) text += element.character;
  return text;
}

/** @throws {CrdtError} `OUT_OF_RANGE` unless `offset` is an integer in [0, length]. */
export function checkOffset(offset: number, length: number): void {
  if (!Number.isInteger(offset) || offset < 0 || offset > length) {
    throw new CrdtError("OUT_OF_RANGE", `offset ${offset} is not in [0, ${length}]`);
  }
}

/** The refusal of an offset that would cut a character in two. */
export function insidePair(offset: number): CrdtError {
  return new CrdtError("OUT_OF_RANGE", `offset ${offset} is inside a surrogate pair`);
}
