import { malformed } from "../errors.js";
import type { Characters } from "../text/characters.js";
import type { Sequence } from "../text/sequence.js";
import type { SpanBuilder } from "../text/span-builder.js";
import type { Picture } from "./picture.js";
import { Reader } from "./reader.js";
import type { StateHeader } from "./state-header.js";
import { Writer } from "./writer.js";

/** Spans between two yields, two ints each. */
const INTS_A_SLICE = 2 * 4096;

/**
 * Writes the visible text, and returns how many elements that is. Of ASCII it is known beforehand how many bytes it takes: it
 * needs no writer of its own.
 */
export function* writeVisible(out: Writer, { sequence, spans, length }: Picture): Generator<void, number> {
  const { characters } = sequence;
  out.varint(length);
  const text = characters.areAscii ? out.varint(length) : new Writer(length + 16);
  let count = 0;
  for (let at = 0; at < spans.length; at += INTS_A_SLICE) {
    count += writeSpans(text, characters, spans.subarray(at, at + INTS_A_SLICE), 1);
    yield;
  }
  if (text !== out) out.nested(text);
  return count;
}

/** Writes which characters of the `count` deleted ones are known, in runs, and then those. */
export function* writeDead(
  out: Writer,
  { sequence: { characters }, spans }: Picture,
  count: number,
  withoutDeleted: boolean,
): Generator<void> {
  const runs = [0]; // So many known, so many missing, so many known ...
  const text = new Writer(withoutDeleted ? 0 : count + 16);
  if (withoutDeleted) note(runs, true, count);
  for (let at = withoutDeleted ? spans.length : 0; at < spans.length; at += INTS_A_SLICE) {
    const slice = spans.subarray(at, at + INTS_A_SLICE);
    if (characters.hasMissing) writeKnown(text, runs, characters, slice);
    else note(runs, false, writeSpans(text, characters, slice, -1));
    yield;
  }
  for (const length of runs) out.varint(length);
  out.nested(text);
}

// What V8 optimises within a generator it throws away at the end of each: so the loops are functions of their own.

/** Writes the characters of the spans that are visible, `sign` 1, or dead, -1. Returns how many. */
function writeSpans(text: Writer, characters: Characters, spans: Int32Array, sign: 1 | -1): number {
  let count = 0;
  for (let at = 0; at < spans.length; at += 2) {
    const length = spans[at + 1] * sign;
    if (length <= 0) continue;
    characters.writeTo(text, spans[at], length);
    count += length;
  }
  return count;
}

/** Writes the characters of dead spans that are known. */
function writeKnown(text: Writer, runs: number[], characters: Characters, spans: Int32Array): void {
  for (let at = 0; at < spans.length; at += 2) {
    for (let element = spans[at], end = element - spans[at + 1]; element < end; ) {
      const isMissing = characters.isMissing(element);
      const count = characters.countAlike(element, end);
      note(runs, isMissing, count);
      if (!isMissing) characters.writeTo(text, element, count);
      element += count;
    }
  }
}

function note(runs: number[], isMissing: boolean, count: number): void {
  if ((runs.length % 2 === 0) === isMissing) runs[runs.length - 1] += count;
  else if (count > 0) runs.push(count);
}

/**
 * Passes over what says which of `count` deleted characters are known. Returns how many of them.
 * @throws {CrdtError} `MALFORMED`
 */
export function passOverDead(reader: Reader, count: number): number {
  let known = reader.varint();
  let sum = known;
  for (let isKnown = false; sum < count; isKnown = !isKnown) {
    const length = reader.varint();
    if (length === 0) throw malformed("empty row");
    if (isKnown) known += length;
    sum += length;
  }
  if (sum > count) throw malformed("too many characters");
  return known;
}

/** Characters of deleted text, some of which may be missing. */
class DeadSource {
  readonly known: Reader;
  /** Lengths of known and missing stretches, in turns. */
  readonly #lengths: Reader;
  /** The stretch that is being put in, and what is left of it. */
  #isKnown = false;
  #left = 0;

  /** Reads what stands in a state for `count` dead elements. @throws {CrdtError} `MALFORMED` */
  constructor(reader: Reader, count: number) {
    const from = reader.position;
    passOverDead(reader, count);
    this.#lengths = new Reader(reader.view(from, reader.position));
    this.known = reader.nested();
  }

  put(characters: Characters, first: number, count: number): void {
    for (let element = first, left = count; left > 0; ) {
      while (this.#left === 0) {
        this.#left = this.#lengths.varint();
        this.#isKnown = !this.#isKnown;
      }
      const taken = Math.min(left, this.#left);
      this.#left -= taken;
      if (this.#isKnown) characters.put(this.known, element, taken);
      else characters.leaveOut(element, taken);
      element += taken;
      left -= taken;
    }
  }
}

/** Gives every element of `spans` its character, and reads a state to its end. @throws {CrdtError} `MALFORMED` */
export function putCharacters(
  { characters, log }: Sequence,
  { spans, count, deadCount }: SpanBuilder,
  { visible, reader }: StateHeader,
): void {
  const shown = new Reader(visible);
  const dead = new DeadSource(reader, deadCount);
  reader.end();
  characters.allocate(log.elements);
  for (let at = 0; at < count * 2; at += 2) {
    const length = spans[at + 1];
    if (length > 0) characters.put(shown, spans[at], length);
    else dead.put(characters, spans[at], -length);
  }
  shown.end();
  dead.known.end();
  characters.sortWide();
}
