import type { DocumentKey } from "@motet/document";
import type { Item, Write } from "./environment.js";
import { Generation } from "./generation.js";

/**
 * What is durable in the journal and not yet in the database, in two generations, one for each half of the journal: the sealed one is on
 * its way into the database, the open one gathers.
 */
export class Behind {
  #sealed = new Generation();
  #open = new Generation();

  get sealed(): Generation {
    return this.#sealed;
  }

  get open(): Generation {
    return this.#open;
  }

  /** In the order in which they came. */
  *all(): Iterable<Write> {
    yield* this.#sealed;
    yield* this.#open;
  }

  /** A document's writes in rising key, the last one of each key. They are the caller's own. */
  of(id: DocumentKey): Write[] {
    const latest = new Map<string, Write>();
    for (const generation of [this.#open, this.#sealed]) {
      for (const write of generation.of(id)) {
        const name = latin1(write.key);
        if (!latest.has(name)) latest.set(name, copyOf(write));
      }
    }
    return [...latest.values()].sort((left, right) => Buffer.compare(left.key, right.key));
  }

  documents(): Set<DocumentKey> {
    return new Set([...this.#sealed.documents, ...this.#open.documents]);
  }

  /** Seals the open generation. The one before it must have been dropped. */
  seal(): void {
    [this.#sealed, this.#open] = [this.#open, this.#sealed];
  }

  /** The sealed generation is in the database. */
  drop(): void {
    this.#sealed.clear();
  }

  /** Everything is in the database. */
  clear(): void {
    this.#sealed.clear();
    this.#open.clear();
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

function copyOf({ key, value }: Write): Write {
  return { key: Uint8Array.from(key), ...(value && { value: Uint8Array.from(value) }) };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
