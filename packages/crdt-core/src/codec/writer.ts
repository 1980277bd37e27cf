import { encodeUtf8, type Points, writePoint } from "./utf8.js";

/** Results up to so many bytes share a buffer, of so many bytes: that is what a single one that is kept keeps alive. */
const SHORT_MAX = 64;
const SHARED_BYTES = 1024;

/** Up to so many bytes are copied one by one, because a call costs more than that. */
const FEW = 24;

/** Writes what `Reader` reads, in the only spelling it accepts. Grows by doubling. */
export class Writer {
  #bytes: Uint8Array;
  #length = 0;
  /** A buffer that short results share, and how much of it is taken. What is taken is never written again. */
  #shared = new Uint8Array(0);
  #sharedAt = 0;

  /** @param capacity Bytes to make room for at first. */
  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** One byte, in [0, 255]. */
  u8(byte: number): this {
    this.#room(1);
    this.#bytes[this.#length++] = byte;
    return this;
  }

  /** An integer in [0, 2^53 - 1], least significant seven bits first, at most eight bytes. */
  varint(value: number): this {
    this.#room(8);
    if (value < 0x80) {
      this.#bytes[this.#length++] = value;
      return this;
    }
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
    return this;
  }

  /** What another writer has written so far, with its length as a varint before it. */
  nested(other: Writer): this {
    return this.varint(other.#length).bytes(other.#bytes.subarray(0, other.#length));
  }

  /** What another writer has written so far. */
  append(other: Writer): this {
    return this.bytes(other.#bytes.subarray(0, other.#length));
  }

  /** One code point in UTF-8. */
  point(point: number): this {
    this.#room(4);
    this.#length = writePoint(this.#bytes, this.#length, point);
    return this;
  }

  /** `count` code points of `points`, from `first` on, in UTF-8. */
  points(points: Points, first: number, count: number): this {
    this.#room(count);
    const bytes = this.#bytes;
    const end = first + count;
    let from = first;
    let at = this.#length;
    for (let point = points[from]; from < end && point < 0x80; point = points[from]) {
      bytes[at++] = point;
      from++;
    }
    this.#length = at;
    for (; from < end; from++) this.point(points[from]);
    return this;
  }

  /** Forgets what was written, and keeps the memory. */
  clear(): this {
    this.#length = 0;
    return this;
  }

  /** The bytes as they are, without a length. */
  bytes(bytes: Uint8Array): this {
    const { length } = bytes;
    this.#room(length);
    if (length > FEW) this.#bytes.set(bytes, this.#length);
    else for (let i = 0; i < length; i++) this.#bytes[this.#length + i] = bytes[i];
    this.#length += length;
    return this;
  }

  /**
   * A string: its length in bytes as a varint, then UTF-8.
   * @throws {CrdtError} `MALFORMED` when `text` holds half of a surrogate pair.
   */
  string(text: string): this {
    const bytes = encodeUtf8(text);
    return this.varint(bytes.length).bytes(bytes);
  }

  /** What was written, as a copy of exactly that length. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /**
   * What was written, as a copy that shares its buffer with others of its kind if it is short. An `ArrayBuffer` for each
   * keystroke costs more than everything else about it: 450 ns with the collector's part, a view of a shared one 160.
   */
  finishShort(): Uint8Array {
    const length = this.#length;
    if (length > SHORT_MAX) return this.finish();
    if (this.#sharedAt + length > this.#shared.length) {
      this.#shared = new Uint8Array(SHARED_BYTES);
      this.#sharedAt = 0;
    }
    const at = this.#sharedAt;
    for (let i = 0; i < length; i++) this.#shared[at + i] = this.#bytes[i];
    this.#sharedAt = at + length;
    return this.#shared.subarray(at, at + length);
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
