import type { TextDelta, VersionVector } from "@motet/crdt-core";
import type { FieldValue } from "./kinds/field.js";
import type { LoggedOperation } from "./logged-operation.js";
import type { RowStates } from "./row-states.js";

/** A value before and after. `null` stands for a field that was not set. */
export interface Changed<T> {
  readonly from: T;
  readonly to: T;
}

/** What reads differently in two states of a document. */
export interface ContentDiff {
  readonly from: VersionVector;
  readonly to: VersionVector;
  /** How the visible text changed. */
  readonly text: TextDelta;
  /** Missing when the title reads the same in both. */
  readonly title?: Changed<string>;
  /** Only counters that stand differently. */
  readonly counters: ReadonlyMap<string, Changed<number>>;
  /** Only fields that read differently. */
  readonly fields: ReadonlyMap<string, Changed<FieldValue>>;
}

/** What changed between two states of a document: the operations, and what they come to. */
export interface DocumentDiff extends ContentDiff {
  /** What `to` has seen and `from` has not. */
  readonly operations: readonly LoggedOperation[];
}

/** Two states, and how the text of the one becomes that of the other. */
export interface DiffSides extends Pick<ContentDiff, "from" | "to" | "text"> {
  readonly before: RowStates;
  readonly after: RowStates;
}

/** Puts a diff together. */
export function diffOf({ from, to, text, before, after }: DiffSides): ContentDiff {
  const counters = changes(before.counters, after.counters, 0);
  const fields = changes<FieldValue>(before.fields, after.fields, null);
  const diff = { from, to, text, counters, fields };
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
