import type { TextDelta, VersionVector } from "@motet/crdt-core";
import type { FieldValue } from "./kinds/field.js";
import type { LoggedOperation } from "./logged-operation.js";
import type { RowStates } from "./row-states.js";

/** A value before and after. `null` stands for a field that was not set. */
export interface Changed<T> {
  readonly from: T;
  readonly to: T;
}

/** What changed between two states of a document: the operations, and what they come to. */
export interface DocumentDiff {
  readonly from: VersionVector;
  readonly to: VersionVector;
  /** What `to` has seen and `from` has not. */
  readonly operations: readonly LoggedOperation[];
  /** How the visible text changed. */
  readonly text: TextDelta;
  /** Missing when the title reads the same in both. */
  readonly title?: Changed<string>;
  /** Only counters that stand differently. */
  readonly counters: ReadonlyMap<string, Changed<number>>;
  /** Only fields that read differently. */
  readonly fields: ReadonlyMap<string, Changed<FieldValue>>;
}

/** Two states and what lies between them. */
export interface DiffSides extends Pick<DocumentDiff, "from" | "to" | "text" | "operations"> {
  readonly before: RowStates;
  readonly after: RowStates;
}

/** Puts a diff together. */
export function diffOf({ from, to, text, operations, before, after }: DiffSides): DocumentDiff {
  const counters = changes(before.counters, after.counters, 0);
  const fields = changes<FieldValue>(before.fields, after.fields, null);
  const diff = { from, to, operations, text, counters, fields };
  return before.title === after.title ? diff : { ...diff, title: { from: before.title, to: after.title } };
}

function changes<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  absent: T,
): Map<string, Changed<T>> {
  const changed = new Map<string, Changed<T>>();
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [from, to] = [before.get(name) ?? absent, after.get(name) ?? absent];
    if (from !== to) changed.set(name, { from, to });
  }
  return changed;
}
