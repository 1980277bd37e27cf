import { Bits, endOfAlike } from "../bits.js";
import type { Reader } from "../codec/reader.js";
import { decodeUtf8, FEW, isSurrogate, type Points, widened } from "../codec/utf8.js";
import type { Writer } from "../codec/writer.js";
import { CrdtError, malformed } from "../errors.js";
import { letGo } from "../let-go.js";
import { RankedList } from "./ranked-list.js";

/** Code units handed to `String.fromCharCode` at once: far below any engine's limit on arguments. */
const CHUNK = 4096;

/** What stands in the array for a character that was left out. Never shown: `isMissing` is asked first. */
const NO_POINT = 0;

/**
 * The characters of a document by element number: code points in one append-only array of 8, 16 or 32 bits, widened
 * when the first wider one comes. Elements above U+FFFF are listed apart, so that the width of a stretch in UTF-16
 * units takes two binary searches, and none at all in a text without them.
 *
 * Characters of deleted text may be missing (they were trimmed, or a state made for a joining client leaves them out);
 * a bitmap says which.
 */
export class Characters {
  #points: Points = new Uint8Array(16);
  /** The highest code point that the array can hold. */
  #limit = 0xff;
  #length = 0;
  /** Whether every element is one UTF-16 unit wide. */
  areNarrow = true;
  /** All code points or-ed together: below 0x80 the text is ASCII, and its bytes are its characters. */
  #seen = 0;
  readonly #wide = new RankedList();
  readonly #missing = new Bits(0);
  #missingCount = 0;

  /** How many elements there are. */
  get length(): number {
    return this.#length;
  }

  /** Whether every character is below U+0080. */
  get areAscii(): boolean {
    return this.#seen < 0x80;
  }

  /** Whether characters of deleted text were left out. */
  get hasMissing(): boolean {
    return this.#missingCount > 0;
  }

  /** Makes an empty text `length` elements long, their characters to be put in by `put` and `leaveOut`. */
  allocate(length: number): void {
    this.#points = new Uint8Array(length);
    this.#length = length;
  }

  /** Gives the elements from `first` on the next `count` code points that `reader` holds. @throws {CrdtError} `MALFORMED` */
  put(reader: Reader, first: number, count: number): void {
    for (let at = first, end = first + count; at < end; ) {
      at += reader.ascii(this.#points, at, end - at);
      if (at < end) this.#put(at++, reader.point());
    }
  }

  #put(element: number, point: number): void {
    if (point > this.#limit) this.#widen(point);
    if (point > 0xffff) this.#wide.push(element);
    this.#seen |= point;
    this.#points[element] = point;
  }

  /** Sorts the wide characters, after all were put or filled in. */
  sortWide(): void {
    this.#wide.sort();
  }

  /** Adds one code point, which becomes the element `length`. Amortised O(1). */
  push(point: number): void {
    if (this.#length === this.#points.length) this.#grow(this.#length + 1);
    this.#put(this.#length++, point);
  }

  /** Adds the code points of `content`, which is well formed. */
  append(content: string): void {
    if (content.length === 1) this.push(content.charCodeAt(0));
    else this.#appendMany(content);
  }

  #appendMany(content: string): void {
    const seen = unitsOf(content);
    if (seen >= 0xd800) {
      for (const character of content) this.push(character.codePointAt(0)!);
      return;
    }
    const end = this.#length + content.length;
    if (end > this.#points.length) this.#grow(end);
    if (seen > this.#limit) this.#widen(seen);
    this.#seen |= seen;
    for (let at = 0; this.#length < end; at++) this.#points[this.#length++] = content.charCodeAt(at);
  }

  /** Adds the next `count` code points that `reader` holds. */
  read(reader: Reader, count: number): void {
    const end = this.#length + count;
    if (end > this.#points.length) this.#grow(end);
    this.put(reader, this.#length, count);
    this.#length = end;
  }

  /** Adds `count` elements whose characters are not known. */
  appendMissing(count: number): void {
    this.leaveOut(this.#length, count);
    for (let left = count; left > 0; left--) this.push(NO_POINT);
  }

  /** Says that nothing is known of the `count` elements from `first` on, of which nothing was. */
  leaveOut(first: number, count: number): void {
    this.#missing.reserve(first + count).fill(first, first + count);
    this.#missingCount += count;
  }

  /** Whether the character of `element` was left out. */
  isMissing(element: number): boolean {
    return this.#missing.has(element);
  }

  /** How many elements from `element` on, below `end`, are known as it is, or missing as it is. */
  countAlike(element: number, end: number): number {
    return endOfAlike(this.#missing, this.#missing, element, end) - element;
  }

  /** Fills in a missing character, before `sortWide`. Its element is dead, so no visible width changes. */
  fill(element: number, point: number): void {
    this.#put(element, point);
    this.#missing.clear(element);
    this.#missingCount--;
  }

  /** Forgets the character of `element`, which is dead. Returns whether it was known. */
  forget(element: number): boolean {
    if (this.isMissing(element)) return false;
    if (this.#points[element] > 0xffff) this.#wide.remove(element);
    this.#points[element] = NO_POINT;
    this.leaveOut(element, 1);
    return true;
  }

  /** Forgets every element from `length` on. */
  truncate(length: number): void {
    for (let element = length; element < this.#length; element++) {
      if (this.isMissing(element)) this.fill(element, NO_POINT);
    }
    this.#wide.truncate(length);
    this.#length = length;
  }

  /** The code point of `element`, in [0, 0x10FFFF]. Meaningless when it is missing. */
  at(element: number): number {
    return this.#points[element];
  }

  /** Copies the code points of `count` elements from `first` on to the place `at` of others. */
  copyTo(to: Points, at: number, first: number, count: number): void {
    const points = this.#points;
    if (count > FEW) to.set(points.subarray(first, first + count), at);
    else for (let i = 0; i < count; i++) to[at + i] = points[first + i];
  }

  /** Writes the `count` elements from `first` on in UTF-8. */
  writeTo(out: Writer, first: number, count: number): void {
    if (this.areAscii && count > FEW) out.bytes(this.#points.subarray(first, first + count) as Uint8Array);
    else out.points(this.#points, first, count);
  }

  /** Width in UTF-16 units of the `count` elements from `first` on. O(log wide elements). */
  width(first: number, count: number): number {
    if (this.areNarrow) return count;
    return count + this.#wide.rank(first + count) - this.#wide.rank(first);
  }

  /**
   * How many elements from `first` on make up `units` UTF-16 units.
   * @throws {CrdtError} `OUT_OF_RANGE` when that place is inside a surrogate pair.
   */
  elementsIn(first: number, units: number): number {
    return this.areNarrow ? units : this.#elementsInWide(first, units);
  }

  #elementsInWide(first: number, units: number): number {
    let rank = this.#wide.rank(first);
    let left = units;
    let from = first;
    for (; rank < this.#wide.count; rank++) {
      const narrow = this.#wide.rows[rank] - from;
      if (narrow >= left) break;
      if (left - narrow === 1) throw new CrdtError("OUT_OF_RANGE", "inside a surrogate pair");
      left -= narrow + 2;
      from += narrow + 1;
    }
    return from + left - first;
  }

  /** The text of `count` elements from `first` on. */
  text(first: number, count: number): string {
    const collector = new TextCollector(this, this.width(first, count));
    collector.add(first, count);
    return collector.finish();
  }

  #grow(needed: number): void {
    const old = this.#points;
    const { length } = old;
    this.#points = widened(old, this.#limit, Math.max(needed, length + (length >> 2) + 16));
    letGo(old);
  }

  #widen(point: number): void {
    this.#limit = point > 0xffff ? 0x10ffff : 0xffff;
    this.areNarrow = point <= 0xffff;
    this.#points = widened(this.#points, this.#limit, this.#points.length);
  }
}

/** Makes one string out of stretches of characters. */
export class TextCollector {
  readonly #characters: Characters;
  /** UTF-16 units; of an ASCII text they are bytes, which the platform decodes faster. */
  readonly #units: Uint8Array | Uint16Array;
  #length = 0;

  /** For a text of at most `width` UTF-16 units. */
  constructor(characters: Characters, width: number) {
    this.#characters = characters;
    this.#units = characters.areAscii ? new Uint8Array(width) : new Uint16Array(width);
  }

  /** Adds the `count` elements from `first` on. @throws {CrdtError} `TRIMMED` when one of them is missing. */
  add(first: number, count: number): void {
    if (this.#characters.hasMissing) this.#refuseMissing(first, count);
    if (this.#characters.areNarrow) {
      this.#characters.copyTo(this.#units, this.#length, first, count);
      this.#length += count;
    } else this.#addWide(first, first + count);
  }

  finish(): string {
    if (this.#units instanceof Uint8Array) return decodeUtf8(this.#units.subarray(0, this.#length));
    let text = "";
    for (let at = 0; at < this.#length; at += CHUNK) {
      const chunk = this.#units.subarray(at, Math.min(at + CHUNK, this.#length));
      text += String.fromCharCode.apply(null, chunk as unknown as number[]);
    }
    return text;
  }

  #addWide(first: number, end: number): void {
    for (let element = first; element < end; element++) {
      const point = this.#characters.at(element);
      if (point > 0xffff) {
        this.#units[this.#length++] = 0xd7c0 + (point >> 10);
        this.#units[this.#length++] = 0xdc00 + (point & 0x3ff);
      } else this.#units[this.#length++] = point;
    }
  }

  #refuseMissing(first: number, count: number): void {
    const isKnown = !this.#characters.isMissing(first);
    if (!isKnown || this.#characters.countAlike(first, first + count) < count) throw trimmed();
  }
}

/** What reading a character that was left out comes to. */
function trimmed(): CrdtError {
  return new CrdtError("TRIMMED", "characters of deleted text are not here");
}

/**
 * How many code points `content` has.
 * @throws {CrdtError} `MALFORMED` when it is no string, empty, or holds half of a surrogate pair.
 */
export function countContent(content: string): number {
  if (typeof content !== "string" || content === "") throw malformed("nothing to insert");
  if (content.length === 1 && (content.charCodeAt(0) & 0xf800) !== 0xd800) return 1;
  if (unitsOf(content) < 0xd800) return content.length;
  let count = 0;
  for (const character of content) {
    if (isSurrogate(character.codePointAt(0)!)) throw malformed("half a surrogate pair");
    count++;
  }
  return count;
}

/** All UTF-16 units of `content` or-ed together: below 0xD800 none is half of a pair. */
function unitsOf(content: string): number {
  let seen = 0;
  for (let at = 0; at < content.length; at++) seen |= content.charCodeAt(at);
  return seen;
}
