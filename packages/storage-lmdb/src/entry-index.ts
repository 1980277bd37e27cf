import { DocumentError, type DocumentKey, type EntryKey } from "@motet/document";

/** Which entries one document has, and where; what is on its way to the disk counts as there. */
export class DocumentEntries {
  readonly #places = new Map<EntryKey, number>();
  #lastPlace = 0;

  /** @param entries in rising place. */
  constructor(entries: Iterable<EntryAt>) {
    for (const { key, place } of entries) {
      this.#places.set(key, place);
      this.#lastPlace = place;
    }
  }

  get size(): number {
    return this.#places.size;
  }

  placeOf(key: EntryKey): number | undefined {
    return this.#places.get(key);
  }

  /** Gives `key` the next place. */
  add(key: EntryKey): number {
    this.#places.set(key, ++this.#lastPlace);
    return this.#lastPlace;
  }

  /**
   * Puts `key` in the place of the last of `covered`, and takes those away.
   * @throws {DocumentError} `FENCED` when one of them is not there; nothing has changed then.
   */
  replace(covered: readonly EntryKey[], key: EntryKey): { readonly place: number; readonly gone: EntryAt[] } {
    const gone = covered.map((one) => ({ key: one, place: this.#mustHave(one) }));
    const place = gone.reduce((last, one) => Math.max(last, one.place), 0);
    for (const one of gone) this.#places.delete(one.key);
    this.#places.set(key, place);
    return { place, gone };
  }

  /** Takes all entries away and says which they were. Places start at 1 again. */
  clear(): EntryAt[] {
    const gone = [...this.#places].map(([key, place]) => ({ key, place }));
    this.#places.clear();
    this.#lastPlace = 0;
    return gone;
  }

  #mustHave(key: EntryKey): number {
    const place = this.#places.get(key);
    if (place === undefined) throw new DocumentError("FENCED", "an entry that was to be replaced is gone");
    return place;
  }
}

/** An entry's name and place. */
export interface EntryAt {
  readonly key: EntryKey;
  readonly place: number;
}

// Bounds what is remembered, counted in entries of about 100 bytes; a document without any is not for nothing either.
const WEIGHT_MAX = 100_000;
const DOCUMENT_WEIGHT = 4;

/**
 * The entries of the documents that were written last. One process owns the folder, so what is remembered stays true;
 * a document that has been forgotten is read again at its next write, names only: 2 to 3 ms for 1,000 entries.
 */
export class EntryIndex {
  /** Least recently used first. */
  readonly #documents = new Map<DocumentKey, DocumentEntries>();
  readonly #read: (id: DocumentKey) => DocumentEntries;
  readonly #isPending: (id: DocumentKey) => boolean;
  #weight = 0;

  /** @param isPending whether a document has writes that are not committed: those must not be forgotten. */
  constructor(read: (id: DocumentKey) => DocumentEntries, isPending: (id: DocumentKey) => boolean) {
    this.#read = read;
    this.#isPending = isPending;
  }

  /**
   * Changes a document's entries by `change`, and hands on what it says. The writes that go with the change are to be
   * pending when it returns: an entry that is neither stored nor pending could be forgotten.
   */
  update<T>(id: DocumentKey, change: (entries: DocumentEntries) => T): T {
    const entries = this.#take(id) ?? this.#read(id);
    try {
      return change(entries);
    } finally {
      this.#documents.set(id, entries);
      this.#weight += weightOf(entries);
      this.#shrink();
    }
  }

  /** The next write reads the document again. */
  forget(id: DocumentKey): void {
    this.#take(id);
  }

  #take(id: DocumentKey): DocumentEntries | undefined {
    const entries = this.#documents.get(id);
    if (entries === undefined) return undefined;
    this.#documents.delete(id);
    this.#weight -= weightOf(entries);
    return entries;
  }

  #shrink(): void {
    if (this.#weight <= WEIGHT_MAX) return;
    for (const id of this.#documents.keys()) {
      if (!this.#isPending(id)) this.#take(id);
      if (this.#weight <= WEIGHT_MAX) return;
    }
  }
}

function weightOf(entries: DocumentEntries): number {
  return DOCUMENT_WEIGHT + entries.size;
}
