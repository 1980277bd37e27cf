import { Annotation, type ChangeSpec, type Text, type Transaction } from "@codemirror/state";
import type { Operation, TextDelta } from "@motet/client";

/** Marks a transaction whose changes come from the document: it has them already. */
export const fromDocument = Annotation.define<true>();

/** Text that is replaced: a stretch of the old text, and the one of the new text that took its place. */
interface Replacement {
  readonly fromA: number;
  readonly toA: number;
  readonly fromB: number;
  readonly toB: number;
}

/** What a transaction did, as operations, each on the text as those before it have left it. */
export function operationsOf({ changes, startState, newDoc }: Transaction): readonly Operation[] {
  const replacements: Replacement[] = [];
  changes.iterChanges((fromA, toA, fromB, toB) => {
    const replaced = inWholeCharacters({ fromA, toA, fromB, toB }, startState.doc, newDoc);
    const last = replacements.at(-1);
    // A character that two changes took apart is replaced once.
    if (last === undefined || last.toA <= replaced.fromA) replacements.push(replaced);
    else replacements[replacements.length - 1] = { ...last, toA: replaced.toA, toB: replaced.toB };
  });
  return replacements.flatMap((replaced) => operationsFor(replaced, newDoc));
}

/** How a delta of the document is done to the editor. */
export function changesOf(delta: TextDelta): readonly ChangeSpec[] {
  const changes: { from: number; to: number; insert: string }[] = [];
  let at = 0;
  let open: { from: number; to: number; insert: string } | undefined;
  for (const step of delta.steps) {
    if ("retain" in step) {
      at += step.retain;
      open = undefined;
      continue;
    }
    if (open === undefined) {
      open = { from: at, to: at, insert: "" };
      changes.push(open);
    }
    if ("insert" in step) open.insert += step.insert;
    else {
      at += step.delete;
      open.to = at;
    }
  }
  return changes;
}

/** Whether `at` would cut a surrogate pair. */
export function isInsideCharacter(text: Text, at: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.sliceString(at - 1, at + 1));
}

function operationsFor({ fromA, toA, fromB, toB }: Replacement, newDoc: Text): Operation[] {
  const operations: Operation[] = [];
  if (toA > fromA) operations.push({ type: "delete", position: fromB, length: toA - fromA });
  if (toB > fromB)
    operations.push({ type: "insert", position: fromB, text: newDoc.sliceString(fromB, toB, "\n") });
  return operations;
}

/** CodeMirror may replace half of a character by another half. */
function inWholeCharacters(replaced: Replacement, oldDoc: Text, newDoc: Text): Replacement {
  const { fromA, toA, fromB, toB } = replaced;
  const before = isInsideCharacter(oldDoc, fromA) || isInsideCharacter(newDoc, fromB) ? 1 : 0;
  const after = isInsideCharacter(oldDoc, toA) || isInsideCharacter(newDoc, toB) ? 1 : 0;
  return { fromA: fromA - before, toA: toA + after, fromB: fromB - before, toB: toB + after };
}
