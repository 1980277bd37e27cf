import { BY_ID, BY_OWN_ID } from "../../src/codec/layout.js";
import { USUAL_LENGTH, writeName, writeNames } from "../../src/codec/replica-names.js";
import * as row from "../../src/codec/row-codec.js";
import { sameId } from "../../src/ids.js";
import {
  type InsertOperation,
  type ItemId,
  type ReplicaId,
  replicaId,
  type UpdateOperation,
  Writer,
} from "../../src/index.js";
import { continuesInsert, idAt, joinOperations, operationLength } from "./operations.js";

/** An id, short to write. */
export function id(replica: string, seq: number): ItemId {
  return { replica: replicaId(replica), seq };
}

/** An update that says whatever one wants it to say, honest or not. Operations come in ascending order of ids. */
export function forge(...operations: UpdateOperation[]): Uint8Array {
  const runs = [...joinOperations(operations)];
  const out = new Writer();
  const stretches = contiguous(runs);
  const names = [...new Set(runs.flatMap(replicasOf))].sort();
  const indices = new Map(names.map((name, index) => [name, index]));
  if (stretches.length === 1 && names.length === 1 && names[0].length === USUAL_LENGTH) {
    writeName(out.u8(BY_OWN_ID), names[0]);
    writeRows(out.varint(stretches[0][0].id.seq), stretches[0], indices);
    return out.finish();
  }
  writeNames(out.u8(BY_ID), names);
  out.varint(stretches.length);
  for (const stretch of stretches) {
    const { replica, seq } = stretch[0].id;
    out.varint(indices.get(replica)!).varint(seq).varint(stretch.length);
    writeRows(out, stretch, indices);
  }
  return out.finish();
}

/** An insertion that says whatever one wants it to say. */
export function insertion(
  own: ItemId,
  content: string,
  left: ItemId | null = null,
  right: ItemId | null = null,
): UpdateOperation {
  return { kind: "insert", id: own, content, left, right };
}

/** A deletion that says whatever one wants it to say. */
export function deletion(own: ItemId, target: ItemId, length = 1, direction: 1 | -1 = 1): UpdateOperation {
  return { kind: "delete", id: own, target, length, direction };
}

/** An insertion whose `count` characters were left out. */
export function leftOut(own: ItemId, count: number, left: ItemId | null = null): UpdateOperation {
  return { kind: "insert", id: own, content: "", left, right: null, leftOut: count };
}

function writeRows(
  out: Writer,
  stretch: readonly UpdateOperation[],
  indices: ReadonlyMap<ReplicaId, number>,
): void {
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
  if (kind === row.LEFT_OUT) row.writeZeros(out, operationLength(operation));
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
