import { CrdtError, malformed } from "./errors.js";
import { isCount, type ReplicaId, replicaId } from "./ids.js";
import { VersionVector } from "./version-vector.js";

/** A counter's entries as plain values, in ascending order of replica ids. */
export type CounterState = readonly (readonly [ReplicaId, number])[];

/**
 * A counter that only grows. Each replica counts in an entry of its own; the value is the sum, and merging takes the
 * higher count of each entry, so nothing is counted twice.
 * @see Shapiro, Preguiça, Baquero, Zawirski 2011, "A Comprehensive Study of Convergent and Commutative Replicated Data Types"
 */
export class GCounter {
  /** The replica on whose behalf `increment` counts. */
  readonly replica: ReplicaId;
  /** What everybody has counted: entries that only rise, and of which the higher one counts, as those of a version do. */
  readonly #counts = new VersionVector();

  /** @throws {CrdtError} `MALFORMED` when `replica` is no replica id, or `state` no state of a counter. */
  constructor(replica: ReplicaId, state: CounterState = []) {
    this.replica = replicaId(replica);
    for (const [owner, count] of state) {
      if (!isCount(count)) throw malformed("counter entry");
      this.record(owner, Math.max(0, count - this.countOf(owner)));
    }
  }

  /**
   * Counts `amount`, in [0, 2^53 - 1], in this replica's own entry.
   * @throws {CrdtError} `OUT_OF_RANGE` for any other amount, or when the entry would pass 2^53 - 1.
   */
  increment(amount = 1): void {
    checkAmount(amount);
    if (!isCount(this.countOf(this.replica) + amount)) {
      throw new CrdtError("OUT_OF_RANGE", "the counter is full");
    }
    this.record(this.replica, amount);
  }

  /**
   * Counts `amount` on behalf of any replica: for a caller that keeps a log of operations and counts each of them
   * exactly once. An entry stops at 2^53 - 1, so that a hostile log gives the same sum in any order.
   * @throws {CrdtError} `OUT_OF_RANGE` unless `amount` is an integer in [0, 2^53 - 1]; `MALFORMED` for no replica id.
   */
  record(replica: ReplicaId, amount: number): void {
    checkAmount(amount);
    const count = Math.min(this.countOf(replicaId(replica)) + amount, Number.MAX_SAFE_INTEGER);
    if (count > 0) this.#counts.advance(replica, count);
  }

  /** What `replica` has counted; 0 when nothing. */
  countOf(replica: ReplicaId): number {
    return this.#counts.get(replica);
  }

  /** The sum of all entries. Exact up to 2^53 - 1. */
  get value(): number {
    let sum = 0;
    for (const [, count] of this.#counts) sum += count;
    return sum;
  }

  /** Every entry above 0: equal counters give equal states. */
  get state(): CounterState {
    return [...this.#counts];
  }

  /** Takes in what `other` has counted: the maximum, entry by entry. Merging twice changes nothing. */
  merge(other: GCounter): void {
    this.#counts.merge(other.#counts);
  }
}

function checkAmount(amount: number): void {
  if (!isCount(amount)) throw new CrdtError("OUT_OF_RANGE", "amount");
}
