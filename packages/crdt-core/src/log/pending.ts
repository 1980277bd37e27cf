import type { ItemId, ReplicaId } from "../ids.js";
import type { Incoming } from "./incoming.js";

/** Rows held back at most. One more, and the update that brings it is refused. */
export const WAITING_ROWS_MAX = 1000;

/** Bytes that rows held back may take. */
export const WAITING_BYTES_MAX = 256 * 1024;

/** What a stretch costs beside its bytes: the objects around it. */
const STRETCH_BYTES = 128;

/** Operations that wait for others, found by the id they wait for. */
export class Pending {
  readonly #byAwaited = new Map<ReplicaId, Map<number, Incoming[]>>();
  /** Rows, bytes, and operations, each seq counted. */
  rows = 0;
  bytes = 0;
  operations = 0;

  /** Holds `incoming` until `awaited` is here. O(1). */
  hold(awaited: ItemId, incoming: Incoming): void {
    const bySeq = this.#byAwaited.get(awaited.replica) ?? new Map<number, Incoming[]>();
    this.#byAwaited.set(awaited.replica, bySeq);
    const waiting = bySeq.get(awaited.seq);
    if (waiting === undefined) bySeq.set(awaited.seq, [incoming]);
    else waiting.push(incoming);
    this.#count(incoming, 1);
  }

  /** Holds `incoming` unless the same waits already. O(what waits for the same id). */
  holdOnce(awaited: ItemId, incoming: Incoming): void {
    const waiting = this.#byAwaited.get(awaited.replica)?.get(awaited.seq);
    if (!waiting?.some((held) => held.equals(incoming))) this.hold(awaited, incoming);
  }

  /** Removes and returns what waits for the seqs [from, to] of `replica`. O(what waits for it, or the seqs). */
  take(replica: ReplicaId, from: number, to: number): Incoming[] {
    const bySeq = this.#byAwaited.get(replica);
    if (bySeq === undefined) return [];
    const awaited =
      bySeq.size < to - from ? [...bySeq.keys()].filter((seq) => seq >= from && seq <= to) : seqs(from, to);
    const freed = awaited.flatMap((seq) => bySeq.get(seq) ?? []);
    for (const seq of awaited) bySeq.delete(seq);
    if (bySeq.size === 0) this.#byAwaited.delete(replica);
    for (const incoming of freed) this.#count(incoming, -1);
    return freed;
  }

  /** Everything that waits, and what for. */
  *all(): Generator<readonly [ItemId, Incoming]> {
    for (const [replica, bySeq] of this.#byAwaited) {
      for (const [seq, waiting] of bySeq) for (const incoming of waiting) yield [{ replica, seq }, incoming];
    }
  }

  #count(incoming: Incoming, sign: 1 | -1): void {
    this.rows += sign * incoming.left;
    this.bytes += sign * (STRETCH_BYTES + incoming.bytes);
    this.operations += sign * incoming.operations;
  }
}

function seqs(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, step) => from + step);
}
