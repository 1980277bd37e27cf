import { CrdtError } from "../errors.js";

// Our own, because the language alone has no UTF-8, and because a platform's decoder may drop U+FEFF or put U+FFFD
// in the place of what is wrong. Here every character is kept and every wrong byte is refused.

/** Code units handed to `String.fromCharCode` at once: far below any engine's limit on arguments. */
const CHUNK = 8192;

/**
 * The text that `bytes` spell in UTF-8.
 * @throws {CrdtError} `MALFORMED` for anything but the shortest spelling of Unicode scalar values.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(at + CHUNK, bytes.length);
    if (isAscii(bytes, at, end)) {
      text += String.fromCharCode.apply(null, bytes.subarray(at, end) as unknown as number[]);
      at = end;
    } else {
      const units: number[] = [];
      for (; at < end; at += sequenceLength(bytes[at])) pushUnits(units, pointAt(bytes, at));
      text += String.fromCharCode(...units);
    }
  }
  return text;
}

/** Whether all bytes in [from, to) are characters of their own. */
export function isAscii(bytes: Uint8Array, from = 0, to = bytes.length): boolean {
  let seen = 0;
  for (let at = from; at < to; at++) seen |= bytes[at];
  return seen < 0x80;
}

function pointAt(bytes: Uint8Array, at: number): number {
  const length = sequenceLength(bytes[at]);
  return length === 1 ? bytes[at] : readPoint(bytes, at, length);
}

function pushUnits(units: number[], point: number): void {
  if (point > 0xffff) units.push(0xd7c0 + (point >> 10), 0xdc00 + (point & 0x3ff));
  else units.push(point);
}

/**
 * `text` in UTF-8.
 * @throws {CrdtError} `MALFORMED` when it holds half of a surrogate pair.
 */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const point = text.codePointAt(at)!;
    if (point > 0xffff) at++;
    length = writePoint(bytes, length, point);
  }
  return bytes.slice(0, length);
}

/** How many bytes a code point takes that begins with `lead`. @throws {CrdtError} `MALFORMED` when none does. */
export function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) throw bad(); // A continuation byte, or a lead that could only spell something too long.
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  if (lead < 0xf5) return 4;
  throw bad();
}

const LOWEST = [0, 0, 0x80, 0x800, 0x10000];

/** The code point that `length` bytes at `at` spell. @throws {CrdtError} `MALFORMED` */
export function readPoint(bytes: Uint8Array, at: number, length: number): number {
  if (at + length > bytes.length) throw bad();
  let point = bytes[at] & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i];
    if ((byte & 0xc0) !== 0x80) throw bad();
    point = (point << 6) | (byte & 0x3f);
  }
  if (point < LOWEST[length] || point > 0x10ffff || isSurrogate(point)) throw bad();
  return point;
}

/** Writes a code point at `at`, at most four bytes. Returns where the next one goes. */
export function writePoint(out: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    out[at] = point;
    return at + 1;
  }
  if (isSurrogate(point)) throw new CrdtError("MALFORMED", "half of a surrogate pair");
  const length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  for (let i = length - 1; i > 0; i--) {
    out[at + i] = 0x80 | ((point >> (6 * (length - 1 - i))) & 0x3f);
  }
  out[at] = ((0xf00 >> length) & 0xff) | (point >> (6 * (length - 1)));
  return at + length;
}

function isSurrogate(point: number): boolean {
  return point >= 0xd800 && point <= 0xdfff;
}

function bad(): CrdtError {
  return new CrdtError("MALFORMED", "bytes that are not UTF-8");
}
