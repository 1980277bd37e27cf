import type { RemoteDocument } from "@motet/client";
import { useCallback, useState } from "preact/hooks";
import { useGathered } from "../ui/use-gathered.js";
import { useEvent } from "./use-events.js";

/** Words are counted at most this often, in milliseconds: it takes the whole text. */
const INTERVAL_MS = 300;

/** How long the text is. */
export function WordCount({ document }: { readonly document: RemoteDocument }) {
  const [words, setWords] = useState(() => countWords(document.text));
  const count = useCallback(() => setWords(countWords(document.text)), [document]);
  useEvent(document, "change", useGathered(count, INTERVAL_MS));
  return <p class="word-count">{words === 1 ? "1 word" : `${words.toLocaleString()} words`}</p>;
}

function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
