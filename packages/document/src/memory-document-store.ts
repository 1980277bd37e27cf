import {
  type Appended,
  type DocumentStore,
  type EntryKey,
  isTombstone,
  type ListRequest,
  type StoredEntry,
} from "./document-store.js";
import { DocumentError } from "./errors.js";
import type { DocumentKey } from "./ids.js";

interface Entries {
  lastPlace: number;
  /** In rising place: a Map keeps the order of insertion, and `replace` rebuilds it. */
  byKey: Map<EntryKey, StoredEntry>;
}

/**
 * Keeps documents in this process and nowhere else: for tests, demonstrations, and servers that may forget.
 * "Durable" means here: until the process ends.
 */
export class MemoryDocumentStore implements DocumentStore {
  readonly #documents = new Map<DocumentKey, Entries>();
  #closed = false;

  async load(id: DocumentKey, after = 0): Promise<readonly StoredEntry[]> {
    this.#mustBeOpen();
    const entries = [...(this.#documents.get(id)?.byKey.values() ?? [])];
    return after === 0 ? entries : entries.filter((entry) => entry.place > after);
  }

  async append(id: DocumentKey, key: EntryKey, bytes: Uint8Array): Promise<Appended> {
    this.#mustBeOpen();
    mustHoldSomething(bytes);
    const entries = this.#entriesOf(id);
    const known = entries.byKey.get(key);
    if (known !== undefined) return { place: known.place, fresh: false };
    const place = ++entries.lastPlace;
    entries.byKey.set(key, { key, place, bytes: bytes.slice() });
    return { place, fresh: true };
  }

  async replace(
    id: DocumentKey,
    covered: readonly EntryKey[],
    key: EntryKey,
    bytes: Uint8Array,
  ): Promise<number> {
    this.#mustBeOpen();
    mustHoldSomething(bytes);
    const gone = new Set(covered);
    if (gone.size === 0 || gone.size !== covered.length) {
      throw new DocumentError("MALFORMED", "a replacement covers at least one entry, and each once");
    }
    const entries = this.#documents.get(id);
    const repeated = entries?.byKey.get(key);
    if (repeated !== undefined) return repeated.place;
    if (entries === undefined || covered.some((one) => !entries.byKey.has(one))) {
      throw new DocumentError("FENCED", "an entry that was to be replaced is gone");
    }
    const place = covered.reduce((last, one) => Math.max(last, entries.byKey.get(one)!.place), 0);
    const kept = [...entries.byKey.values()].filter((entry) => !gone.has(entry.key));
    kept.push({ key, place, bytes: bytes.slice() });
    kept.sort((left, right) => left.place - right.place);
    entries.byKey = new Map(kept.map((entry) => [entry.key, entry]));
    return place;
  }

  async list(request: ListRequest): Promise<readonly DocumentKey[]> {
    this.#mustBeOpen();
    const { tenant, after, limit } = request;
    if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) {
      throw new DocumentError("MALFORMED", "a page holds 1 to 10,000 documents");
    }
    return [...this.#documents]
      .filter(([, { byKey }]) => [...byKey.keys()].some((key) => !isTombstone(key)))
      .map(([id]) => id)
      .filter((id) => tenant === undefined || id.startsWith(`${tenant}/`))
      .filter((id) => after === undefined || id > after)
      .sort()
      .slice(0, limit);
  }

  async delete(id: DocumentKey): Promise<void> {
    this.#mustBeOpen();
    this.#documents.delete(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#documents.clear();
  }

  #entriesOf(id: DocumentKey): Entries {
    const known = this.#documents.get(id);
    if (known !== undefined) return known;
    const entries: Entries = { lastPlace: 0, byKey: new Map() };
    this.#documents.set(id, entries);
    return entries;
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new DocumentError("CLOSED", "the store is closed");
  }
}

function mustHoldSomething(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new DocumentError("MALFORMED", "an entry holds at least one byte");
}
