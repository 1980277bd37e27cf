import type { ItemId } from "../ids.js";
import { type Edit, TextCRDT } from "./text-crdt.js";

/**
 * Deletes elements, those that are still visible, in one edit. `deleted` says for each of `ids` whether it was. O(log n) for each.
 * @throws {CrdtError} `UNKNOWN_ID` when there is no such element; nothing is deleted then.
 */
export function deleteItems(
  text: TextCRDT,
  ids: readonly ItemId[],
): Edit & { readonly deleted: readonly boolean[] } {
  const { log } = TextCRDT.engineOf(text);
  const elements = ids.map((id) => log.element(id));
  const deleted: boolean[] = [];
  const edit = TextCRDT.edit(text, (sequence, own) => {
    for (const element of elements) {
      const isVisible = sequence.isVisible(element);
      if (isVisible) sequence.deleteElements(own, element, 1);
      deleted.push(isVisible);
    }
  });
  return { ...edit, deleted };
}
