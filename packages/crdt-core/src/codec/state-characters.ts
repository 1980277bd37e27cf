import { malformed } from "../errors.js";
import type { Characters } from "../text/characters.js";
import type { Sequence } from "../text/sequence.js";
import type { SpanBuilder } from "../text/span-builder.js";
import type { Picture } from "./picture.js";
import type { Reader } from "./reader.js";
import { decodePoints, type Points } from "./utf8.js";
import { Writer } from "./writer.js";

/** Spans between two yields. */
const SPANS_A_SLICE = 4096;

/** Writes the visible text. Of ASCII it is known beforehand how many bytes it takes: it needs no writer of its own. */
export function* writeVisible(out: Writer, { sequence, spans, length }: Picture): Generator<void> {
  const { characters } = sequence;
  out.varint(length);
  const text = characters.areAscii ? out.varint(length) : new Writer(length + 16);
  for (let at = 0; at < spans.length; at += 2) {
    if (spans[at + 1] > 0) characters.writeTo(text, spans[at], spans[at + 1]);
    if (at % (SPANS_A_SLICE * 2) === 0) yield;
  }
  if (text !== out) out.nested(text);
}

/** Writes which characters of deleted text are known, in runs, and then those. */
export function* writeDead(out: Writer, picture: Picture, withoutDeleted: boolean): Generator<void> {
  const { spans, elements, length } = picture;
  const runs = [0]; // So many known, so many missing, so many known ...
  const text = new Writer(withoutDeleted ? 0 : Math.max(0, elements - length) + 16);
  for (let at = 0; at < spans.length; at += 2) {
    if (spans[at + 1] < 0)
      writeDeadSpan(text, runs, picture.sequence, spans[at], -spans[at + 1], withoutDeleted);
    if (at % (SPANS_A_SLICE * 2) === 0) yield;
  }
  for (const count of runs) out.varint(count);
  out.nested(text);
}

function writeDeadSpan(
  text: Writer,
  runs: number[],
  { characters }: Sequence,
  first: number,
  length: number,
  withoutDeleted: boolean,
): void {
  const note = (isMissing: boolean, count: number) => {
    if ((runs.length % 2 === 0) === isMissing) runs[runs.length - 1] += count;
    else runs.push(count);
  };
  if (withoutDeleted) note(true, length);
  else if (!characters.hasMissing) {
    note(false, length);
    characters.writeTo(text, first, length);
  } else {
    for (let element = first; element < first + length; element++) {
      const isMissing = characters.isMissing(element);
      note(isMissing, 1);
      if (!isMissing) text.point(characters.at(element));
    }
  }
}

/** Characters in the order of the document, read stretch by stretch. */
export class CharacterSource {
  readonly #points: Points;
  /** No character is above this. */
  readonly limit: number;
  #at = 0;

  /** @throws {CrdtError} `MALFORMED` for what is not UTF-8. */
  constructor(bytes: Uint8Array) {
    this.#points = decodePoints(bytes);
    const isAscii = this.#points === bytes;
    this.limit = isAscii ? 0x7f : Math.min(2 ** (8 * this.#points.BYTES_PER_ELEMENT) - 1, 0x10ffff);
  }

  /** Gives the next `count` characters to the elements from `first` on. @throws {CrdtError} `MALFORMED` */
  put(characters: Characters, first: number, count: number): void {
    const at = this.#at;
    this.#at += count;
    if (this.#at > this.#points.length) throw malformed("too few characters");
    characters.put(first, this.#points, at, count);
  }

  /** @throws {CrdtError} `MALFORMED` when there are characters left. */
  end(): void {
    if (this.#at < this.#points.length) throw malformed("too many characters");
  }
}

/** Characters of deleted text, some of which may be missing. */
export class DeadSource {
  readonly known: CharacterSource;
  /** Lengths of known and missing stretches, in turns. */
  readonly #runs: number[] = [];
  #run = 0;

  /** Reads what stands in a state for `count` dead elements. @throws {CrdtError} `MALFORMED` */
  constructor(reader: Reader, count: number) {
    let sum = 0;
    do {
      const run = reader.varint();
      if (run === 0 && this.#runs.length > 0) throw malformed("empty run");
      this.#runs.push(run);
      sum += run;
    } while (sum < count);
    if (sum > count) throw malformed("too many characters");
    this.known = new CharacterSource(reader.nested().rest());
  }

  put(characters: Characters, first: number, count: number): void {
    for (let element = first, left = count; left > 0; ) {
      while (this.#runs[this.#run] === 0) this.#run++;
      const taken = Math.min(left, this.#runs[this.#run]);
      this.#runs[this.#run] -= taken;
      if (this.#run % 2 === 0) this.known.put(characters, element, taken);
      else for (let i = 0; i < taken; i++) characters.forget(element + i);
      element += taken;
      left -= taken;
    }
  }

  end(): void {
    this.known.end();
  }
}

/** Gives every element of `spans` its character. */
export function putCharacters(
  { characters, log }: Sequence,
  { spans, count }: SpanBuilder,
  visible: CharacterSource,
  dead: DeadSource,
): void {
  characters.allocate(log.elements, Math.max(visible.limit, dead.known.limit));
  for (let at = 0; at < count * 2; at += 2) {
    const length = spans[at + 1];
    if (length > 0) visible.put(characters, spans[at], length);
    else dead.put(characters, spans[at], -length);
  }
  visible.end();
  dead.end();
  characters.indexWide();
}
