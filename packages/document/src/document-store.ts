import { DocumentError } from "./errors.js";
import type { DocumentKey, TenantId } from "./ids.js";

declare const brand: unique symbol;
/** Names an entry within its document: 1 to 96 characters of `[A-Za-z0-9_-]`, chosen by whoever appends. */
export type EntryKey = string & { readonly [brand]: "EntryKey" };

/** @throws {DocumentError} `MALFORMED` when `text` cannot name an entry. */
export function entryKey(text: string): EntryKey {
  if (!/^[A-Za-z0-9_-]{1,96}$/.test(text)) throw new DocumentError("MALFORMED", "not an entry key");
  return text as EntryKey;
}

/** How the keys begin of entries that say that a document was deleted. */
export const TOMBSTONE = "deleted-";

/** Whether an entry of that key only says that there was a document: one that has no other entries is not listed. */
export function isTombstone(key: EntryKey): boolean {
  return key.startsWith(TOMBSTONE);
}

/** An entry as it stands in the store. */
export interface StoredEntry {
  readonly key: EntryKey;
  /** Where it stands among its document's entries: from 1, rising in the order of arrival. */
  readonly place: number;
  /** Valid for as long as the caller likes; neither side changes it. Never empty. */
  readonly bytes: Uint8Array;
}

/** What became of an append. */
export interface Appended {
  readonly place: number;
  /** False when an entry of this key was there already; that one stays as it is. */
  readonly fresh: boolean;
}

/** Which documents {@link DocumentStore.list} names. */
export interface ListRequest {
  /** Only this tenant's documents. */
  readonly tenant?: TenantId;
  /** Only those that come after this one; the last of a page asks for the next. */
  readonly after?: DocumentKey;
  /** How many at most, an integer in [1, 10_000]. */
  readonly limit: number;
}

/**
 * Documents as bags of entries that this store never opens. Merged, they are the document.
 *
 * Nothing can overwrite a document with nothing: entries only come (`append`), are put together (`replace`), or go with
 * the whole document (`delete`). A snapshot is an entry that covers others.
 *
 * Calls on one document take effect in the order in which they were made, also while earlier ones are under way. A store that
 * cannot do what it is asked rejects with a {@link DocumentError}: `STORE_UNAVAILABLE` (it may later), `STORE_FULL`
 * (no space; reading goes on), `DAMAGED` (this document's entries fail their check; others are served), `CLOSED`.
 * After any rejection of a write its outcome is unknown: the same call, with the same key, may be made again.
 */
export interface DocumentStore {
  /**
   * The document's entries in rising `place`, only those behind the place `after` if it is given; none if the document
   * was never written. Whoever has seen a place has been able to see every lower one.
   */
  load(id: DocumentKey, after?: number): Promise<readonly StoredEntry[]>;
  /**
   * Resolves once the entry would survive a crash of the machine; until then it promises nothing. Appends that are
   * made in one turn of the event loop may share one commit. The key again, while its entry is stored, changes nothing.
   * @throws {DocumentError} `MALFORMED` when `bytes` is empty.
   */
  append(id: DocumentKey, key: EntryKey, bytes: Uint8Array): Promise<Appended>;
  /**
   * Puts one entry in the place of exactly those it covers, in one step, durable when it resolves. The new entry stands at
   * the place of the last one that it covers; entries not covered stay, for another node may have written them. Resolves with that place.
   * When an entry named `key` is there already, that is a repeated call: nothing changes.
   * @throws {DocumentError} `FENCED` when a covered one is gone: somebody else was faster. Nothing changes.
   * @throws {DocumentError} `MALFORMED` when `covered` or `bytes` is empty, or `covered` names an entry twice.
   */
  replace(id: DocumentKey, covered: readonly EntryKey[], key: EntryKey, bytes: Uint8Array): Promise<number>;
  /** Documents that have entries other than tombstones (see `isTombstone`), in rising order of their keys (by UTF-16 code unit, which for these is by byte). */
  list(request: ListRequest): Promise<readonly DocumentKey[]>;
  /**
   * Removes a document with all its entries, durably: nobody knows any more that there was one, so that a replica that still has it may
   * bring it back. `DocumentManager.delete` leaves a tombstone instead.
   * Removing what is not there succeeds. Places start at 1 again.
   */
  delete(id: DocumentKey): Promise<void>;
  /** Waits for the writes under way, then lets go of everything. Every later call rejects with `CLOSED`; closing again succeeds. */
  close(): Promise<void>;
}
