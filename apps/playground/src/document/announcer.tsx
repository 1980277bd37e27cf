import type { Person, RemoteDocument } from "@motet/client";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { useGathered } from "../ui/use-gathered.js";
import { inWords } from "./people.js";
import type { Standing } from "./standing.js";
import { useEvent } from "./use-events.js";

/** Who comes and goes within this time is told of in one sentence, in milliseconds. */
const GATHER_MS = 1_000;

export interface AnnouncerProps {
  readonly document: RemoteDocument;
  readonly self: string | undefined;
  readonly standing: Standing;
}

/** Tells screen readers, politely, what others see at a glance: who comes and goes, and how the line stands. */
export function Announcer({ document, self, standing }: AnnouncerProps) {
  const sentence = usePeopleNews(document, self);
  return (
    <div class="visually-hidden" aria-live="polite">
      <p>{sentence}</p>
      {/* "Saving" and "Saved" follow every key: only what is out of the ordinary is told. */}
      <p>
        {standing.tone === "apart" || standing.tone === "barred"
          ? `${standing.label}. ${standing.detail}`
          : ""}
      </p>
    </div>
  );
}

function usePeopleNews(document: RemoteDocument, self: string | undefined): string {
  const [sentence, setSentence] = useState("");
  const known = useRef<ReadonlyMap<string, Person>>(new Map());
  const tell = useCallback(() => {
    const [before, now] = [known.current, document.people];
    known.current = now;
    // Without a line nobody is seen: nobody has left then, and nobody has come once it is back.
    const hasSeenBoth = self !== undefined && before.has(self) && now.has(self);
    const news = hasSeenBoth ? newsOf(before, now) : "";
    if (news !== "") setSentence(news);
  }, [document, self]);
  useEffect(() => {
    known.current = document.people; // Who is here when one comes is no news.
  }, [document, self]);
  useEvent(document, "people", useGathered(tell, GATHER_MS));
  return sentence;
}

/** Who came, who went, who is back or no longer at work; empty when nobody. */
function newsOf(before: ReadonlyMap<string, Person>, now: ReadonlyMap<string, Person>): string {
  const names = (people: readonly Person[]) => inWords(people.map(({ name }) => name));
  const say = (people: readonly Person[], singular: string, plural: string) =>
    people.length === 0 ? [] : [`${names(people)} ${people.length === 1 ? singular : plural}.`];
  const turned = (status: Person["status"]) =>
    [...now.values()].filter(
      (person) => person.status === status && hasTurned(before.get(person.id), status),
    );
  return [
    ...say(
      [...now.values()].filter(({ id }) => !before.has(id)),
      "is here now",
      "are here now",
    ),
    ...say(
      [...before.values()].filter(({ id }) => !now.has(id)),
      "has left",
      "have left",
    ),
    ...say(turned("idle"), "is idle", "are idle"),
    ...say(turned("away"), "is away", "are away"),
    ...say(turned("active"), "is back", "are back"),
  ].join(" ");
}

function hasTurned(before: Person | undefined, status: Person["status"]): boolean {
  return before !== undefined && before.status !== status;
}
