import { sameId } from "../../src/ids.js";
import type { InsertOperation, ItemId, OpaqueRow, UpdateOperation } from "../../src/index.js";

// Operations as values, one by one: how the tests cut, compare and join them, apart from how the package does.

/** How many seqs `operation` takes. Cost: O(characters). */
export function operationLength(operation: UpdateOperation): number {
  if (operation.kind === "row") return 1;
  if (operation.kind === "delete") return operation.length;
  return operation.leftOut ?? countCodePoints(operation.content);
}

/** The element `steps` seqs from `id`; steps may be negative. */
export function idAt(id: ItemId, steps: number): ItemId {
  return steps === 0 ? id : { replica: id.replica, seq: id.seq + steps };
}

/** The units [from, to) of `operation`, as an operation of their own. Needs `from < to`. */
export function sliceOperation(operation: UpdateOperation, from: number, to: number): UpdateOperation {
  const id = idAt(operation.id, from);
  if (operation.kind === "row") return operation;
  if (operation.kind === "insert")
    return { ...operation, ...slicedContent(operation, from, to), ...origins(operation, id, from) };
  const target = idAt(operation.target, from * operation.direction);
  const direction = to - from === 1 ? 1 : operation.direction;
  return { kind: "delete", id, target, length: to - from, direction };
}

/** Whether two operations over the same seqs say the same. */
export function sameOperation(a: UpdateOperation, b: UpdateOperation): boolean {
  if (!sameId(a.id, b.id)) return false;
  if (a.kind === "insert" && b.kind === "insert") {
    const isSameContent = a.leftOut !== undefined || b.leftOut !== undefined || a.content === b.content;
    return isSameContent && sameId(a.left, b.left) && isSameRight(a, b);
  }
  if (a.kind === "delete" && b.kind === "delete") {
    return a.length === b.length && a.direction === b.direction && sameId(a.target, b.target);
  }
  return a.kind === "row" && b.kind === "row" && sameRow(a.row, b.row);
}

/**
 * The same operations in as few runs as possible. However the input was cut, the output is the same, which makes the
 * encoding canonical. The input is in ascending order of seqs, replica by replica.
 */
export function* joinOperations<Operation extends UpdateOperation>(
  operations: Iterable<Operation>,
): Generator<Operation> {
  let run: Operation | undefined;
  let runLength = 0;
  for (let rest of operations) {
    let length = operationLength(rest);
    while (length > 0) {
      const joins = run === undefined ? 0 : countJoining(run, runLength, rest);
      if (run === undefined || joins === 0) {
        if (run !== undefined) yield run;
        [run, runLength, length] = [rest, length, 0];
      } else {
        run = extended(run, rest, runLength + joins) as Operation;
        runLength += joins;
        length -= joins;
        if (length > 0) rest = sliceOperation(rest, joins, joins + length) as Operation;
      }
    }
  }
  if (run !== undefined) yield run;
}

/** How many units at the front of `next` continue `run`, which takes `runLength` seqs. */
export function countJoining(run: UpdateOperation, runLength: number, next: UpdateOperation): number {
  if (!sameId(next.id, idAt(run.id, runLength))) return 0;
  if (run.kind === "insert" && next.kind === "insert") {
    if (!continuesInsert(run, next)) return 0;
    return (run.leftOut === undefined) === (next.leftOut === undefined) ? operationLength(next) : 0;
  }
  if (run.kind === "delete" && next.kind === "delete") {
    if (run.target.replica !== next.target.replica) return 0;
    const direction = run.length === 1 ? next.target.seq - run.target.seq : run.direction;
    if (direction !== 1 && direction !== -1) return 0;
    if (next.target.seq !== run.target.seq + direction * run.length) return 0;
    return next.direction === direction ? next.length : 1;
  }
  return 0;
}

/**
 * Whether `next`, which has the next id, goes on where `previous` ended. A right origin is left unknown only where it
 * is that of the operation before; one that is told behind an unknown one is another.
 */
export function continuesInsert(previous: InsertOperation, next: InsertOperation): boolean {
  if (!sameId(next.left, idAt(next.id, -1))) return false;
  if (next.right === undefined) return true;
  return previous.right !== undefined && sameId(previous.right, next.right);
}

function extended(run: UpdateOperation, next: UpdateOperation, length: number): UpdateOperation {
  if (run.kind === "insert" && next.kind === "insert") {
    return { ...run, content: run.content + next.content, ...(run.leftOut && { leftOut: length }) };
  }
  /* v8 ignore next -- Only two of a kind are ever joined. @preserve */
  if (run.kind === "delete" && next.kind === "delete") {
    return { ...run, length, direction: next.target.seq > run.target.seq ? 1 : -1 };
  }
  return run;
}

/** The part of an insert's content that stands at [from, to). */
function slicedContent(operation: InsertOperation, from: number, to: number): Partial<InsertOperation> {
  if (operation.leftOut !== undefined) return { leftOut: to - from };
  return { content: [...operation.content].slice(from, to).join("") };
}

/**
 * The origins of what is left of an insert behind its first `from`: it goes on from the operation before. Only a row
 * that holds characters can say so without naming its right origin.
 */
function origins({ right, leftOut }: InsertOperation, id: ItemId, from: number): Partial<InsertOperation> {
  return from === 0 ? {} : { id, left: idAt(id, -1), right: leftOut === undefined ? undefined : right };
}

/** Whether two inserts may have the same right origin: it is not always known. */
function isSameRight(a: InsertOperation, b: InsertOperation): boolean {
  return a.right === undefined || b.right === undefined || sameId(a.right, b.right);
}

function sameRow(a: OpaqueRow, b: OpaqueRow): boolean {
  if (a.kind !== b.kind || a.bytes.length !== b.bytes.length) return false;
  return a.bytes.every((byte, index) => byte === b.bytes[index]);
}

function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
