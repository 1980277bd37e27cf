import { CrdtError } from "../errors.js";
import { compareReplicaIds, type ItemId, type ReplicaId, sameId } from "../ids.js";
import {
  continuesInsert,
  type InsertOperation,
  idAt,
  joinOperations,
  operationLength,
  sameOperation,
  sliceOperation,
  type UpdateOperation,
} from "../log/operation.js";
import { BY_ID, BY_OWN_ID } from "./layout.js";
import { operationsOf } from "./operations.js";
import { USUAL_LENGTH, writeName, writeNames } from "./replica-names.js";
import * as row from "./row-codec.js";
import { TypedJoiner } from "./typed-joiner.js";
import { Update } from "./update.js";
import { Writer } from "./writer.js";

/**
 * One update that holds what any of `updates` holds, without a document: for stores and relays. The order does not
 * matter, duplicates are dropped, and characters that one of them left out are taken from another.
 * Cost: O(bytes), and O(n log n) in the runs that are left when what was typed together is joined.
 * @throws {CrdtError} as `Update.decode` does, and `CONFLICT` when two of them give one id to different operations.
 */
export function mergeUpdates(updates: readonly Uint8Array[]): Uint8Array {
  const all = new TypedJoiner().join(updates).flatMap((bytes) => [...operationsOf(Update.decode(bytes))]);
  const whole = mergeSorted(all.filter((operation) => !isLeftOut(operation)));
  const merged = all.some(isLeftOut) ? fillGaps(whole, mergeSorted(all.filter(isLeftOut))) : whole;
  return encodeOperations(merged);
}

function isLeftOut(operation: UpdateOperation): boolean {
  return operation.kind === "insert" && operation.leftOut !== undefined;
}

/** The same operations in ascending order of ids, each once. */
function mergeSorted(operations: UpdateOperation[]): UpdateOperation[] {
  operations.sort(compareOperations);
  const merged: UpdateOperation[] = [];
  for (const operation of operations) {
    const last = merged.at(-1);
    const known = last?.id.replica === operation.id.replica ? overlap(merged, operation) : 0;
    const length = operationLength(operation);
    if (known < length) merged.push(sliceOperation(operation, known, length));
  }
  return merged;
}

/** `whole`, and between its operations those of `others` that are not in it. */
function fillGaps(whole: UpdateOperation[], others: UpdateOperation[]): UpdateOperation[] {
  const filled = [...whole];
  for (let other of others) {
    let length = operationLength(other);
    for (const known of whole) {
      const from = known.id.seq - other.id.seq;
      const to = from + operationLength(known);
      if (known.id.replica !== other.id.replica || to <= 0 || from >= length) continue;
      if (from > 0) filled.push(sliceOperation(other, 0, from));
      if (to < length) other = sliceOperation(other, to, length);
      length = Math.max(0, length - to);
      if (length === 0) break;
    }
    if (length > 0) filled.push(other);
  }
  return filled.sort(compareOperations);
}

function compareOperations(a: UpdateOperation, b: UpdateOperation): number {
  return compareReplicaIds(a.id.replica, b.id.replica) || a.id.seq - b.id.seq;
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

/** Writes `operations`, which are in ascending order of ids and do not overlap. */
export function encodeOperations(operations: Iterable<UpdateOperation>): Uint8Array {
  const runs = [...joinOperations(operations)];
  const out = new Writer();
  const stretches = contiguous(runs);
  const names = [...new Set(runs.flatMap(replicasOf))].sort();
  if (stretches.length === 1 && names.length === 1 && names[0].length === USUAL_LENGTH) {
    writeName(out.u8(BY_OWN_ID), names[0]);
    writeRows(out.varint(stretches[0][0].id.seq), stretches[0], names);
    return out.finish();
  }
  writeNames(out.u8(BY_ID), names);
  out.varint(stretches.length);
  for (const stretch of stretches) {
    const { replica, seq } = stretch[0].id;
    out.varint(names.indexOf(replica)).varint(seq).varint(stretch.length);
    writeRows(out, stretch, names);
  }
  return out.finish();
}

function writeRows(out: Writer, stretch: readonly UpdateOperation[], names: readonly ReplicaId[]): void {
  const indices = new Map(names.map((name, index) => [name, index]));
  const refer = ({ replica, seq }: ItemId, to: ItemId | null) =>
    row.writeReference(
      out,
      indices.get(replica)!,
      seq,
      to ? indices.get(to.replica)! : row.NO_REPLICA,
      to?.seq ?? 0,
    );
  stretch.forEach((operation, number) => {
    if (operation.kind === "insert") writeInsert(out, operation, stretch[number - 1], refer);
    else if (operation.kind === "delete") {
      row.writeHead(out, operation.direction === 1 ? row.DELETED_UP : row.DELETED_DOWN, operation.length);
      refer(operation.id, operation.target);
    } else {
      row.writeHead(out, row.OPAQUE, operation.row.bytes.length);
      out.varint(operation.row.kind).bytes(operation.row.bytes);
    }
  });
}

function writeInsert(
  out: Writer,
  operation: InsertOperation,
  previous: UpdateOperation | undefined,
  refer: (from: ItemId, to: ItemId | null) => void,
): void {
  const { id, left, content, leftOut } = operation;
  const isContinued = previous?.kind === "insert" && continuesInsert(previous, operation);
  const right = operation.right;
  let kind = right === undefined || isContinued ? row.CONTINUED : row.BETWEEN;
  if (kind === row.BETWEEN && left && right && sameId(right, idAt(left, 1))) kind = row.BEFORE_NEXT;
  if (leftOut !== undefined) kind = row.LEFT_OUT;
  row.writeHead(out, kind, operationLength(operation));
  if (kind !== row.CONTINUED) refer(id, left);
  if (kind === row.BETWEEN || kind === row.LEFT_OUT) refer(id, right ?? null);
  for (const character of content) out.point(character.codePointAt(0)!);
}

function replicasOf(operation: UpdateOperation): ReplicaId[] {
  const names = [operation.id.replica];
  if (operation.kind === "delete") names.push(operation.target.replica);
  if (operation.kind === "insert") {
    for (const origin of [operation.left, operation.right]) if (origin) names.push(origin.replica);
  }
  return names;
}

function contiguous(runs: readonly UpdateOperation[]): UpdateOperation[][] {
  const stretches: UpdateOperation[][] = [];
  let end: ItemId | undefined;
  for (const run of runs) {
    if (end !== undefined && sameId(run.id, end)) stretches.at(-1)!.push(run);
    else stretches.push([run]);
    end = idAt(run.id, operationLength(run));
  }
  return stretches;
}
