import type { OperationRange, TextDelta } from "@motet/crdt-core";
import type { FieldValue } from "./kinds/field.js";
import type { Operation, RowOperation } from "./operation.js";

/** What {@link DocumentChange} is made of. */
export interface ChangeRecord {
  readonly before: number;
  readonly version: number;
  readonly applied: readonly OperationRange[];
  readonly text: TextDelta;
  readonly rows: readonly RowOperation[];
  readonly waiting: number;
}

/** How a document changed, by an operation made here or by an update from elsewhere. A value: it follows nothing that happens later. */
export class DocumentChange {
  /** The document's version number before and after: sums of its version vector. */
  readonly before: number;
  readonly version: number;
  /** The operations that took effect now; those that had waited for them included. */
  readonly applied: readonly OperationRange[];
  /** How the visible text changed. */
  readonly text: TextDelta;
  /** Everything else that now reads differently, as operations in the order in which they took effect. */
  readonly rows: readonly RowOperation[];
  /** How many operations this replica holds back, because others are missing. */
  readonly waiting: number;

  /** Made by a document. @internal */
  constructor(record: ChangeRecord) {
    this.before = record.before;
    this.version = record.version;
    this.applied = record.applied;
    this.text = record.text;
    this.rows = record.rows;
    this.waiting = record.waiting;
  }

  /** The title, if it reads differently now. */
  get title(): string | undefined {
    return this.rows.findLast((row) => row.type === "set_title")?.title;
  }

  /** What was counted. */
  get counters(): readonly { readonly counter: string; readonly amount: number }[] {
    return this.rows.flatMap((row) =>
      row.type === "increment_counter" ? [{ counter: row.counter, amount: row.amount }] : [],
    );
  }

  /** The fields that read differently now, with their values. */
  get fields(): ReadonlyMap<string, FieldValue> {
    return new Map(this.rows.flatMap((row) => (row.type === "set_field" ? [[row.field, row.value]] : [])));
  }

  /** Whether nothing reads differently now. */
  get isEmpty(): boolean {
    return this.text.isEmpty && this.rows.length === 0;
  }

  /**
   * The change as plain operations, done one after the other: each position counts in the text after the operation before
   * it. This is what clients without a CRDT are told.
   */
  operations(): readonly Operation[] {
    return [...textOperations(this.text), ...this.rows];
  }
}

/** A delta as insertions and deletions, from the start of the text to its end. */
export function* textOperations(delta: TextDelta): Generator<Operation> {
  let position = 0;
  for (const step of delta.steps) {
    if ("retain" in step) position += step.retain;
    else if ("delete" in step) yield { type: "delete", position, length: step.delete };
    else {
      yield { type: "insert", position, text: step.insert };
      position += step.insert.length;
    }
  }
}
