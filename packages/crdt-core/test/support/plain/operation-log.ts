import type { ItemId, OperationRange, ReplicaId } from "../../../src/ids.js";
import type { OpaqueRow } from "../../../src/index.js";
import { VersionVector } from "../../../src/version-vector.js";
import { joinOperations, sameOperation } from "../operations.js";
import type { Element } from "./element.js";
import type { UpdateOperation } from "./operation.js";

/** What one seq of a replica did. */
export type LogEntry =
  | { readonly kind: "insert"; readonly element: Element }
  | { readonly kind: "delete"; readonly target: Element }
  | { readonly kind: "row"; readonly row: OpaqueRow };

/** Everything that was ever done, one entry for each seq of each replica, without gaps. */
export class OperationLog {
  readonly #entries = new Map<ReplicaId, LogEntry[]>();

  /** The seq of the last operation of `replica`; 0 before the first. */
  lastSeq(replica: ReplicaId): number {
    return this.#entries.get(replica)?.length ?? 0;
  }

  /** The id of the next operation of `replica`. */
  nextId(replica: ReplicaId): ItemId {
    return { replica, seq: this.lastSeq(replica) + 1 };
  }

  /** Adds the next operation of `replica`. */
  append(replica: ReplicaId, entry: LogEntry): void {
    const entries = this.#entries.get(replica);
    if (entries === undefined) this.#entries.set(replica, [entry]);
    else entries.push(entry);
  }

  /** Undoes the last `append` for `replica`. */
  removeLast(replica: ReplicaId): void {
    const entries = this.#entries.get(replica)!;
    entries.pop();
    if (entries.length === 0) this.#entries.delete(replica);
  }

  /** Whether the operation `id` is here. */
  includes(id: ItemId): boolean {
    return id.seq <= this.lastSeq(id.replica);
  }

  /** The element that the operation `id` inserted, if it is here and inserted one. */
  element(id: ItemId): Element | undefined {
    const entry = this.#entries.get(id.replica)?.[id.seq - 1];
    return entry?.kind === "insert" ? entry.element : undefined;
  }

  /** Whether `unit`, an operation of one seq that is here, is the same as the one here. */
  agreesWith(unit: UpdateOperation): boolean {
    const entry = this.#entries.get(unit.id.replica)![unit.id.seq - 1];
    return sameOperation(operationOf(unit.id, entry), unit);
  }

  /** What is here, as a vector. */
  version(): VersionVector {
    const entries = [...this.#entries].map(([replica, entries]) => [replica, entries.length] as const);
    return new VersionVector(entries);
  }

  /** The stretches that `since` lacks, in ascending order of replicas. */
  rangesSince(since: VersionVector): OperationRange[] {
    return [...this.version()]
      .map(([replica, to]) => ({ replica, from: since.get(replica) + 1, to }))
      .filter(({ from, to }) => from <= to);
  }

  /** The operations of `ranges`, in runs. */
  operations(ranges: readonly OperationRange[]): Iterable<UpdateOperation> {
    return joinOperations(this.#units(ranges));
  }

  /** Every opaque row, replica by replica in ascending order, by seq. */
  *rows(): Generator<OpaqueRow> {
    for (const [replica] of this.version()) {
      for (const entry of this.#entries.get(replica)!) if (entry.kind === "row") yield entry.row;
    }
  }

  *#units(ranges: readonly OperationRange[]): Generator<UpdateOperation> {
    for (const { replica, from, to } of ranges) {
      const entries = this.#entries.get(replica)!;
      for (let seq = from; seq <= to; seq++) yield operationOf({ replica, seq }, entries[seq - 1]);
    }
  }
}

function operationOf(id: ItemId, entry: LogEntry): UpdateOperation {
  if (entry.kind === "insert") {
    const { character, left, right } = entry.element;
    return { kind: "insert", id, content: character, left: left?.id ?? null, right: right?.id ?? null };
  }
  if (entry.kind === "row") return { kind: "row", id, row: entry.row };
  return { kind: "delete", id, target: entry.target.id, length: 1, direction: 1 };
}
