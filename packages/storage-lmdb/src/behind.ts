import type { DocumentKey } from "@motet/document";
import type { Item, Write } from "./environment.js";

/** Writes, how many they are, and the size of their keys and values. */
export interface SizedWrites extends Iterable<Write> {
  readonly writes: number;
  readonly bytes: number;
}

/**
 * What is durable in the journal and not yet in the database, by document, in two generations: the sealed one is on its
 * way into the database, the open one gathers.
 */
export class Behind {
  #sealed = new Generation();
  #open = new Generation();

  get sealed(): SizedWrites {
    return this.#sealed;
  }

  get open(): SizedWrites {
    return this.#open;
  }

  /** Of the writes of one document those that were added later come later. */
  *all(): Iterable<Write> {
    yield* this.#sealed;
    yield* this.#open;
  }

  /** A document's writes in rising key, the last one of each key. */
  of(id: DocumentKey): Write[] {
    const latest = new Map<string, Write>();
    for (const generation of [this.#sealed, this.#open]) {
      for (const write of generation.of(id)) latest.set(latin1(write.key), write);
    }
    return [...latest.values()].sort((left, right) => Buffer.compare(left.key, right.key));
  }

  documents(): Set<DocumentKey> {
    return new Set([...this.#sealed.documents(), ...this.#open.documents()]);
  }

  add(id: DocumentKey, writes: readonly Write[]): void {
    this.#open.add(id, writes);
  }

  /** Seals the open generation. The one before it must have been dropped. */
  seal(): void {
    this.#sealed = this.#open;
    this.#open = new Generation();
  }

  /** The sealed generation is in the database. */
  drop(): void {
    this.#sealed = new Generation();
  }

  /** Everything is in the database. */
  clear(): void {
    this.drop();
    this.#open = new Generation();
  }
}

class Generation implements SizedWrites {
  readonly #byDocument = new Map<DocumentKey, Write[]>();
  writes = 0;
  bytes = 0;

  add(id: DocumentKey, writes: readonly Write[]): void {
    const known = this.#byDocument.get(id) ?? [];
    this.#byDocument.set(id, known);
    for (const write of writes) {
      known.push(write);
      this.bytes += write.key.length + (write.value?.length ?? 0);
    }
    this.writes += writes.length;
  }

  of(id: DocumentKey): readonly Write[] {
    return this.#byDocument.get(id) ?? [];
  }

  documents(): Iterable<DocumentKey> {
    return this.#byDocument.keys();
  }

  *[Symbol.iterator](): Iterator<Write> {
    for (const writes of this.#byDocument.values()) yield* writes;
  }
}

/** `stored` with `newer` laid over it, both in rising key: a write comes in the place of the item of its key, a removal takes it away. */
export function* overlay(stored: Iterable<Item>, newer: readonly Write[]): Iterable<Item> {
  let at = 0;
  for (const item of stored) {
    for (; at < newer.length && Buffer.compare(newer[at]!.key, item.key) < 0; at++) yield* kept(newer[at]!);
    if (at === newer.length || Buffer.compare(newer[at]!.key, item.key) !== 0) yield item;
  }
  for (; at < newer.length; at++) yield* kept(newer[at]!);
}

function* kept({ key, value }: Write): Iterable<Item> {
  if (value !== undefined) yield { key, value };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
