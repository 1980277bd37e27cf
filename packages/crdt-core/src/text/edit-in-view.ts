import type { ItemId } from "../ids.js";
import { checkOffset } from "./offsets.js";
import { type Edit, TextCRDT } from "./text-crdt.js";
import { caretIn, elementsShown, type View } from "./view.js";

/**
 * Inserts `content` where the text that `view` shows has `offset`: behind the element shown left of it, before the
 * element that follows that one in the view. @returns the id of its first character.
 * @throws {CrdtError} as `TextCRDT.insert` does; `FORGED_ORIGIN` when no replica can ever have shown `view`.
 */
export function insertIn(text: TextCRDT, view: View, offset: number, content: string): ItemId {
  checkOffset(offset, Number.MAX_SAFE_INTEGER);
  return TextCRDT.edit(text, (sequence, log) => {
    sequence.insertBetween(log, caretIn(sequence, view, offset), content);
  }).id;
}

/**
 * Deletes what `view` shows in [offset, offset + length), even what somebody else has deleted meanwhile: the reader's
 * later positions do not count it any more.
 * @throws {CrdtError} `OUT_OF_RANGE` beyond the text that the view shows, or inside a surrogate pair.
 */
export function deleteIn(text: TextCRDT, view: View, offset: number, length: number): Edit {
  checkOffset(offset, Number.MAX_SAFE_INTEGER);
  checkOffset(length, Number.MAX_SAFE_INTEGER);
  return TextCRDT.edit(text, (sequence, log) => {
    for (const [first, count] of elementsShown(sequence, view, offset, offset + length))
      sequence.deleteElements(log, first, count);
  });
}
