import { FEW, type Points, writePoint } from "./utf8.js";

/**
 * Results up to so many bytes share a buffer, each twice as long as the last one, up to so many bytes: that is what a single
 * one that is kept keeps alive. With buffers of 1 kB, rustcode took a quarter longer.
 */
const SHORT_MAX = 64;
const SHARED_BYTES = 8192;

/** Names, that is, of which there are several in each entry and frame: they get by without a buffer of their own. */
const PLAIN = /^[ -~]*$/;

/** Writes what `Reader` reads, in the only spelling it accepts. Grows by doubling. */
export class Writer {
  #bytes: Uint8Array;
  /** That of `#bytes`, kept because asking for it is a call into the engine's C++. */
  #buffer: ArrayBuffer;
  /** Where what is being written begins. What stands before it was taken, and is never written again. */
  #start = 0;
  #at = 0;

  /** @param capacity Bytes to make room for at first. */
  constructor(capacity = 64) {
    this.#buffer = new ArrayBuffer(capacity);
    this.#bytes = new Uint8Array(this.#buffer);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#at - this.#start;
  }

  /** One byte, in [0, 255]. */
  u8(byte: number): this {
    this.#room(1);
    this.#bytes[this.#at++] = byte;
    return this;
  }

  /** An integer in [0, 2^53 - 1], least significant seven bits first, at most eight bytes. */
  varint(value: number): this {
    this.#room(8);
    const bytes = this.#bytes;
    let at = this.#at;
    let rest = value;
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 0x80;
    for (; rest > 0x7f; rest >>= 7) bytes[at++] = rest | 0x80; // The array keeps the lowest eight bits.
    bytes[at++] = rest;
    this.#at = at;
    return this;
  }

  /** What another writer has written so far, with its length as a varint before it. */
  nested(other: Writer): this {
    return this.varint(other.length).append(other);
  }

  /** What another writer has written so far. */
  append(other: Writer): this {
    return this.bytes(other.#bytes.subarray(other.#start, other.#at));
  }

  /** One code point in UTF-8. */
  point(point: number): this {
    this.#room(4);
    this.#at = writePoint(this.#bytes, this.#at, point);
    return this;
  }

  /** `count` code points of `points`, from `first` on, in UTF-8. @internal */
  points(points: Points, first: number, count: number): this {
    this.#room(count);
    const bytes = this.#bytes;
    const end = first + count;
    let from = first;
    let at = this.#at;
    for (; from < end; from++) {
      const point = points[from];
      if (point > 0x7f) break;
      bytes[at++] = point;
    }
    this.#at = at;
    for (; from < end; from++) this.point(points[from]);
    return this;
  }

  /** Forgets what was written, and keeps the memory. */
  clear(): this {
    this.#at = this.#start;
    return this;
  }

  /** The bytes as they are, without a length. */
  bytes(bytes: Uint8Array): this {
    const { length } = bytes;
    this.#room(length);
    if (length > FEW) this.#bytes.set(bytes, this.#at);
    else for (let i = 0; i < length; i++) this.#bytes[this.#at + i] = bytes[i];
    this.#at += length;
    return this;
  }

  /**
   * A string: its length in bytes as a varint, then UTF-8.
   * @throws {CrdtError} `MALFORMED` when `text` holds half of a surrogate pair.
   */
  string(text: string): this {
    const out = PLAIN.test(text) ? this.varint(text.length) : new Writer(text.length);
    for (const character of text) out.point(character.codePointAt(0)!);
    return out === this ? this : this.nested(out);
  }

  /** What was written, as a copy of exactly that length. */
  finish(): Uint8Array {
    return this.#bytes.slice(this.#start, this.#at);
  }

  /** As {@link finish}, for a writer that writes no more: its memory itself, when that was sized well. */
  last(): Uint8Array {
    const isTight = this.length * 8 > this.#bytes.length * 7;
    return isTight ? this.#bytes.subarray(this.#start, this.#at) : this.finish();
  }

  /**
   * What was written, to be followed by something else. A short result is a view of the buffer that it was written into, and
   * shares it with others: an `ArrayBuffer` for each keystroke costs more than everything else about it (300 ns
   * with the collector's part, such a view 140, and 35 more when it is a copy).
   */
  take(): Uint8Array {
    const { length } = this;
    if (length > SHORT_MAX || this.#bytes.length > SHARED_BYTES) return this.#takeCopy();
    const start = this.#start;
    this.#start = this.#at;
    return new Uint8Array(this.#buffer, start, length);
  }

  #takeCopy(): Uint8Array {
    const copy = this.finish();
    this.clear();
    if (this.#bytes.length > SHARED_BYTES) this.#move(SHARED_BYTES);
    return copy;
  }

  #room(more: number): void {
    if (this.#at + more > this.#bytes.length) this.#grow(more);
  }

  #grow(more: number): void {
    const shared = Math.min(SHARED_BYTES, this.#bytes.length * 2);
    this.#move(Math.max(shared, this.length * 2, this.length + more));
  }

  /** Moves what is being written to a new buffer of `capacity` bytes. */
  #move(capacity: number): void {
    const written = this.#bytes.subarray(this.#start, this.#at);
    this.#buffer = new ArrayBuffer(capacity);
    this.#bytes = new Uint8Array(this.#buffer);
    this.#bytes.set(written);
    this.#start = 0;
    this.#at = written.length;
  }
}
