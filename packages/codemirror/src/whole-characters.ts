import { EditorState, type Extension, type Text, type Transaction } from "@codemirror/state";
import { fromDocument } from "./changes.js";

/**
 * Half of a surrogate pair is no text, and no document holds it: a change that leaves one over takes it out as well, so
 * that who deletes half of a character deletes all of it.
 */
export const wholeCharacters: Extension = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged || transaction.annotation(fromDocument)) return transaction;
  const changes = halvesIn(transaction).map((from) => ({ from, to: from + 1 }));
  return changes.length === 0 ? transaction : [transaction, { changes, sequential: true }];
});

/** Where halves stand after a transaction, in what it has touched. */
function halvesIn({ changes, newDoc }: Transaction): number[] {
  const halves = new Set<number>();
  changes.iterChangedRanges((_fromA, _toA, fromB, toB) => {
    const from = startOf(newDoc, fromB - 1);
    const text = newDoc.sliceString(from, toB + 1, "\n");
    for (const { index } of text.matchAll(/\p{Cs}/gu)) {
      const at = from + index;
      // The last unit may be the first of a character that was not touched.
      if (at < toB || !/[\ud800-\udbff]/.test(text.charAt(index))) halves.add(at);
    }
  });
  return [...halves].sort((a, b) => a - b);
}

function startOf(text: Text, at: number): number {
  if (at <= 0) return 0;
  return /[\udc00-\udfff]/.test(text.sliceString(at, at + 1)) ? at - 1 : at;
}
