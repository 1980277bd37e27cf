/** What comes next of all that was put in: a binary heap, O(log n) for each. */
export class Heap<T> {
  /** None comes before the one above it; those below `i` are `2 i + 1` and `2 i + 2`. */
  readonly #items: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  /** What comes next; undefined when there is nothing. */
  get first(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.length;
    for (let above = (at - 1) >> 1; at > 0 && this.#isBefore(item, items[above]); above = (at - 1) >> 1) {
      items[at] = items[above];
      at = above;
    }
    items[at] = item;
  }

  /** Takes out what comes next. Not to be called when there is nothing. */
  pop(): T {
    const [first] = this.#items;
    const last = this.#items.pop()!;
    if (this.#items.length > 0) this.#sink(last);
    return first;
  }

  /** Puts `item` in the place of the first one. */
  #sink(item: T): void {
    const items = this.#items;
    let at = 0;
    for (let below = 1; below < items.length; below = at * 2 + 1) {
      if (below + 1 < items.length && this.#isBefore(items[below + 1], items[below])) below++;
      if (!this.#isBefore(items[below], item)) break;
      items[at] = items[below];
      at = below;
    }
    items[at] = item;
  }
}
