import { TextDelta } from "@motet/crdt-core";

/** How to get from one text to another by replacing one stretch: what both begin and end with stays. Cost: O(length). */
export function textDifference(from: string, to: string): TextDelta {
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && from[start] === to[start]) start++;
  if (isInsideCharacter(from, start) || isInsideCharacter(to, start)) start--;
  let same = 0;
  while (same < shorter - start && from[from.length - 1 - same] === to[to.length - 1 - same]) same++;
  if (isInsideCharacter(from, from.length - same) || isInsideCharacter(to, to.length - same)) same--;
  const [removed, added] = [from.length - same - start, to.slice(start, to.length - same)];
  const steps = [{ retain: start }, { insert: added }, { delete: removed }];
  return new TextDelta(steps);
}

/** Whether `at` would cut a surrogate pair. */
function isInsideCharacter(text: string, at: number): boolean {
  return isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at));
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
