import type { DocumentKey } from "@motet/document";
import type { Write } from "./environment.js";
import { decodeWrite, encodeWrite, RECORD_BYTES_MAX, writeBytes } from "./journal-record.js";

/**
 * What one half of the journal holds, as the bytes that stand there, and where in them each document's writes are. Kept as objects, they
 * would live just long enough for the collector to call them old, and be most of what it has to clear away there.
 *
 * The writes of a document are a chain from the last to the first.
 */
export class Generation implements Iterable<Write> {
  /** Each has room for the largest record. A position counts through them. */
  readonly #chunks: Buffer[] = [];
  /** Of the n-th write: where it stands, and which one before it is of the same document, or -1. Longer than {@link writes} when used again. */
  readonly #positions: number[] = [];
  readonly #earlier: number[] = [];
  readonly #lastOf = new Map<DocumentKey, number>();
  #end = 0;
  #writes = 0;
  #bytes = 0;

  get writes(): number {
    return this.#writes;
  }

  /** Size of the keys and values. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Documents that have writes here. */
  get documents(): Iterable<DocumentKey> {
    return this.#lastOf.keys();
  }

  /** The position of room for `bytes` bytes in a row, at most {@link RECORD_BYTES_MAX}. */
  take(bytes: number): number {
    const left = RECORD_BYTES_MAX - (this.#end % RECORD_BYTES_MAX);
    const at = bytes > left ? this.#end + left : this.#end;
    this.#chunks[chunkOf(at)] ??= Buffer.allocUnsafeSlow(RECORD_BYTES_MAX);
    this.#end = at + bytes;
    return at;
  }

  /** The `bytes` bytes at a position, not a copy. */
  room(at: number, bytes: number): Buffer {
    const start = at % RECORD_BYTES_MAX;
    return this.#chunks[chunkOf(at)]!.subarray(start, start + bytes);
  }

  /** Counts in the writes of these documents, which stand behind each other from a position on. */
  add(documents: ReadonlyMap<DocumentKey, readonly Write[]>, at: number): void {
    let position = at;
    for (const [id, writes] of documents) {
      for (const write of writes) {
        this.#chain(id, position);
        position += writeBytes(write);
        this.#bytes += write.key.length + (write.value?.length ?? 0);
      }
    }
  }

  /** Takes in a write that stands nowhere yet. */
  put(id: DocumentKey, write: Write): void {
    const at = this.take(writeBytes(write));
    encodeWrite(this.room(at, writeBytes(write)), 0, write);
    this.add(new Map([[id, [write]]]), at);
  }

  /** A document's writes, the last one first; parts of what is held here, not copies. */
  *of(id: DocumentKey): Iterable<Write> {
    for (let at = this.#lastOf.get(id) ?? -1; at >= 0; at = this.#earlier[at]!) yield this.#writeAt(at);
  }

  /** All writes in the order in which they came; parts of what is held here, not copies. */
  *[Symbol.iterator](): Iterator<Write> {
    for (let at = 0; at < this.#writes; at++) yield this.#writeAt(at);
  }

  /** Forgets everything; the bytes of writes that were given out are used again. */
  clear(): void {
    this.#chunks.length = Math.min(1, this.#chunks.length);
    this.#lastOf.clear();
    this.#end = 0;
    this.#writes = 0;
    this.#bytes = 0;
  }

  #chain(id: DocumentKey, position: number): void {
    this.#positions[this.#writes] = position;
    this.#earlier[this.#writes] = this.#lastOf.get(id) ?? -1;
    this.#lastOf.set(id, this.#writes++);
  }

  #writeAt(at: number): Write {
    const position = this.#positions[at]!;
    return decodeWrite(this.#chunks[chunkOf(position)]!, position % RECORD_BYTES_MAX);
  }
}

function chunkOf(position: number): number {
  return Math.floor(position / RECORD_BYTES_MAX);
}
