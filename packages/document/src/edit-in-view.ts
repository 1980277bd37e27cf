import { deleteIn, insertIn, type View } from "@motet/crdt-core";
import type { Document } from "./document.js";
import type { DocumentChange } from "./document-change.js";
import type { PlacedOperation } from "./operation.js";

/**
 * Makes an operation in a document, its position counted in the text that `view` shows: what somebody saw who writes in positions.
 * @throws {CrdtError} as {@link Document.apply}, the positions being those of the view; `TRIMMED` when it shows what was forgotten.
 */
export function applyIn(document: Document, view: View, operation: PlacedOperation): DocumentChange {
  const { content } = document;
  if (operation.type === "delete")
    return document.deleted(deleteIn(content, view, operation.position, operation.length));
  const id = insertIn(content, view, operation.position, operation.text);
  return document.inserted(id, operation.text);
}
