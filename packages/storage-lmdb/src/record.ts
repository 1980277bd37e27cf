import { crc32 } from "node:zlib";
import {
  DocumentError,
  type DocumentKey,
  type EntryKey,
  entryKey,
  isDocumentKey,
  type StoredEntry,
  type TenantId,
} from "@motet/document";

// key    := document 0:u8 place:u48 entryKey     Big endian, so that keys sort by document, then by place.
// value  := check:u32 bytes                      check = CRC-32 over the key and then the bytes: an entry that is moved to another
//                                                document, place or name fails it, as does one whose bits are flipped.

const PLACE_BYTES = 6;
const CHECK_BYTES = 4;

interface Range {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
}

/** Whether `place` may be an entry's: an integer in [1, 2^48 - 1). */
export function isPlace(place: number): boolean {
  return Number.isInteger(place) && place >= 1 && place < 2 ** (8 * PLACE_BYTES) - 1;
}

/** Where a document's entries with a place of at least `from` stand. */
export function entriesOf(id: DocumentKey, from = 0): Range {
  return { start: keyOf(id, from, ""), end: Buffer.from(`${id}\u0001`, "latin1") };
}

/** Where the documents that come after `after` stand, those of one tenant if it is given. */
export function documentsOf(tenant?: TenantId, after?: DocumentKey): Range {
  const first = Buffer.from(tenant === undefined ? " " : `${tenant}/`, "latin1");
  const end = Buffer.from(tenant === undefined ? "\u007f" : `${tenant}0`, "latin1"); // 0 comes right after the slash.
  if (after === undefined) return { start: first, end };
  const next = entriesOf(after).end;
  return { start: Buffer.compare(first, next) < 0 ? next : first, end };
}

/** The first key that may come after `key`. */
export function keyAfter(key: Uint8Array): Uint8Array {
  return Buffer.concat([key, Buffer.of(0)]);
}

/** The key of an entry, unlike any other entry's. */
export function keyOf(id: DocumentKey, place: number, key: EntryKey | ""): Uint8Array {
  const at = id.length + 1;
  const bytes = Buffer.allocUnsafe(at + PLACE_BYTES + key.length);
  bytes.write(id, 0, "latin1");
  bytes[id.length] = 0;
  bytes.writeUIntBE(place, at, PLACE_BYTES);
  bytes.write(key, at + PLACE_BYTES, "latin1");
  return bytes;
}

/** The document to which a key of {@link keyOf} belongs; `undefined` when it is none. */
export function documentOf(key: Uint8Array): DocumentKey | undefined {
  const bytes = view(key);
  const id = bytes.toString("latin1", 0, Math.max(0, bytes.indexOf(0)));
  return isDocumentKey(id) ? id : undefined;
}

/**
 * Name and place out of a key of {@link keyOf}.
 * @throws {DocumentError} `DAMAGED` when it is none of this document's.
 */
export function parseKey(
  id: DocumentKey,
  key: Uint8Array,
): { readonly key: EntryKey; readonly place: number } {
  const bytes = view(key);
  const at = id.length + 1;
  try {
    return {
      key: entryKey(bytes.toString("latin1", at + PLACE_BYTES)),
      place: bytes.readUIntBE(at, PLACE_BYTES),
    };
  } catch (cause) {
    throw new DocumentError("DAMAGED", `${id}: the name of an entry cannot be read`, { cause });
  }
}

/** What is stored under `key`: a copy of `bytes` behind their checksum. */
export function seal(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  const value = Buffer.allocUnsafe(CHECK_BYTES + bytes.length);
  value.set(bytes, CHECK_BYTES);
  value.writeUInt32BE(check(key, bytes), 0);
  return value;
}

/**
 * The entry that {@link seal} stored. Its bytes are a part of `value`, not a copy; and no `Buffer`, whose `slice` is none either.
 * @throws {DocumentError} `DAMAGED` when key and value do not belong together as they were written.
 */
export function unseal(id: DocumentKey, key: Uint8Array, value: Uint8Array): StoredEntry {
  const named = parseKey(id, key);
  const length = Math.max(0, value.byteLength - CHECK_BYTES);
  const bytes = new Uint8Array(value.buffer, value.byteOffset + value.byteLength - length, length);
  if (length === 0 || view(value).readUInt32BE(0) !== check(key, bytes)) {
    throw new DocumentError("DAMAGED", `${id}: the entry at place ${named.place} fails its check`);
  }
  return { ...named, bytes };
}

/** CRC-32 over a key and what is stored under it. */
export function check(key: Uint8Array, bytes: Uint8Array): number {
  return crc32(bytes, crc32(key));
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
