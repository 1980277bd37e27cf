import type { Random } from "@motet/testing";
import type { JsonClient } from "./json-client.js";

/** One edit, drawn before anybody types: where and how much are shares of the text as it will be then. */
export interface DrawnEdit {
  readonly who: number;
  readonly where: number;
  /** Deletes up to so many units; 0 inserts `text`. */
  readonly deleteUpTo: number;
  readonly text: string;
  /** Whether whoever types looks up first and lets the network have its turn. */
  readonly looksUp: boolean;
}

const PIECES = ["a", "b", "word ", "\n", "é", "漢字", "🎼", "👩‍💻", " "];

/** `count` edits of `people`, as `rng` has it. */
export function drawEdits(rng: Random, people: number, count: number): DrawnEdit[] {
  return Array.from({ length: count }, () => ({
    who: rng.int(people),
    where: rng.next(),
    deleteUpTo: rng.int(3) === 0 ? 1 + rng.int(5) : 0,
    text: rng.pick(PIECES),
    looksUp: rng.int(4) === 0,
  }));
}

/** Types `edit` into what `client` shows now. A deletion in an empty text becomes an insertion. */
export function type(client: JsonClient, edit: DrawnEdit): void {
  const { text } = client;
  const from = wholeCharacter(text, Math.floor(edit.where * (text.length + 1)));
  const to = wholeCharacter(text, Math.min(text.length, from + edit.deleteUpTo));
  if (to > from) client.delete(from, to - from);
  else client.insert(from, edit.text);
}

/** The next offset, from `at` downwards, that does not stand inside a surrogate pair. */
function wholeCharacter(text: string, at: number): number {
  return /[\uDC00-\uDFFF]/.test(text.charAt(at)) ? at - 1 : at;
}

/** Lets the sockets have a turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
