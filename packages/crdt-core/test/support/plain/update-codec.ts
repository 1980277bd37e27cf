import { Reader } from "../../../src/codec/reader.js";
import { Writer } from "../../../src/codec/writer.js";
import { CrdtError } from "../../../src/errors.js";
import {
  compareReplicaIds,
  type ItemId,
  type OperationRange,
  type ReplicaId,
  replicaId,
} from "../../../src/ids.js";
import { ROW_KIND_MAX } from "../../../src/log/operation.js";
import { countJoining, idAt, joinOperations, operationLength, sameOperation } from "../operations.js";
import { checkOperation, sliceOperation, type UpdateOperation } from "./operation.js";

const FORMAT_VERSION = 1;
const INSERT = 0;
const DELETE_UPWARDS = 1;
const DELETE_DOWNWARDS = 2;
const ROW = 3;

/** A set of operations, decoded: what clients send, servers relay and stores keep. */
export class Update {
  /** The encoded form. */
  readonly bytes: Uint8Array;
  /** The operations it holds, in ascending order of replica and seq. */
  readonly ranges: readonly OperationRange[];

  private constructor(bytes: Uint8Array, ranges: readonly OperationRange[]) {
    this.bytes = bytes;
    this.ranges = ranges;
  }

  /**
   * Reads and checks everything that can be checked without the document. Keeps a copy of `bytes`, and no more than
   * a range for each stretch of operations besides.
   * @throws {CrdtError} `UNSUPPORTED_VERSION` for a format that this release does not know, `MALFORMED` for bytes
   * that `encodeUpdate` would not write, `FORGED_ORIGIN` for an operation that refers to itself or its own future.
   */
  static decode(bytes: Uint8Array): Update {
    const kept = new Reader(bytes).bytes(bytes.length);
    const ranges: OperationRange[] = [];
    for (const operation of readOperations(kept)) addRange(ranges, operation.id, operationLength(operation));
    return new Update(kept, ranges);
  }

  /** The operations, in ascending order of replica and seq, in as few runs as possible. Decoded anew each time. */
  operations(): Iterable<UpdateOperation> {
    return readOperations(this.bytes);
  }
}

/**
 * One update that holds what any of `updates` holds. The order does not matter; duplicates are dropped.
 * @throws {CrdtError} as `Update.decode` does, and `CONFLICT` when two of them give one id to different operations.
 */
export function mergeUpdates(updates: readonly Uint8Array[]): Uint8Array {
  const all = updates.flatMap((bytes) => [...Update.decode(bytes).operations()]);
  all.sort((a, b) => compareReplicaIds(a.id.replica, b.id.replica) || a.id.seq - b.id.seq);
  const merged: UpdateOperation[] = [];
  for (const operation of all) {
    const last = merged.at(-1);
    const known = last?.id.replica === operation.id.replica ? overlap(merged, operation) : 0;
    const length = operationLength(operation);
    if (known < length) merged.push(sliceOperation(operation, known, length));
  }
  return encodeOperations(merged);
}

/** How many units at the front of `operation` are in `merged` already, which is ascending; compares them. */
function overlap(merged: readonly UpdateOperation[], operation: UpdateOperation): number {
  const end = operation.id.seq + operationLength(operation);
  let known = 0;
  for (let at = merged.length - 1; at >= 0; at--) {
    const other = merged[at];
    const otherEnd = other.id.seq + operationLength(other);
    if (other.id.replica !== operation.id.replica || otherEnd <= operation.id.seq) break;
    const from = Math.max(other.id.seq, operation.id.seq);
    const to = Math.min(otherEnd, end);
    const theirs = sliceOperation(other, from - other.id.seq, to - other.id.seq);
    const ours = sliceOperation(operation, from - operation.id.seq, to - operation.id.seq);
    if (!sameOperation(theirs, ours)) throw new CrdtError("CONFLICT", "one id for two different operations");
    known = Math.max(known, to - operation.id.seq);
  }
  return known;
}

// update    := version:u8=1  replicas  stretch:count stretch*
// replicas  := count replica:string*        Every replica named below, in strictly ascending order.
// stretch   := owner:index first:varint count operation*
//                                           Contiguous seqs; in ascending order, as few stretches as possible.
// operation := 0 left:ref right:ref text:string      One run of characters.
//            | 1 target:id length:varint             A deletion, targets ascending.
//            | 2 target:id length:varint             A deletion of at least two, targets descending.
//            | 3 kind:varint length:varint byte*     An opaque row, kind in [0, 65535].
// id        := index seq:varint             The index counts in `replicas`, from 0.
// ref       := 0 | index+1:varint seq:varint         0 is the start or the end of the text.
// count, index, length := varint            Runs are as long as they can be.
/** Writes `operations`, which are in ascending order of replica and seq and do not overlap. */
export function encodeOperations(operations: Iterable<UpdateOperation>): Uint8Array {
  const runs = [...joinOperations(operations)];
  const names = [...new Set(runs.flatMap(replicasOf))].sort(compareReplicaIds);
  const index = new Map(names.map((name, at) => [name, at]));
  const out = new Writer().u8(FORMAT_VERSION).varint(names.length);
  for (const name of names) out.string(name);
  const stretches = contiguous(runs);
  out.varint(stretches.length);
  for (const stretch of stretches) {
    out.varint(index.get(stretch[0].id.replica)!).varint(stretch[0].id.seq).varint(stretch.length);
    for (const operation of stretch) writeOperation(out, operation, index);
  }
  return out.finish();
}

function writeOperation(
  out: Writer,
  operation: UpdateOperation,
  index: ReadonlyMap<ReplicaId, number>,
): void {
  if (operation.kind === "insert") {
    out.u8(INSERT);
    for (const origin of [operation.left, operation.right]) {
      if (origin === null) out.varint(0);
      else out.varint(index.get(origin.replica)! + 1).varint(origin.seq);
    }
    out.string(operation.content);
  } else if (operation.kind === "delete") {
    out.u8(operation.direction === 1 ? DELETE_UPWARDS : DELETE_DOWNWARDS);
    out.varint(index.get(operation.target.replica)!).varint(operation.target.seq).varint(operation.length);
  } else {
    const { kind, bytes } = operation.row;
    out.u8(ROW).varint(kind).varint(bytes.length).bytes(bytes);
  }
}

/** Reads and checks the operations one by one, so that a hostile update costs no more memory than one of them. */
function* readOperations(bytes: Uint8Array): Generator<UpdateOperation> {
  const reader = new Reader(bytes);
  if (reader.u8() !== FORMAT_VERSION) throw new CrdtError("UNSUPPORTED_VERSION", "an unknown update format");
  const names = new NameTable(reader);
  let [previousOwner, previousEnd] = [-1, 0];
  for (let stretches = reader.count(4); stretches > 0; stretches--) {
    const owner = reader.varint();
    const first = reader.varint();
    if (owner < previousOwner || (owner === previousOwner && first <= previousEnd)) {
      throw new CrdtError("MALFORMED", "stretches out of order");
    }
    previousOwner = owner;
    previousEnd = yield* readStretch(reader, names, { replica: names.at(owner), seq: first });
  }
  reader.end();
  names.checkUsed();
}

/** @returns the seq after the stretch. */
function* readStretch(reader: Reader, names: NameTable, first: ItemId): Generator<UpdateOperation, number> {
  const count = reader.count(3);
  if (count === 0) throw new CrdtError("MALFORMED", "an empty stretch");
  let id = first;
  let [previous, previousLength]: [UpdateOperation | undefined, number] = [undefined, 0];
  for (let left = count; left > 0; left--) {
    const operation = readOperation(reader, names, id);
    checkOperation(operation);
    if (previous !== undefined && countJoining(previous, previousLength, operation) > 0) {
      throw new CrdtError("MALFORMED", "a run cut in two");
    }
    yield operation;
    [previous, previousLength] = [operation, operationLength(operation)];
    id = idAt(id, previousLength);
  }
  return id.seq;
}

function readOperation(reader: Reader, names: NameTable, id: ItemId): UpdateOperation {
  const kind = reader.u8();
  if (kind === INSERT) {
    const left = readOrigin(reader, names);
    const right = readOrigin(reader, names);
    return { kind: "insert", id, left, right, content: reader.string() };
  }
  if (kind === DELETE_UPWARDS || kind === DELETE_DOWNWARDS) {
    const target = { replica: names.at(reader.varint()), seq: reader.varint() };
    const length = reader.varint();
    if (kind === DELETE_DOWNWARDS && length < 2)
      throw new CrdtError("MALFORMED", "one deletion has no direction");
    return { kind: "delete", id, target, length, direction: kind === DELETE_UPWARDS ? 1 : -1 };
  }
  if (kind !== ROW) throw new CrdtError("MALFORMED", "an unknown kind of operation");
  const rowKind = reader.varint();
  if (rowKind > ROW_KIND_MAX) throw new CrdtError("MALFORMED", "an opaque row's kind beyond 65535");
  return { kind: "row", id, row: { id, kind: rowKind, bytes: reader.bytes(reader.varint()) } };
}

function readOrigin(reader: Reader, names: NameTable): ItemId | null {
  const index = reader.varint();
  return index === 0 ? null : { replica: names.at(index - 1), seq: reader.varint() };
}

/** The replicas an update names, each of them at least once. */
class NameTable {
  readonly #names: ReplicaId[] = [];
  readonly #used = new Set<number>();

  constructor(reader: Reader) {
    for (let left = reader.count(2); left > 0; left--) {
      const name = replicaId(reader.string());
      const previous = this.#names.at(-1) ?? "";
      if (compareReplicaIds(previous, name) >= 0) throw new CrdtError("MALFORMED", "replicas out of order");
      this.#names.push(name);
    }
  }

  at(index: number): ReplicaId {
    if (index >= this.#names.length)
      throw new CrdtError("MALFORMED", "an index beyond the table of replicas");
    this.#used.add(index);
    return this.#names[index];
  }

  checkUsed(): void {
    if (this.#used.size < this.#names.length)
      throw new CrdtError("MALFORMED", "a replica that nothing names");
  }
}

function replicasOf(operation: UpdateOperation): ReplicaId[] {
  const names = [operation.id.replica];
  if (operation.kind === "delete") names.push(operation.target.replica);
  if (operation.kind === "insert") {
    for (const origin of [operation.left, operation.right]) if (origin !== null) names.push(origin.replica);
  }
  return names;
}

function contiguous(runs: readonly UpdateOperation[]): UpdateOperation[][] {
  const stretches: UpdateOperation[][] = [];
  let end: ItemId | undefined;
  for (const run of runs) {
    if (end !== undefined && run.id.replica === end.replica && run.id.seq === end.seq)
      stretches.at(-1)!.push(run);
    else stretches.push([run]);
    end = idAt(run.id, operationLength(run));
  }
  return stretches;
}

/** Adds `length` seqs from `id` on to `ranges`, to the last of them where they continue it. */
export function addRange(ranges: OperationRange[], id: ItemId, length: number): void {
  const last = ranges.at(-1);
  const to = id.seq + length - 1;
  if (last?.replica === id.replica && last.to + 1 === id.seq) ranges[ranges.length - 1] = { ...last, to };
  else ranges.push({ replica: id.replica, from: id.seq, to });
}
