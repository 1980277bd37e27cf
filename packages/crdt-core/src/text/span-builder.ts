import { type Bits, endOfAlike } from "../bits.js";
import { grown } from "../columns.js";
import type { OperationLog } from "../log/operation-log.js";

/** Gathers the spans of a whole document, in its order, for a tree that is filled at once. */
export class SpanBuilder {
  readonly #log: OperationLog;
  readonly #dead: Bits;
  readonly #parts: Bits;
  /** `[first element, length]`, the length negative where dead. */
  spans = new Int32Array(64);
  count = 0;
  /** How many of the elements are dead. */
  deadCount = 0;

  /**
   * @param dead Which elements are dead.
   * @param parts Those behind which others stand than the next of their runs.
   */
  constructor(log: OperationLog, dead: Bits, parts: Bits) {
    this.#log = log;
    this.#dead = dead;
    this.#parts = parts;
  }

  /**
   * Adds the elements in [first, end), cut where visible and dead ones meet, up to the first one that parts its run, which
   * is added too. Returns where it has stopped.
   */
  add(first: number, end: number): number {
    const [dead, parts] = [this.#dead, this.#parts];
    for (let from = first; from < end; ) {
      const isDead = dead.has(from);
      let to = parts.has(from) ? from : endOfAlike(dead, parts, from, end);
      const isParted = to < end && dead.has(to) === isDead;
      if (isParted) to++;
      this.#push(from, to - from, isDead);
      if (isParted) return to;
      from = to;
    }
    return end;
  }

  #push(first: number, length: number, isDead: boolean): void {
    if (isDead) this.deadCount += length;
    const last = this.count * 2 - 2;
    const known = last < 0 ? 0 : this.spans[last + 1];
    const joins = last >= 0 && known < 0 === isDead && this.spans[last] + Math.abs(known) === first;
    if (joins && this.#log.follows(first)) {
      this.spans[last + 1] += isDead ? -length : length;
      return;
    }
    this.spans = grown(this.spans, last + 4);
    this.spans[last + 2] = first;
    this.spans[last + 3] = isDead ? -length : length;
    this.count++;
  }
}
