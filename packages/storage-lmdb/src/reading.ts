import {
  DocumentError,
  type DocumentKey,
  isTombstone,
  type ListRequest,
  type StoredEntry,
} from "@motet/document";
import type { Item, Range, Snapshot } from "./environment.js";
import type { JournaledEnvironment } from "./journaled-environment.js";
import { documentOf, documentsOf, entriesOf, isPlace, keyAfter, parseKey, unseal } from "./record.js";

// A slice is what is read before others get their turn.
const SLICE_ITEMS = 1_000;
const SLICE_BYTES = 1_048_576;
const SLICE_DOCUMENTS = 500;
const PAGE_MAX = 10_000;

/**
 * A document's entries behind the place `after`, each checked. Reads the first slice before it returns and the others in
 * later turns, all of them as they stood at the moment of `snapshot`, which it releases.
 * @throws {DocumentError} `DAMAGED` when one fails its check, `MALFORMED` when `after` is no place.
 */
export async function loadEntries(
  snapshot: Snapshot,
  id: DocumentKey,
  after: number,
): Promise<StoredEntry[]> {
  const entries: StoredEntry[] = [];
  try {
    if (after !== 0 && !isPlace(after)) throw new DocumentError("MALFORMED", `not a place: ${after}`);
    let range = entriesOf(id, after + 1);
    for (;;) {
      const { items, isLast } = readSlice(snapshot, range);
      for (const { key, value } of items) entries.push(unseal(id, key, value));
      if (isLast) return entries;
      range = { start: keyAfter(items.at(-1)!.key), end: range.end };
      await nextTurn();
    }
  } finally {
    snapshot.release();
  }
}

function readSlice(snapshot: Snapshot, range: Range): { items: Item[]; isLast: boolean } {
  const items: Item[] = [];
  let bytes = 0;
  for (const item of snapshot.items(range)) {
    items.push(item);
    bytes += item.value.length;
    if (items.length === SLICE_ITEMS || bytes >= SLICE_BYTES) return { items, isLast: false };
  }
  return { items, isLast: true };
}

/**
 * Names of documents, found by stepping from each one's first entry over the others: O(log n) for each, however many entries it has.
 * @throws {DocumentError} `MALFORMED` when `limit` is out of range.
 */
export async function listDocuments(
  environment: JournaledEnvironment,
  request: ListRequest,
): Promise<DocumentKey[]> {
  const { tenant, after, limit } = request;
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX) {
    throw new DocumentError("MALFORMED", "a page holds 1 to 10,000 documents");
  }
  const found: DocumentKey[] = [];
  const behind = new SortedKeys([...environment.documentsBehind()].map((id) => entriesOf(id).start));
  let range = documentsOf(tenant, after);
  for (let seen = 1; found.length < limit; seen++) {
    const key = earlier(environment.firstKey(range), behind.first(range));
    if (key === undefined) break;
    const id = documentOf(key);
    if (id !== undefined && hasMoreThanATombstone(environment, id)) found.push(id);
    range = { start: id === undefined ? keyAfter(key) : entriesOf(id).end, end: range.end };
    if (seen % SLICE_DOCUMENTS === 0) await nextTurn();
  }
  return found;
}

/** At most one tombstone stands before what was written later, or two while another node is behind. */
function hasMoreThanATombstone(environment: JournaledEnvironment, id: DocumentKey): boolean {
  return environment.entryKeys(id, 3).some((key) => !isTombstone(parseKey(id, key).key));
}

/** Keys for ranges that are asked for in rising order. */
class SortedKeys {
  readonly #keys: Uint8Array[];
  #at = 0;

  constructor(keys: Uint8Array[]) {
    this.#keys = keys.sort(Buffer.compare);
  }

  first({ start, end }: Range): Uint8Array | undefined {
    while (this.#at < this.#keys.length && Buffer.compare(this.#keys[this.#at]!, start) < 0) this.#at++;
    const key = this.#keys[this.#at];
    return key !== undefined && Buffer.compare(key, end) < 0 ? key : undefined;
  }
}

function earlier(left: Uint8Array | undefined, right: Uint8Array | undefined): Uint8Array | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return Buffer.compare(left, right) <= 0 ? left : right;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
