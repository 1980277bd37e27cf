import type { RemoteDocument } from "@motet/client";
import { useCallback, useState } from "preact/hooks";
import { useAfterPause } from "../ui/use-later.js";
import { useEvent } from "./use-events.js";

/** Words are counted once typing has paused for this long, in milliseconds: it takes the whole text. */
const PAUSE_MS = 300;

/** How long the text is. */
export function WordCount({ document }: { readonly document: RemoteDocument }) {
  const [words, setWords] = useState(() => countWords(document.text));
  const count = useCallback(() => setWords(countWords(document.text)), [document]);
  useEvent(document, "change", useAfterPause(count, PAUSE_MS));
  return <p class="word-count">{words === 1 ? "1 word" : `${words.toLocaleString()} words`}</p>;
}

function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
