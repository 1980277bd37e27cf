/** Seeded writers, for machines without the recorded traces: bursts of typing, backspaces, jumps, pasted and deleted lines. */

import { type Random, random } from "@motet/testing";
import { GapBuffer } from "../libraries/gap-buffer.js";
import {
  type ConcurrentEdit,
  type ConcurrentTrace,
  type Edit,
  Edits,
  type SequentialTrace,
} from "./trace.js";

const LETTERS = "etaoin shrdlu cmfwyp vbgkqj.\n";
const BOUNDARY = "|";

/** A person at a keyboard, who knows the length of the text and where the caret stands. */
class Writer {
  readonly #rng: Random;
  length = 0;
  #caret = 0;

  constructor(rng: Random) {
    this.#rng = rng;
  }

  /** The next edit, already counted in. */
  next(): Edit {
    const dice = this.#rng.int(1_000);
    if (dice < 15) this.#caret = this.#rng.int(this.length + 1);
    if (dice >= 990 && this.#caret >= 40) return this.#made(this.#caret - 40, 40, "");
    if (dice >= 985) return this.#made(this.#caret, 0, this.#letters(60));
    if (dice >= 800 && this.#caret > 0) return this.#made(this.#caret - 1, 1, "");
    return this.#made(this.#caret, 0, this.#letters(1));
  }

  #made(position: number, deleted: number, inserted: string): Edit {
    this.length += inserted.length - deleted;
    this.#caret = position + inserted.length;
    return [position, deleted, inserted];
  }

  #letters(count: number): string {
    return Array.from({ length: count }, () => LETTERS[this.#rng.int(LETTERS.length)]!).join("");
  }
}

/** One writer's session of `count` edits: about three quarters typed letters, a fifth backspaces. Code units only up to U+007F. */
export function typingSession(name: string, seed: number, count: number): SequentialTrace {
  const writer = new Writer(random(seed));
  const edits = Array.from({ length: count }, () => writer.next());
  return { name, edits: Edits.from(edits), endContent: contentAfter(edits) };
}

/**
 * Two writers in one document, `count` edits, each on their own side of a boundary, so that every merge gives the same text.
 * They take turns of up to 30 edits; before two turns of three a writer hears of what the other did, else they are concurrent.
 */
export function sharedTypingSession(name: string, seed: number, count: number): ConcurrentTrace {
  const rng = random(seed);
  const sides = [new Side(seed + 1), new Side(seed + 2)] as const;
  const edits: ConcurrentEdit[] = [{ agent: 0, receives: [], edit: [0, 0, BOUNDARY] }];
  sides[1].unheard.push(0);
  for (let turn = 0; edits.length < count; turn++) {
    const agent = turn % 2;
    const [mine, other] = agent === 0 ? sides : [sides[1], sides[0]];
    let receives: number[] = [];
    if (turn < 2 || rng.int(3) > 0) {
      receives = mine.unheard.splice(0);
      mine.start = agent === 0 ? 0 : other.writer.length + BOUNDARY.length;
    }
    for (let left = Math.min(1 + rng.int(30), count - edits.length); left > 0; left--) {
      other.unheard.push(edits.length);
      edits.push({ agent, receives, edit: mine.type() });
      receives = [];
    }
  }
  return { name, agents: 2, edits, endContent: sides.map((side) => contentAfter(side.edits)).join(BOUNDARY) };
}

/** One writer's side of a shared document. */
class Side {
  readonly writer: Writer;
  readonly edits: Edit[] = [];
  /** The other's edits that this one has not heard of. */
  unheard: number[] = [];
  /** Where this side begins, as far as this writer knows. */
  start = 0;

  constructor(seed: number) {
    this.writer = new Writer(random(seed));
  }

  /** The next edit, its position counted in the whole text as this writer sees it. */
  type(): Edit {
    const [position, deleted, inserted] = this.writer.next();
    this.edits.push([position, deleted, inserted]);
    return [position + this.start, deleted, inserted];
  }
}

/** The text that `edits`, made one after the other from empty, leave. */
export function contentAfter(edits: Iterable<Edit>): string {
  const text = new GapBuffer();
  for (const [position, deleted, inserted] of edits) text.edit(position, deleted, inserted);
  return text.text();
}
