import type { RemoteDocument, RemoteDocumentEvents } from "@motet/client";
import type { DocumentId } from "@motet/document";
import { useCallback, useEffect } from "preact/hooks";
import { useKept } from "../kept/kept.js";
import { useEvent } from "./use-events.js";

/** Lets the browser remember that this document was open, and what the people in it are called. */
export function useMemory(id: DocumentId, document: RemoteDocument): void {
  const kept = useKept();
  const noteOpened = useCallback(
    () => kept.noteOpened({ id, title: document.title, openedMs: Date.now() }),
    [kept, id, document],
  );
  const noteTitle = useCallback(
    ({ change }: RemoteDocumentEvents["change"]) => change.title !== undefined && noteOpened(),
    [noteOpened],
  );
  const noteNames = useCallback(() => {
    kept.noteNames(new Map([...document.people].map(([user, { name }]) => [user, name])));
  }, [kept, document]);
  useEffect(noteOpened, [noteOpened]);
  useEvent(document, "change", noteTitle);
  useEvent(document, "people", noteNames);
}
