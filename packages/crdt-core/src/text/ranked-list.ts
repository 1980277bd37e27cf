import { grown, lastAtMost } from "../columns.js";

/** Element numbers in ascending order, mostly appended to: the rare elements of one kind, such as wide characters. */
export class RankedList {
  rows = new Int32Array(4);
  /** How many there are. */
  count = 0;
  readonly stride = 1;

  /** Adds `element`, which is higher than all before it, or is sorted in later. Amortised O(1). */
  push(element: number): void {
    this.rows = grown(this.rows, this.count + 1);
    this.rows[this.count++] = element;
  }

  /** Puts what was pushed in order. */
  sort(): void {
    this.rows.subarray(0, this.count).sort();
  }

  /** Takes `element` out, which is there. O(length). */
  remove(element: number): void {
    const rank = this.rank(element);
    this.rows.copyWithin(rank, rank + 1, this.count--);
  }

  /** How many of the list are lower than `element`. O(log length). */
  rank(element: number): number {
    return lastAtMost(this, 0, element - 1) + 1;
  }

  /** Forgets everything from `element` on. */
  truncate(element: number): void {
    this.count = this.rank(element);
  }
}
