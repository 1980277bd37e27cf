import { TextDelta } from "@motet/crdt-core";
import { DocumentChange, type DocumentSnapshot, type RowOperation } from "@motet/document";
import { textDifference } from "./text-difference.js";

/** That a document at version `version` was looked at, and stayed as it was. */
export function unchanged(version: number): DocumentChange {
  const text = new TextDelta();
  return new DocumentChange({ before: version, version, applied: [], text, rows: [], waiting: 0 });
}

/** What a reader of `from` sees change when they are shown `to`. */
export function documentDifference(from: DocumentSnapshot, to: DocumentSnapshot): DocumentChange {
  const rows: RowOperation[] = [];
  if (from.title !== to.title) rows.push({ type: "set_title", title: to.title });
  for (const counter of new Set([...from.counters.keys(), ...to.counters.keys()])) {
    const amount = (to.counters.get(counter) ?? 0) - (from.counters.get(counter) ?? 0);
    if (amount !== 0) rows.push({ type: "increment_counter", counter, amount });
  }
  for (const field of new Set([...from.fields.keys(), ...to.fields.keys()])) {
    const value = to.fields.get(field) ?? null;
    if (value !== (from.fields.get(field) ?? null)) rows.push({ type: "set_field", field, value });
  }
  const [before, version] = [from.versionNumber, to.versionNumber];
  const text = textDifference(from.text, to.text);
  return new DocumentChange({ before, version, applied: [], text, rows, waiting: 0 });
}
