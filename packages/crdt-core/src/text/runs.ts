import type { ItemId } from "../ids.js";
import { INSERT_STRIDE } from "../log/replica-log.js";
import type { Sequence } from "./sequence.js";
import { TextCRDT } from "./text-crdt.js";

/** Characters that stand side by side, have ids that follow each other, and are all visible, all deleted, or all trimmed. */
export interface TextRun {
  /** The id of the first; each next one has the next seq. */
  readonly id: ItemId;
  /** How many there are: code points, and so ids. */
  readonly length: number;
  /** What they are; empty where they were deleted and are not held here any more. */
  readonly text: string;
  readonly deleted: boolean;
}

/**
 * Every element in the order of the text, as `items` tells them, a run at a time: what whole documents are read by.
 * O(runs + characters); the text must not change meanwhile.
 */
export function* runsOf(text: TextCRDT): Generator<TextRun> {
  const sequence = TextCRDT.engineOf(text);
  const spans = sequence.spans();
  for (let at = 0; at < spans.length; at += 2) {
    const end = spans[at] + Math.abs(spans[at + 1]);
    for (let element = spans[at]; element < end; ) {
      const length = sequence.characters.countAlike(element, Math.min(end, endOfRun(sequence, element)));
      const id = sequence.log.id(element)!;
      yield { id, length, text: textOf(sequence, element, length), deleted: spans[at + 1] < 0 };
      element += length;
    }
  }
}

/** The element behind the run of inserts that holds `element`. */
function endOfRun({ log }: Sequence, element: number): number {
  const owner = log.owner(element);
  const at = owner.runOfElement(element) * INSERT_STRIDE;
  return owner.inserts[at + 1] + owner.inserts[at + 2];
}

function textOf({ characters }: Sequence, element: number, length: number): string {
  return characters.isMissing(element) ? "" : characters.text(element, length);
}
