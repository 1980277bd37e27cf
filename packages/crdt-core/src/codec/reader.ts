import { type CrdtError, malformed } from "../errors.js";
import { decodeUtf8, type Points, readPoint, sequenceLength } from "./utf8.js";

/** Of nothing, one copy is enough: a row with nothing in it may have two bytes. */
const NOTHING = new Uint8Array();

/**
 * Reads bytes from a stranger. It never reads past the end, never allocates more than the input justifies, and
 * accepts exactly one spelling of each value. Every refusal is a `CrdtError` with the code `MALFORMED`.
 */
export class Reader {
  #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.reset(bytes);
  }

  /** Reads other bytes, from their start. */
  reset(bytes: Uint8Array): this {
    if (!(bytes instanceof Uint8Array)) throw malformed("not a Uint8Array");
    this.#bytes = bytes;
    this.#at = 0;
    return this;
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** Where the next byte will be read. */
  get position(): number {
    return this.#at;
  }

  /** One byte, in [0, 255]. */
  u8(): number {
    if (this.#at >= this.#bytes.length) throw truncated();
    return this.#bytes[this.#at++];
  }

  /**
   * An integer in [0, 2^53 - 1], least significant seven bits first. A longer spelling than needed is refused, and
   * so is any bit beyond the 53rd.
   */
  varint(): number {
    const first = this.u8();
    return first < 0x80 ? first : this.#longVarint(first & 0x7f);
  }

  #longVarint(lowest: number): number {
    let value = lowest;
    for (let scale = 128; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      // Zeros without end make it not a number, which is not at most anything.
      if (!(value <= Number.MAX_SAFE_INTEGER) || byte === 0) throw malformed("number");
      if (byte < 0x80) return value;
    }
  }

  /** A number of things that follow, each at least `bytesEachMin` bytes long: refused before anything is allocated. */
  count(bytesEachMin = 1): number {
    const count = this.varint();
    if (count > Math.floor(this.remaining / bytesEachMin)) throw truncated();
    return count;
  }

  /** The next `length` bytes, as a copy that does not keep the input alive. */
  bytes(length: number): Uint8Array {
    const bytes = this.#next(length);
    return length === 0 ? NOTHING : new Uint8Array(bytes); // `slice` of a Buffer would not be a copy.
  }

  /** A string: its length in bytes as a varint, then well-formed UTF-8, kept character for character. */
  string(): string {
    return decodeUtf8(this.#next(this.varint()));
  }

  /** One code point in UTF-8. */
  point(): number {
    const lead = this.u8();
    if (lead < 0x80) return lead;
    const length = sequenceLength(lead);
    const point = readPoint(this.#bytes, this.#at - 1, length);
    this.#at += length - 1;
    return point;
  }

  /** `count` code points in UTF-8, checked and passed over. */
  skipPoints(count: number): void {
    const bytes = this.#bytes;
    const end = this.#at + count;
    if (end > bytes.length) throw truncated();
    let at = this.#at;
    while (at < end && bytes[at] < 0x80) at++;
    this.#at = at;
    for (let left = end - at; left > 0; left--) this.point();
  }

  /** Copies up to `count` ASCII characters to `out`, from `first` on, until there comes another. Returns how many. @internal */
  ascii(out: Points, first: number, count: number): number {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    for (const end = start + count; at < end && bytes[at] < 0x80; at++) out[first + at - start] = bytes[at];
    this.#at = at;
    return at - start;
  }

  /** Passes over `length` bytes. */
  skip(length: number): void {
    this.#next(length);
  }

  /** Reads on from `position`. */
  seek(position: number): this {
    this.#at = position;
    return this;
  }

  /** A reader for the next stretch of bytes, whose length stands before it, and passes over it. */
  nested(): Reader {
    return new Reader(this.#next(this.varint()));
  }

  /** Everything that is left, as a view. */
  rest(): Uint8Array {
    return this.#next(this.remaining);
  }

  /** The bytes in [from, to), as a view. */
  view(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(from, to);
  }

  /** The input is over: refuses trailing bytes. */
  end(): void {
    if (this.remaining > 0) throw malformed("bytes left over");
  }

  #next(length: number): Uint8Array {
    if (length > this.remaining) throw truncated();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

function truncated(): CrdtError {
  return malformed("bytes end early");
}
