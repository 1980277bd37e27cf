import type { Extension } from "@codemirror/state";
import type { RemoteDocument } from "@motet/client";
import { lineBreaks } from "./line-breaks.js";
import { remoteCursors } from "./remote-cursors.js";
import { rights } from "./rights.js";
import { textSync } from "./text-sync.js";
import { wholeCharacters } from "./whole-characters.js";

/** What may be left out. */
export interface CollaborationOptions {
  /** Whether the others' cursors and selections are shown. @default true */
  readonly cursors?: boolean;
}

/**
 * Keeps an editor and a document in step: text both ways, the others' cursors and selections with their names, undo and redo
 * of one's own (Mod-z, Mod-y, Mod-Shift-z; leave out `history()`, or put it behind this), and no writing for who may only
 * read. Offsets are the document's, so the editor is told that only `\n` breaks a line; a `\r` before it is not to be seen.
 *
 * The editor shows `document.text` from the start, or soon after; what the document refuses, it shows no longer. End the
 * view, or take the extension out, before the document is closed, or not: both may happen in any order.
 */
export function collaboration(document: RemoteDocument, options: CollaborationOptions = {}): Extension {
  const { cursors = true } = options;
  return [
    lineBreaks,
    wholeCharacters,
    rights(document),
    textSync(document),
    ...(cursors ? [remoteCursors(document)] : []),
  ];
}
