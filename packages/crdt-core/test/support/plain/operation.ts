import { CrdtError } from "../../../src/errors.js";
import { type ItemId, isSeq, SEQ_MAX, sameId } from "../../../src/ids.js";
import type { DeleteOperation, RowOperation } from "../../../src/index.js";
import { idAt, operationLength } from "../operations.js";

/** Characters inserted in one go: the first after `left` and before `right`, each next one after the one before it. */
export interface InsertOperation {
  readonly kind: "insert";
  /** The id of the first character; the others have the seqs that follow. */
  readonly id: ItemId;
  /** At least one code point; each takes one seq. */
  readonly content: string;
  /** The element on the left at the time; `null` is the start of the text. */
  readonly left: ItemId | null;
  /** The element on the right at the time, the same for the whole run; `null` is the end of the text. */
  readonly right: ItemId | null;
}

/** What an update is made of. */
export type UpdateOperation = InsertOperation | DeleteOperation | RowOperation;

/** The units [from, to) of `operation`, as an operation of their own. Needs `from < to`. */
export function sliceOperation(operation: UpdateOperation, from: number, to: number): UpdateOperation {
  const id = idAt(operation.id, from);
  if (operation.kind === "row") return operation;
  if (operation.kind === "insert") {
    const left = from === 0 ? operation.left : idAt(id, -1);
    return { ...operation, id, left, content: [...operation.content].slice(from, to).join("") };
  }
  const target = idAt(operation.target, from * operation.direction);
  const direction = to - from === 1 ? 1 : operation.direction;
  return { kind: "delete", id, target, length: to - from, direction };
}

/** `operation` as operations of one seq each. */
export function* operationUnits(operation: UpdateOperation): Generator<UpdateOperation> {
  if (operation.kind === "insert") {
    let steps = 0;
    for (const content of operation.content) {
      const id = idAt(operation.id, steps);
      yield { ...operation, id, content, left: steps === 0 ? operation.left : idAt(id, -1) };
      steps++;
    }
  } else {
    const length = operationLength(operation);
    for (let step = 0; step < length; step++) yield sliceOperation(operation, step, step + 1);
  }
}

/**
 * Refuses what no document could ever take in, whatever else it holds.
 * @throws {CrdtError} `MALFORMED` for numbers out of range, `FORGED_ORIGIN` for references to oneself, to the future
 * of one's own replica, or to the same element on both sides.
 */
export function checkOperation(operation: UpdateOperation): void {
  const { id } = operation;
  const length = operationLength(operation);
  if (!isSeq(id.seq) || length < 1 || id.seq > SEQ_MAX - length + 1) {
    throw new CrdtError("MALFORMED", "an operation without a seq");
  }
  if (operation.kind === "insert") checkOrigins(operation);
  if (operation.kind === "delete") checkTargets(operation);
}

function checkOrigins({ id, left, right }: InsertOperation): void {
  for (const origin of [left, right]) {
    if (origin === null) continue;
    if (!isSeq(origin.seq)) throw new CrdtError("MALFORMED", "an origin without a seq");
    if (isNotEarlier(origin, id))
      throw new CrdtError("FORGED_ORIGIN", "an origin that is not older than its element");
  }
  if (left !== null && sameId(left, right))
    throw new CrdtError("FORGED_ORIGIN", "the same origin on both sides");
}

function checkTargets({ id, target, length, direction }: DeleteOperation): void {
  const end = target.seq + direction * (length - 1);
  if (!isSeq(target.seq) || !isSeq(end)) throw new CrdtError("MALFORMED", "a deletion of no element");
  if (isNotEarlier(idAt(target, Math.max(0, end - target.seq)), id)) {
    throw new CrdtError("FORGED_ORIGIN", "a deletion of what did not exist yet");
  }
}

function isNotEarlier(reference: ItemId, id: ItemId): boolean {
  return reference.replica === id.replica && reference.seq >= id.seq;
}
