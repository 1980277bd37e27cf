import { Reader, Writer } from "@motet/crdt-core";
import { type EntryKey, entryKey } from "./document-store.js";
import { DocumentError } from "./errors.js";

/** That an entry is in the store. */
export interface AnnouncedEntry {
  readonly key: EntryKey;
  readonly place: number;
  /** Missing from a large one: whoever wants to read it loads it. */
  readonly bytes?: Uint8Array;
}

/** What one node tells the others of a document: entries that it has stored, in the order of their places. A hint; the store is the truth. */
export type Announcement = readonly AnnouncedEntry[];

const FORMAT = 1;

/** Bytes of entries that travel with the announcement; beyond, they are named only. */
const CARRIED_BYTES_MAX = 16_384;

/** Entries in one announcement; a node that stores more at once names the last ones, and the others see the gap. */
const ENTRIES_MAX = 64;

// announcement := format=1:u8 count:varint (key:string place:varint length:varint bytes)*     length 0: by name only
/** The bytes of an announcement. */
export function encodeAnnouncement(entries: Announcement): Uint8Array {
  const told = entries.slice(-ENTRIES_MAX);
  const total = told.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
  const out = new Writer().u8(FORMAT).varint(told.length);
  for (const { key, place, bytes } of told) {
    const carried = bytes !== undefined && total <= CARRIED_BYTES_MAX ? bytes : new Uint8Array(0);
    out.string(key).varint(place).varint(carried.length).bytes(carried);
  }
  return out.finish();
}

/**
 * What the bytes of an announcement say. They come from the bus: everything in them is checked, and what the entries hold is when it is read.
 * @throws {DocumentError} `MALFORMED`.
 */
export function decodeAnnouncement(bytes: Uint8Array): Announcement {
  try {
    const reader = new Reader(bytes);
    if (reader.u8() !== FORMAT) throw new DocumentError("MALFORMED", "an announcement of another format");
    const count = reader.count(3);
    if (count > ENTRIES_MAX) throw new DocumentError("MALFORMED", "too many entries in an announcement");
    const entries = Array.from({ length: count }, () => readEntry(reader));
    reader.end();
    return entries;
  } catch (cause) {
    throw new DocumentError("MALFORMED", "not an announcement", { cause });
  }
}

function readEntry(reader: Reader): AnnouncedEntry {
  const key = entryKey(reader.string());
  const place = reader.varint();
  if (!Number.isSafeInteger(place) || place < 1) throw new DocumentError("MALFORMED", "no such place");
  const length = reader.varint();
  return length === 0 ? { key, place } : { key, place, bytes: reader.bytes(length) };
}
