import type { ReplicaId } from "@motet/crdt-core";
import { type EntryKey, entryKey, isTombstone, type StoredEntry, TOMBSTONE } from "./document-store.js";

// key := "whole-"? life "-" unique        What was written, and what says everything that its writer knew.
//      | "replica-" life "-" replica      Of two nodes that claim a replica at once, the store lets one.
//      | "created-" life                  Of two that create the document at once, the same.
//      | "deleted-" life "-" unique       The document was deleted; what it was is gone.
// A document begins its life 0; whoever deletes it begins the next. Entries of earlier lives, which a node that had not heard of the
// deletion may still write, are nobody's.

const WHOLE = "whole-";

/** The names of one document's entries, from one deletion to the next. */
export class EntryNames {
  readonly #life: number;
  readonly #unique: () => string;

  /** @param unique Draws a name that was never used. */
  constructor(keys: readonly EntryKey[], unique: () => string) {
    this.#life = keys.reduce((life, key) => (isTombstone(key) ? Math.max(life, lifeOf(key)) : life), 0);
    this.#unique = unique;
  }

  next(): EntryKey {
    return entryKey(`${this.#life}-${this.#unique()}`);
  }

  whole(): EntryKey {
    return entryKey(`${WHOLE}${this.next()}`);
  }

  claim(replica: ReplicaId): EntryKey {
    return entryKey(`replica-${this.#life}-${replica}`);
  }

  creation(): EntryKey {
    return entryKey(`created-${this.#life}`);
  }

  tombstone(): EntryKey {
    return entryKey(`${TOMBSTONE}${this.#life + 1}-${this.#unique()}`);
  }
}

/**
 * Entries in the order in which they are to be read: those of the document's present life. What says everything that its writer knew needs
 * nothing before it, and others may build on what it says though they stand before it: it took the place of the last entry that it covers.
 */
export function inReadingOrder(entries: readonly StoredEntry[]): readonly StoredEntry[] {
  const life = entries.reduce((last, { key }) => (isTombstone(key) ? Math.max(last, lifeOf(key)) : last), 0);
  const present = entries.filter(({ key }) => lifeOf(key) === life);
  const isFirst = ({ key }: StoredEntry) => key.startsWith(WHOLE) || isTombstone(key);
  return [...present.filter(isFirst), ...present.filter((entry) => !isFirst(entry))];
}

function lifeOf(key: EntryKey): number {
  return Number(/^(?:[a-z]+-)?(\d+)(?:-|$)/.exec(key)?.[1] ?? 0);
}
