import {
  type ItemId,
  operationsOf,
  Update,
  type UpdateOperation,
  type VersionVector,
} from "@motet/crdt-core";
import type { RowOperation } from "./operation.js";
import { readRow } from "./row-states.js";

/** An operation as the log has it: by element, not by position, so that it means the same to every replica. */
export interface LoggedOperation {
  /** The id of its first seq. */
  readonly id: ItemId;
  /** How many seqs it takes: one for each character, one for everything else. */
  readonly length: number;
  readonly operation: LoggedInsert | LoggedDelete | RowOperation | UnknownRow;
}

/**
 * Characters put between two elements; `null` is the start or the end of the text. `right` is undefined where it is
 * that of the replica's operation before, which is not told: text that was typed on.
 */
export interface LoggedInsert {
  readonly type: "insert";
  /** Empty where it was deleted and then trimmed. */
  readonly text: string;
  readonly left: ItemId | null;
  readonly right: ItemId | null | undefined;
}

/** Elements removed: `target`, then those with the seqs above it (1) or below it (-1). */
export interface LoggedDelete {
  readonly type: "delete";
  readonly target: ItemId;
  readonly direction: 1 | -1;
}

/** An operation of a kind that a newer version knows. */
export interface UnknownRow {
  readonly type: "unknown";
  readonly kind: number;
}

/** The operations of an update that are part of `version`, cut where it ends. Cost: O(operations). */
export function* loggedOperations(update: Uint8Array, version: VersionVector): Generator<LoggedOperation> {
  for (const operation of operationsOf(Update.decode(update))) {
    const whole = lengthOf(operation);
    const length = Math.min(whole, version.get(operation.id.replica) - operation.id.seq + 1);
    if (length > 0)
      yield { id: operation.id, length, operation: told(operation, length < whole ? length : undefined) };
  }
}

/** How many characters `text` has, as Unicode code points: each is one element and takes one seq. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function lengthOf(operation: UpdateOperation): number {
  if (operation.kind === "row") return 1;
  if (operation.kind === "delete") return operation.length;
  return operation.leftOut ?? countCharacters(operation.content);
}

/** @param first How many of its characters are told, where they are not all. */
function told(operation: UpdateOperation, first?: number): LoggedOperation["operation"] {
  switch (operation.kind) {
    case "insert":
      return {
        type: "insert",
        text: first === undefined ? operation.content : [...operation.content].slice(0, first).join(""),
        left: operation.left,
        right: operation.right,
      };
    case "delete":
      return { type: "delete", target: operation.target, direction: operation.direction };
    case "row":
      return readRow(operation.row)?.operation ?? { type: "unknown", kind: operation.row.kind };
  }
}
