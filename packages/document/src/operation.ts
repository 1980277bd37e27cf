import { counterKind, type IncrementCounterOperation } from "./kinds/counter.js";
import { fieldKind, type SetFieldOperation } from "./kinds/field.js";
import type { OperationKind, RowKind } from "./kinds/row-kind.js";
import { type DeleteOperation, deleteKind, type InsertOperation, insertKind } from "./kinds/text.js";
import { type SetTitleOperation, titleKind } from "./kinds/title.js";

/** What can be done to a document, as a person or a JSON client says it. Positions count UTF-16 code units. */
export type Operation =
  | InsertOperation
  | DeleteOperation
  | SetTitleOperation
  | IncrementCounterOperation
  | SetFieldOperation;

/** Operations that are kept as opaque rows: all but those of the text. */
export type RowOperation = Exclude<Operation, PlacedOperation>;

/** Operations that count positions in a text. */
export type PlacedOperation = InsertOperation | DeleteOperation;

/** A row kind whose state nobody here looks into: {@link RowStates} keeps state and kind together. */
export type AnyRowKind = RowKind<RowOperation, unknown>;

/**
 * The table of kinds. A new kind of operation is a file in `kinds/`, a member of {@link Operation}, and a line here
 * and in `operation-schemas.ts`, which pages need not load.
 * Rows of numbers that are not in the table (a newer version wrote them) are kept, passed on, and mean nothing here.
 */
const ROW_KINDS = [titleKind, counterKind, fieldKind] as unknown as readonly AnyRowKind[];

/** Every kind of operation with its right. */
export const operationKinds: readonly OperationKind<Operation["type"]>[] = [
  insertKind,
  deleteKind,
  ...ROW_KINDS,
];

const byNumber: ReadonlyMap<number, AnyRowKind> = new Map(ROW_KINDS.map((kind) => [kind.number, kind]));
const byType: ReadonlyMap<string, OperationKind<Operation["type"]>> = new Map(
  operationKinds.map((kind) => [kind.type, kind]),
);
const rowByType: ReadonlyMap<string, AnyRowKind> = new Map(ROW_KINDS.map((kind) => [kind.type, kind]));

/** The kind of a row's number; `undefined` for numbers of the future. */
export function rowKind(number: number): AnyRowKind | undefined {
  return byNumber.get(number);
}

/** The kind that writes rows for operations of that `type`; `undefined` for the text's. */
export function rowKindOf(type: string): AnyRowKind | undefined {
  return rowByType.get(type);
}

/** The kind of an operation by its `type`; `undefined` when there is none. */
export function operationKind(type: string): OperationKind<Operation["type"]> | undefined {
  return byType.get(type);
}
