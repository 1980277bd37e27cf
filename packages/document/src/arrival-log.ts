import { type OperationRange, type ReplicaId, VersionVector } from "@motet/crdt-core";

/** That a stretch of one replica's operations reached the server at `atMs`, milliseconds since 1970 by the server's clock. */
export interface Arrival extends OperationRange {
  readonly atMs: number;
}

/** The last arrival grows in place: typing would otherwise make an object for each key. */
type GrowingArrival = { -readonly [Key in keyof Arrival]: Arrival[Key] };

/**
 * Operations of one replica that follow each other within this time, with nobody else's between, are kept as one arrival.
 * One person's paper of 260,000 edits then needs 8,000 arrivals instead of 70,000 (at a second), 42 kB beside its 230 kB.
 */
const COALESCE_MS = 10_000;

/**
 * What arrived here, when, and in which order. The order names states: the state number n is what the first n
 * operations made. It is metadata: no replica ever needs it to converge.
 */
export class ArrivalLog implements Iterable<Arrival> {
  readonly #arrivals: GrowingArrival[] = [];
  readonly #version = new VersionVector();

  /** Notes operations that follow on what is known of their replica. Those known already are left out. */
  add({ replica, from, to }: OperationRange, atMs: number): void {
    const first = Math.max(from, this.#version.get(replica) + 1);
    if (first > to) return;
    this.#version.advance(replica, to);
    const last = this.#arrivals[this.#arrivals.length - 1];
    if (last !== undefined && continues(last, replica, first, atMs)) last.to = to;
    else this.#arrivals.push({ replica, from: first, to, atMs });
  }

  /** All of them as they are now, in the order of arrival: what arrives later does not change it. */
  copy(): readonly Arrival[] {
    const last = this.#arrivals.at(-1);
    return last === undefined ? [] : [...this.#arrivals.slice(0, -1), { ...last }];
  }

  /** The highest seq of `replica` that arrived; 0 when none did. */
  seen(replica: ReplicaId): number {
    return this.#version.get(replica);
  }

  /** How many operations arrived. */
  get total(): number {
    return this.#version.total;
  }

  /** In the order of arrival. The last one may still grow: keep none of them, or take a {@link copy}. */
  [Symbol.iterator](): IterableIterator<Arrival> {
    return this.#arrivals[Symbol.iterator]();
  }

  /** How many stretches there are; a measure of memory. */
  get length(): number {
    return this.#arrivals.length;
  }

  /** The state after the first `count` operations, an integer in [0, total]. `undefined` beyond. Cost: O(arrivals). */
  versionAfter(count: number): VersionVector | undefined {
    if (!Number.isInteger(count) || count < 0 || count > this.total) return undefined;
    const version = new VersionVector();
    let left = count;
    for (const { replica, from, to } of this.#arrivals) {
      if (left === 0) break;
      const taken = Math.min(left, to - from + 1);
      version.advance(replica, from + taken - 1);
      left -= taken;
    }
    return version;
  }

  /**
   * The state at a moment: everything up to the last operation that had arrived by then, to ten seconds.
   * A clock that was set back does not hide what came before. Cost: O(arrivals).
   */
  versionAt(timeMs: number): VersionVector {
    const version = new VersionVector();
    const last = this.#arrivals.findLastIndex((arrival) => arrival.atMs <= timeMs);
    for (const { replica, to } of this.#arrivals.slice(0, last + 1)) version.advance(replica, to);
    return version;
  }
}

function continues(last: Arrival, replica: ReplicaId, from: number, atMs: number): boolean {
  return (
    last.replica === replica && last.to + 1 === from && atMs >= last.atMs && atMs - last.atMs < COALESCE_MS
  );
}
