import { CrdtError, type CrdtErrorCode } from "../../../src/errors.js";
import { formatId, type ItemId, type OperationRange, type ReplicaId } from "../../../src/ids.js";
import type { OpaqueRow } from "../../../src/index.js";
import { type DeltaStep, TextDelta } from "../../../src/text/delta.js";
import { idAt, operationLength } from "../operations.js";
import type { Element } from "./element.js";
import { type InsertOperation, operationUnits, sliceOperation, type UpdateOperation } from "./operation.js";
import type { OperationLog } from "./operation-log.js";
import type { Pending } from "./pending.js";
import type { Sequence } from "./sequence.js";
import { addRange } from "./update-codec.js";

/** An operation that was held back and turned out, once freed, to be one that no honest replica makes. */
export interface RefusedOperation {
  readonly id: ItemId;
  readonly code: CrdtErrorCode;
}

/**
 * One update on its way into a text: all of it, or, after `rollback`, nothing. What has to wait goes to `pending`,
 * which is a copy that the caller keeps when all went well.
 */
export class Integration {
  readonly #sequence: Sequence;
  readonly #log: OperationLog;
  readonly #pending: Pending;
  readonly #undo: (() => void)[] = [];
  /** Elements touched, and whether they were visible before. */
  readonly #touched = new Map<Element, boolean>();
  readonly rows: OpaqueRow[] = [];
  readonly applied: OperationRange[] = [];
  readonly refused: RefusedOperation[] = [];

  constructor(sequence: Sequence, log: OperationLog, pending: Pending) {
    this.#sequence = sequence;
    this.#log = log;
    this.#pending = pending;
  }

  /** Applies or holds `operations`, and whatever they free. @throws {CrdtError} then call `rollback`. */
  run(operations: Iterable<UpdateOperation>): void {
    const fresh = new Set(operations);
    const queue = [...fresh].reverse();
    for (let operation = queue.pop(); operation !== undefined; operation = queue.pop()) {
      try {
        const from = this.#log.lastSeq(operation.id.replica) + 1;
        this.#integrate(operation);
        const to = this.#log.lastSeq(operation.id.replica);
        queue.push(...this.#pending.take(operation.id.replica, from, to));
      } catch (error) {
        if (fresh.has(operation) || !(error instanceof CrdtError)) throw error;
        this.refused.push({ id: operation.id, code: error.code });
      }
    }
  }

  /** Undoes everything, the last thing first. */
  rollback(): void {
    for (const step of this.#undo.reverse()) step();
  }

  /** What the visible text has gone through. Cost: one look at each element touched. */
  delta(): TextDelta {
    if (this.#touched.size * 16 > this.#sequence.elements.length) this.#sequence.renumber();
    const placed = [...this.#touched].map(([element, was]) => ({
      element,
      was,
      at: this.#sequence.indexOf(element),
    }));
    return new TextDelta(this.#steps(placed.sort((a, b) => a.at - b.at)));
  }

  *#steps(touched: Iterable<{ element: Element; was: boolean; at: number }>): Generator<DeltaStep> {
    let reached = 0;
    for (const { element, was, at } of touched) {
      const is = element.width > 0;
      if (was === is) continue;
      const offset = this.#sequence.offsetBefore(at);
      yield { retain: offset - reached };
      yield is ? { insert: element.character } : { delete: element.character.length };
      reached = is ? offset + element.character.length : offset;
    }
  }

  #integrate(operation: UpdateOperation): void {
    const known = this.#log.lastSeq(operation.id.replica) - operation.id.seq + 1;
    if (known < 0) {
      this.#pending.hold(idAt(operation.id, -1), operation);
      return;
    }
    if (known > 0) this.#compare(operation, known);
    const length = operationLength(operation);
    if (known >= length) return;
    const rest = known > 0 ? sliceOperation(operation, known, length) : operation;
    const awaited = this.#awaitedBy(rest);
    if (awaited !== undefined) this.#pending.hold(awaited, operation);
    else this.#apply(rest, length - known);
  }

  /** What is known already has to be the same: an id never names two operations. */
  #compare(operation: UpdateOperation, known: number): void {
    let left = known;
    for (const unit of operationUnits(operation)) {
      if (left-- === 0) return;
      if (!this.#log.agreesWith(unit)) {
        throw new CrdtError("CONFLICT", `${formatId(unit.id)} is known with other content`);
      }
    }
  }

  #awaitedBy(operation: UpdateOperation): ItemId | undefined {
    if (operation.kind === "row") return undefined;
    if (operation.kind === "insert") {
      return (
        [operation.left, operation.right].find((id) => id !== null && !this.#log.includes(id)) ?? undefined
      );
    }
    const { target, length, direction } = operation;
    const highest = direction === 1 ? idAt(target, length - 1) : target;
    return this.#log.includes(highest) ? undefined : highest;
  }

  #apply(operation: UpdateOperation, length: number): void {
    if (operation.kind === "insert") this.#insert(operation);
    else if (operation.kind === "delete")
      this.#delete(operation.id, this.#targets(operation.target, length, operation.direction));
    else this.#append(operation.row);
    addRange(this.applied, operation.id, length);
  }

  #insert({ id, content, left, right }: InsertOperation): void {
    const after = this.#elementOrNull(right);
    let before = this.#elementOrNull(left);
    let steps = 0;
    for (const character of content) {
      const element = this.#sequence.insert({ id: idAt(id, steps++), character, left: before, right: after });
      this.#undo.push(() => this.#sequence.uninsert(element));
      this.#touched.set(element, false);
      this.#log.append(id.replica, { kind: "insert", element });
      this.#undoAppend(id.replica);
      before = element;
    }
  }

  #targets(first: ItemId, length: number, direction: number): Element[] {
    const targets: Element[] = [];
    for (let step = 0; step < length; step++) targets.push(this.#element(idAt(first, step * direction)));
    return targets;
  }

  #delete(id: ItemId, targets: readonly Element[]): void {
    targets.forEach((target, step) => {
      if (!this.#touched.has(target)) this.#touched.set(target, target.width > 0);
      this.#sequence.delete(target, idAt(id, step));
      this.#undo.push(() => this.#sequence.undelete(target));
      this.#log.append(id.replica, { kind: "delete", target });
      this.#undoAppend(id.replica);
    });
  }

  #append(row: OpaqueRow): void {
    this.rows.push(row);
    this.#log.append(row.id.replica, { kind: "row", row });
    this.#undoAppend(row.id.replica);
  }

  #undoAppend(replica: ReplicaId): void {
    this.#undo.push(() => this.#log.removeLast(replica));
  }

  #elementOrNull(id: ItemId | null): Element | null {
    return id === null ? null : this.#element(id);
  }

  #element(id: ItemId): Element {
    const element = this.#log.element(id);
    if (element === undefined) throw new CrdtError("FORGED_ORIGIN", `${formatId(id)} is no character`);
    return element;
  }
}
