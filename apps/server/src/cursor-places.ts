import type { LineColumn, Side } from "@motet/crdt-core";
import type { Document } from "@motet/document";
import type { AnchoredCursor, Cursor } from "@motet/transport";
import { isRefusal } from "./server-messages.js";

/**
 * What a cursor in lines and columns holds on to in the text as it is now. What is beyond a line's end is that end, what is
 * beyond the text is its end, what is inside a character is its start.
 */
export function anchoredIn(document: Document, { from, ...head }: Cursor): AnchoredCursor {
  const at = nearestOffset(document, head);
  const begin = from === undefined ? at : nearestOffset(document, from);
  if (begin === at) return { head: document.anchorAt(at, "left") };
  // What others type at an end of a selection stays outside of it.
  const [fromSide, headSide]: [Side, Side] = begin < at ? ["right", "left"] : ["left", "right"];
  return { head: document.anchorAt(at, headSide), from: document.anchorAt(begin, fromSide) };
}

/** Where an anchored cursor is in the text as it is now; `undefined` while it names an element that is not here. */
export function placedIn(document: Document, { head, from }: AnchoredCursor): Cursor | undefined {
  return attempt(() => {
    const place = document.lineColumnAt(document.offsetOf(head));
    if (from === undefined) return place;
    return { ...place, from: document.lineColumnAt(document.offsetOf(from)) };
  }, "UNKNOWN_ID");
}

function nearestOffset(document: Document, { line, column }: LineColumn): number {
  const last = document.lineColumnAt(document.length);
  if (line > last.line) return document.length;
  const start = document.offsetAt({ line, column: 0 });
  const end = line === last.line ? document.length : document.offsetAt({ line: line + 1, column: 0 }) - 1;
  const offset = Math.min(start + column, end);
  return attempt(() => document.lineColumnAt(offset), "OUT_OF_RANGE") === undefined ? offset - 1 : offset;
}

/** What `look` finds, or nothing when it is refused with that code. */
function attempt<T>(look: () => T, code: string): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isRefusal(error) && error.code === code) return undefined;
    throw error;
  }
}
