import type { ReplicaId } from "@motet/crdt-core";
import { type EntryKey, entryKey, isTombstone, type StoredEntry, TOMBSTONE } from "./document-store.js";

// key := life "-" unique                  What was written.
//      | "whole-" life "-" unique         What says everything that its writer knew.
//      | "trimmed-" life "-" unique       The same, without characters that were trimmed: whoever still has them reads the document anew.
//      | "replica-" life "-" replica      Of two nodes that claim a replica at once, the store lets one.
//      | "created-" life                  Of two that create the document at once, the same.
//      | "lock-" life "-" place "-" turn  Who may put together what came behind that place; the turn rises when nothing came of it.
//      | "deleted-" life "-" unique       The document was deleted; what it was is gone.
// A document begins its life 0; whoever deletes it begins the next. Entries of earlier lives, which a node that had not heard of the
// deletion may still write, are nobody's.

const WHOLE = "whole-";
const TRIMMED = "trimmed-";

/** Whether an entry of that key says everything that its writer knew: it stands in the place of all up to its own, but claims. */
export function isWhole(key: EntryKey): boolean {
  return key.startsWith(WHOLE) || key.startsWith(TRIMMED);
}

/** Whether characters are missing from it that others may still have. */
export function isTrimmed(key: EntryKey): boolean {
  return key.startsWith(TRIMMED);
}

/** Whether an entry of that key claims a replica. */
export function isClaim(key: EntryKey): boolean {
  return key.startsWith(CLAIM);
}

const CLAIM = "replica-";

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

  whole(isTrimmed: boolean): EntryKey {
    return entryKey(`${isTrimmed ? TRIMMED : WHOLE}${this.next()}`);
  }

  claim(replica: ReplicaId): EntryKey {
    return entryKey(`${CLAIM}${this.#life}-${replica}`);
  }

  lock(place: number, turn: number): EntryKey {
    return entryKey(`lock-${this.#life}-${place}-${turn}`);
  }

  /** Whether an entry of that key belongs to the document's present life; `"deleted"` when it says that this one is over. */
  standingOf(key: EntryKey): "present" | "past" | "deleted" {
    const life = lifeOf(key);
    if (life <= this.#life) return life === this.#life ? "present" : "past";
    return "deleted";
  }

  creation(): EntryKey {
    return entryKey(`created-${this.#life}`);
  }

  tombstone(): EntryKey {
    return entryKey(`${TOMBSTONE}${this.#life + 1}-${this.#unique()}`);
  }
}

/** Entries in the order in which they are to be read: those of the document's present life, and of them {@link wholesFirst}. */
export function inReadingOrder(entries: readonly StoredEntry[]): readonly StoredEntry[] {
  const life = entries.reduce((last, { key }) => (isTombstone(key) ? Math.max(last, lifeOf(key)) : last), 0);
  return wholesFirst(entries.filter(({ key }) => lifeOf(key) === life));
}

/**
 * First those that stand in the place of others. What says everything that its writer knew needs nothing before it, and others may build
 * on what it says though they stand before it: it took the place of the last entry that it covers.
 */
export function wholesFirst(entries: readonly StoredEntry[]): readonly StoredEntry[] {
  const isFirst = ({ key }: StoredEntry) => isWhole(key) || isTombstone(key);
  return [...entries.filter(isFirst), ...entries.filter((entry) => !isFirst(entry))];
}

function lifeOf(key: EntryKey): number {
  return Number(/^(?:[a-z]+-)?(\d+)(?:-|$)/.exec(key)?.[1] ?? 0);
}
