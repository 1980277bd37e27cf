import { CrdtError } from "../../../src/errors.js";
import { type ItemId, type ReplicaId, sameId } from "../../../src/ids.js";
import { operationLength, sameOperation } from "../operations.js";
import type { UpdateOperation } from "./operation.js";

/** Operations held back at most, runs counted once. One more, and the update that brings it is refused. */
export const WAITING_OPERATIONS_MAX = 1000;

/** Bytes that operations held back may take in memory, roughly counted. */
export const WAITING_BYTES_MAX = 256 * 1024;

/** What an operation costs beside its content: ids, and the objects around them. */
const OPERATION_BYTES = 64;

/** Operations that wait for others, found by the id they wait for. */
export class Pending {
  readonly #byAwaited = new Map<ReplicaId, Map<number, UpdateOperation[]>>();
  #runs = 0;
  #bytes = 0;
  #operations = 0;

  /** How many operations wait, each seq counted. */
  get operations(): number {
    return this.#operations;
  }

  /** Holds `operation` until `awaited` is here. The same one twice is held once. */
  hold(awaited: ItemId, operation: UpdateOperation): void {
    const bySeq = getOrAdd(this.#byAwaited, awaited.replica, () => new Map<number, UpdateOperation[]>());
    const waiting = getOrAdd(bySeq, awaited.seq, () => []);
    if (waiting.some((held) => sameId(held.id, operation.id) && sameOperation(held, operation))) return;
    waiting.push(operation);
    this.#count(operation, 1);
  }

  /** Removes and returns what waits for the seqs [from, to] of `replica`. */
  take(replica: ReplicaId, from: number, to: number): UpdateOperation[] {
    const bySeq = this.#byAwaited.get(replica);
    const freed: UpdateOperation[] = [];
    if (bySeq === undefined) return freed;
    for (let seq = from; seq <= to; seq++) {
      freed.push(...(bySeq.get(seq) ?? []));
      bySeq.delete(seq);
    }
    for (const operation of freed) this.#count(operation, -1);
    return freed;
  }

  /** A buffer of its own with the same content. */
  copy(): Pending {
    const copy = new Pending();
    for (const [replica, bySeq] of this.#byAwaited) {
      for (const [seq, waiting] of bySeq)
        for (const operation of waiting) copy.hold({ replica, seq }, operation);
    }
    return copy;
  }

  /** @throws {CrdtError} `LIMIT` when more waits than may. */
  checkLimits(): void {
    if (this.#runs > WAITING_OPERATIONS_MAX || this.#bytes > WAITING_BYTES_MAX) {
      throw new CrdtError("LIMIT", "too many operations that wait for others: ask for what is missing first");
    }
  }

  #count(operation: UpdateOperation, sign: 1 | -1): void {
    this.#runs += sign;
    this.#operations += sign * operationLength(operation);
    this.#bytes += sign * (OPERATION_BYTES + contentBytes(operation));
  }
}

function contentBytes(operation: UpdateOperation): number {
  if (operation.kind === "insert") return operation.content.length * 2;
  return operation.kind === "row" ? operation.row.bytes.length : 0;
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
