import type { Credit, Credits } from "./credits.js";
import type { Document } from "./document.js";

/** A stretch of the current text, in UTF-16 code units [from, to), with who wrote it and when. */
export interface BlamedRange extends Credit {
  readonly from: number;
  readonly to: number;
}

/** Who wrote each part of the text as it is, and when; ranges as long as they can be, from start to end. Cost: O(elements). */
export function blame(document: Document, credits: Credits): readonly BlamedRange[] {
  const ranges: BlamedRange[] = [];
  let at = 0;
  for (const { id, character, deleted } of document.content.items()) {
    if (deleted) continue;
    const { user, atMs } = credits.of(id);
    const last = ranges.at(-1);
    const to = at + character.length;
    if (last?.user === user && last.atMs === atMs) ranges[ranges.length - 1] = { ...last, to };
    else ranges.push({ from: at, to, user, atMs });
    at = to;
  }
  return ranges;
}
