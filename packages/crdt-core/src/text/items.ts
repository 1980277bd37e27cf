import type { ItemId } from "../ids.js";
import type { Sequence } from "./sequence.js";

/** One character of a text with its whole story, as `items` tells it. */
export interface TextItem {
  readonly id: ItemId;
  /** One code point. */
  readonly character: string;
  /** What it was inserted after; `null` is the start of the text. */
  readonly left: ItemId | null;
  /** What it was inserted before; `null` is the end of the text. */
  readonly right: ItemId | null;
  /** Whether it is a tombstone. */
  readonly deleted: boolean;
}

/** Every element in the order of the text, deleted ones included. */
export function* itemsOf(sequence: Sequence): Generator<TextItem> {
  const { log, characters } = sequence;
  const spans = sequence.spans();
  for (let at = 0; at < spans.length; at += 2) {
    const deleted = spans[at + 1] < 0;
    for (let element = spans[at]; element < spans[at] + Math.abs(spans[at + 1]); element++) {
      const character = characters.isMissing(element) ? "" : characters.text(element, 1);
      const [left, right] = [log.id(log.left(element)), log.id(log.right(element))];
      yield { id: log.id(element)!, character, left, right, deleted };
    }
  }
}
