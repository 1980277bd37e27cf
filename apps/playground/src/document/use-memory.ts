import type { RemoteDocument } from "@motet/client";
import type { DocumentId } from "@motet/document";
import { useCallback, useEffect } from "preact/hooks";
import { useKept } from "../kept/kept.js";
import { useEvent, useRedrawOn } from "./use-events.js";

/** Lets the browser remember that this document was open, and what the people in it are called. */
export function useMemory(id: DocumentId, document: RemoteDocument): void {
  const kept = useKept();
  useRedrawOn(document, "change");
  const { title } = document;
  useEffect(() => kept.noteOpened({ id, title, openedMs: Date.now() }), [kept, id, title]);
  const note = useCallback(() => {
    kept.noteNames(new Map([...document.people].map(([user, { name }]) => [user, name])));
  }, [kept, document]);
  useEvent(document, "people", note);
}
