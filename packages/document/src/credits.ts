import type { ItemId, ReplicaId } from "@motet/crdt-core";
import type { Arrival } from "./arrival-log.js";
import type { DocumentRecord } from "./document-record.js";
import type { UserId } from "./ids.js";

/** Who did something, and when it reached the server: milliseconds since 1970, to ten seconds. */
export interface Credit {
  readonly user: UserId;
  readonly atMs: number;
}

/** A credit, and the seqs [from, to] of the replica's operations that share it. */
export interface Credited extends Credit {
  readonly from: number;
  readonly to: number;
}

/** Finds for every operation who made it and when it arrived. A picture of the record as it was when this was made. */
export class Credits {
  readonly #arrivals = new Map<ReplicaId, Arrival[]>();
  readonly #userOf: (replica: ReplicaId) => UserId | undefined;

  constructor({ arrivals, bindings }: DocumentRecord) {
    this.#userOf = (replica) => bindings.userOf(replica);
    for (const arrival of arrivals.copy()) {
      const known = this.#arrivals.get(arrival.replica);
      if (known === undefined) this.#arrivals.set(arrival.replica, [arrival]);
      else known.push(arrival);
    }
  }

  /** Who made the operation `id`, which has arrived. Cost: O(log arrivals). */
  of({ replica, seq }: ItemId): Credited {
    const arrivals = this.#arrivals.get(replica) ?? [];
    let [low, high] = [0, arrivals.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (arrivals[middle]!.to < seq) low = middle + 1;
      else high = middle;
    }
    const { from, to, atMs } = arrivals[low]!;
    return { user: this.#userOf(replica)!, atMs, from, to };
  }
}
