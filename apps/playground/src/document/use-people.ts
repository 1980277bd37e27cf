import type { Person, RemoteDocument } from "@motet/client";
import { useCallback, useEffect, useState } from "preact/hooks";
import { inOrder } from "./people.js";
import { useEvent } from "./use-events.js";

/** Everybody as they are shown, in order. Drawn again when somebody comes, goes or turns idle, not when a cursor moves. */
export function usePeople(document: RemoteDocument, self: string | undefined): readonly Person[] {
  const [people, setPeople] = useState<readonly Person[]>([]);
  const look = useCallback(() => {
    const now = inOrder(document.people, self);
    setPeople((before) => (looksOf(before) === looksOf(now) ? before : now));
  }, [document, self]);
  useEffect(look, [look]);
  useEvent(document, "people", look);
  return people;
}

function looksOf(people: readonly Person[]): string {
  return JSON.stringify(people.map(({ id, name, colour, status }) => [id, name, colour, status]));
}
