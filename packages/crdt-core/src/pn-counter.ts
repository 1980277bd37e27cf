import { CrdtError } from "./errors.js";
import { type CounterState, GCounter } from "./g-counter.js";
import type { ReplicaId } from "./ids.js";

/** A counter's two halves as plain values: equal counters give equal states. */
export interface PNCounterState {
  readonly increments: CounterState;
  readonly decrements: CounterState;
}

/** A counter that goes up and down: two counters that only grow, one for each direction. */
export class PNCounter {
  readonly #increments: GCounter;
  readonly #decrements: GCounter;

  /** @throws {CrdtError} `MALFORMED` when `replica` is no replica id, or `state` no state of a counter. */
  constructor(replica: ReplicaId, state: PNCounterState = { increments: [], decrements: [] }) {
    this.#increments = new GCounter(replica, state.increments);
    this.#decrements = new GCounter(replica, state.decrements);
  }

  /** The replica on whose behalf `increment` and `decrement` count. */
  get replica(): ReplicaId {
    return this.#increments.replica;
  }

  /**
   * Adds `amount`, in [0, 2^53 - 1].
   * @throws {CrdtError} `OUT_OF_RANGE` for any other amount, a negative one included: say `decrement`.
   */
  increment(amount = 1): void {
    this.#increments.increment(amount);
  }

  /**
   * Takes `amount` away, in [0, 2^53 - 1]. The value may fall below zero.
   * @throws {CrdtError} `OUT_OF_RANGE` for any other amount.
   */
  decrement(amount = 1): void {
    this.#decrements.increment(amount);
  }

  /**
   * Counts `amount`, up or down by its sign, on behalf of any replica: for a caller that keeps a log of operations
   * and counts each of them exactly once.
   * @throws {CrdtError} `OUT_OF_RANGE` unless `amount` is an integer of at most 53 bits; `MALFORMED` for no replica id.
   */
  record(replica: ReplicaId, amount: number): void {
    if (!Number.isSafeInteger(amount)) throw new CrdtError("OUT_OF_RANGE", "amount");
    const half = amount < 0 ? this.#decrements : this.#increments;
    half.record(replica, Math.abs(amount));
  }

  /** What was added less what was taken away. */
  get value(): number {
    return this.#increments.value - this.#decrements.value;
  }

  /** Both halves, as plain values. */
  get state(): PNCounterState {
    return { increments: this.#increments.state, decrements: this.#decrements.state };
  }

  /** Takes in what `other` has counted. Merging twice changes nothing. */
  merge(other: PNCounter): void {
    this.#increments.merge(other.#increments);
    this.#decrements.merge(other.#decrements);
  }
}
