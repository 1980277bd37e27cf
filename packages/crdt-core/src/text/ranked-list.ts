import { grown } from "../columns.js";

/** Element numbers in ascending order, mostly appended to: the rare elements of one kind, such as wide characters. */
export class RankedList {
  #elements = new Int32Array(4);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds `element`, which is higher than all before it. Amortised O(1). */
  push(element: number): void {
    this.#elements = grown(this.#elements, this.#length + 1);
    this.#elements[this.#length++] = element;
  }

  /** Adds `element`, which is not there yet, at its place. O(length). */
  insert(element: number): void {
    const rank = this.rank(element);
    this.#elements = grown(this.#elements, this.#length + 1);
    this.#elements.copyWithin(rank + 1, rank, this.#length++);
    this.#elements[rank] = element;
  }

  /** Takes `element` out, which is there. O(length). */
  remove(element: number): void {
    const rank = this.rank(element);
    this.#elements.copyWithin(rank, rank + 1, this.#length--);
  }

  /** The `rank`-th element of the list. */
  at(rank: number): number {
    return this.#elements[rank];
  }

  /** How many of the list are lower than `element`. O(log length). */
  rank(element: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#elements[middle] < element) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Forgets everything from `element` on. */
  truncate(element: number): void {
    this.#length = this.rank(element);
  }
}
