import { grown } from "../columns.js";
import type { OperationLog } from "../log/operation-log.js";
import { DELETE_STRIDE } from "../log/replica-log.js";

/** Gathers the spans of a whole document, in its order, for a tree that is filled at once. */
export class SpanBuilder {
  readonly #log: OperationLog;
  readonly #dead: Uint8Array;
  /** `[first element, length]`, the length negative where dead. */
  spans = new Int32Array(64);
  count = 0;

  /** @param dead For each element, whether it is dead. */
  constructor(log: OperationLog, dead: Uint8Array) {
    this.#log = log;
    this.#dead = dead;
  }

  /** Adds the `count` elements from `first` on, cut where visible and dead ones meet. Nothing if `count` is below 1. */
  add(first: number, count: number): void {
    for (let from = first, end = first + count; from < end; ) {
      const isDead = this.#dead[from];
      let to = from + 1;
      while (to < end && this.#dead[to] === isDead) to++;
      this.#push(from, to - from, isDead === 1);
      from = to;
    }
  }

  #push(first: number, length: number, isDead: boolean): void {
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

/** For each element of `log`, 1 when something deletes it. */
export function deadElements(log: OperationLog): Uint8Array {
  const dead = new Uint8Array(log.elements);
  for (const { deletes, deleteCount } of log.replicas) {
    for (let at = 0; at < deleteCount * DELETE_STRIDE; at += DELETE_STRIDE) {
      const target = deletes[at + 1];
      const length = deletes[at + 2];
      if (length < 0) dead.fill(1, target + length + 1, target + 1);
      else dead.fill(1, target, target + length);
    }
  }
  return dead;
}
