import type { Operation } from "@motet/document";
import { isLow } from "./characters.js";

/** Characters put in as one operation at most: what is longer is cut, so that every piece fits into a frame. */
const INSERT_UNITS_MAX = 65_536;

/** Long insertions as several, none of which cuts a character in two. */
export function inParts(operation: Operation): Operation[] {
  if (operation.type !== "insert" || typeof operation.text !== "string") return [operation];
  if (operation.text.length <= INSERT_UNITS_MAX) return [operation];
  if (/\p{Cs}/u.test(operation.text)) return [operation]; // The document refuses it, as a whole.
  const parts: Operation[] = [];
  for (let at = 0; at < operation.text.length; ) {
    let end = at + INSERT_UNITS_MAX;
    if (isLow(operation.text.charCodeAt(end))) end--;
    const text = operation.text.slice(at, end);
    parts.push({ ...operation, position: operation.position + at, text });
    at = end;
  }
  return parts;
}
