import { TextDelta } from "@motet/crdt-core";
import { isInsideCharacter } from "./characters.js";

/** One stretch of a text that is replaced: what stands before and behind it stays. */
export interface Stretch {
  readonly at: number;
  readonly removed: number;
  readonly added: string;
}

/** How to get from one text to another by replacing one stretch: what both begin and end with stays. Cost: O(length). */
export function textDifference(from: string, to: string): TextDelta {
  const { at, removed, added } = changedStretch(from, to);
  return new TextDelta([{ retain: at }, { insert: added }, { delete: removed }]);
}

/**
 * The stretch that turns one text into another. Where several would, as in a run of equal letters, it is the one that
 * ends at `caret` in the new text. Cost: O(length).
 */
export function changedStretch(from: string, to: string, caret = to.length): Stretch {
  const shorter = Math.min(from.length, to.length);
  let same = commonEnd(from, to, 0, Math.min(shorter, to.length - caret));
  let at = 0;
  while (at < shorter - same && from[at] === to[at]) at++;
  if (isInsideCharacter(from, at) || isInsideCharacter(to, at)) at--;
  same = commonEnd(from, to, same, shorter - at);
  if (isInsideCharacter(from, from.length - same) || isInsideCharacter(to, to.length - same)) same--;
  return { at, removed: from.length - same - at, added: to.slice(at, to.length - same) };
}

/** How many units the two have in common at their ends, when `known` are; `most` at most. */
function commonEnd(from: string, to: string, known: number, most: number): number {
  let same = known;
  while (same < most && from[from.length - 1 - same] === to[to.length - 1 - same]) same++;
  return same;
}
