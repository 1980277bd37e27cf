import type { ItemId, ReplicaId } from "../ids.js";
import type { DeleteOperation, OpaqueRow, UpdateOperation } from "../log/operation.js";
import { opaqueRowsIn } from "../text/saved-text.js";
import type { Reader } from "./reader.js";
import { CONTINUED, DELETED_UP, LEFT_OUT, NO_REPLICA, OPAQUE, type RowReader } from "./row-codec.js";
import { Update } from "./update.js";
import { UpdateReader } from "./update-reader.js";

/** The operations of an update, in ascending order of replica and seq, in as few runs as possible. Decoded anew each time. */
export function* operationsOf(update: Update): Generator<UpdateOperation> {
  for (const { rows, reader, table } of rowsOf(update)) yield operationOf(rows, reader, table.names);
}

/** The deletions among them. Passes over everything else. */
export function* deletionsOf(update: Update): Generator<DeleteOperation> {
  for (const { rows, reader, table } of rowsOf(update)) {
    if (rows.isInsert || rows.kind === OPAQUE) rows.skipContent();
    else yield operationOf(rows, reader, table.names) as DeleteOperation;
  }
}

/** The opaque rows among the operations of an update. Passes over everything else. */
export function* opaqueRowsOf(update: Update): Generator<OpaqueRow> {
  if (!update.hasOpaqueRows) return;
  if (Update.isState(update.bytes)) {
    yield* opaqueRowsIn(update.bytes);
    return;
  }
  for (const { rows, reader, table } of rowsOf(update)) {
    if (rows.kind === OPAQUE) yield opaqueRowOf(rows, reader, table.names);
    else rows.skipContent();
  }
}

/** Every row, read up to its content, which has to be read before the next one is asked for. */
function* rowsOf(update: Update): Generator<UpdateReader> {
  const reader = new UpdateReader().open(update.bytesById);
  while (reader.nextStretch()) while (reader.rows.read()) yield reader;
}

/** Reads the content of the row that `rows` has just read. */
function operationOf(rows: RowReader, reader: Reader, names: readonly ReplicaId[]): UpdateOperation {
  const { kind, seq, length } = rows;
  const id = { replica: names[rows.own], seq };
  if (kind === OPAQUE) return { kind: "row", id, row: opaqueRowOf(rows, reader, names) };
  if (!rows.isInsert) {
    const target = { replica: names[rows.target], seq: rows.targetSeq };
    return { kind: "delete", id, target, length, direction: kind === DELETED_UP ? 1 : -1 };
  }
  const left = idOrNull(names, rows.left, rows.leftSeq);
  const right = kind === CONTINUED ? undefined : idOrNull(names, rows.right, rows.rightSeq);
  if (kind === LEFT_OUT) return { kind: "insert", id, content: "", leftOut: length, left, right };
  let content = "";
  for (let i = 0; i < length; i++) content += String.fromCodePoint(reader.point());
  return { kind: "insert", id, content, left, right };
}

function opaqueRowOf(rows: RowReader, reader: Reader, names: readonly ReplicaId[]): OpaqueRow {
  const id = { replica: names[rows.own], seq: rows.seq };
  return { id, kind: rows.opaqueKind, bytes: reader.bytes(rows.opaqueLength) };
}

function idOrNull(names: readonly ReplicaId[], replica: number, seq: number): ItemId | null {
  return replica === NO_REPLICA ? null : { replica: names[replica], seq };
}
