import { crc32 } from "node:zlib";
import type { Write } from "./environment.js";
import { EPOCH_BYTES, type JournalMark, NUMBER_BYTES } from "./format.js";

// record := epoch:8 check:u32 length:u32 number:u48 beside:u8 write*   check = CRC-32 over the epoch, then over all that follows the check.
// write  := key:u16 value:u32 <key> <value>                            Lengths first, big endian. No value: the key is removed.
//
// One record is one commit. The length is the whole record's. Numbers rise by one; within an epoch none is given twice. `beside` is how many
// of the records before it were not known to be on disk when it was begun: all before those were.

/** Larger batches go to the database at once: nothing is gained by writing them twice. */
export const RECORD_BYTES_MAX = 262_144;

const CHECK_AT = EPOCH_BYTES;
const LENGTH_AT = CHECK_AT + 4;
const NUMBER_AT = LENGTH_AT + 4;
const BESIDE_AT = NUMBER_AT + NUMBER_BYTES;
/** Where a record's first write stands in it. */
export const WRITES_AT: number = BESIDE_AT + 1;
const LENGTHS_BYTES = 6;

/** Which record it is. */
export interface RecordName extends JournalMark {
  /** An integer in [0, 255]. */
  readonly beside: number;
}

/** A commit as the journal holds it. */
export interface JournalRecord {
  readonly number: number;
  readonly beside: number;
  /** Parts of the bytes that were read, not copies. */
  readonly writes: readonly Write[];
  /** Where it ends. */
  readonly end: number;
}

/** Size of the record of so many writes, with keys and values of `bytes` bytes. */
export function recordBytes(writes: number, bytes: number): number {
  return WRITES_AT + writes * LENGTHS_BYTES + bytes;
}

/** Size of a write in a record. */
export function writeBytes({ key, value }: Write): number {
  return LENGTHS_BYTES + key.length + (value?.length ?? 0);
}

/** Writes a record to the start of `out`, which has room for it, and says where it ends. Values hold at least one byte. */
export function encodeRecord(out: Buffer, name: RecordName, writes: Iterable<Write>): number {
  let at = WRITES_AT;
  for (const write of writes) at = encodeWrite(out, at, write);
  out.set(name.epoch, 0);
  out.writeUInt32BE(at, LENGTH_AT);
  out.writeUIntBE(name.number, NUMBER_AT, NUMBER_BYTES);
  out[BESIDE_AT] = name.beside;
  out.writeUInt32BE(checkOf(out, at), CHECK_AT);
  return at;
}

/** Writes one write of a record, and says where it ends. */
export function encodeWrite(out: Buffer, at: number, { key, value }: Write): number {
  const keyAt = at + LENGTHS_BYTES;
  out.writeUInt16BE(key.length, at);
  out.writeUInt32BE(value?.length ?? 0, at + 2);
  out.set(key, keyAt);
  if (value !== undefined) out.set(value, keyAt + key.length);
  return keyAt + key.length + (value?.length ?? 0);
}

/** The record of which `bytes` are the start, an epoch in front; `undefined` when it is none, or not whole. */
export function decodeRecord(bytes: Buffer): JournalRecord | undefined {
  if (bytes.length < WRITES_AT) return undefined;
  const end = bytes.readUInt32BE(LENGTH_AT);
  if (end < WRITES_AT || end > bytes.length) return undefined;
  if (bytes.readUInt32BE(CHECK_AT) !== checkOf(bytes, end)) return undefined;
  const number = bytes.readUIntBE(NUMBER_AT, NUMBER_BYTES);
  return { number, beside: bytes[BESIDE_AT]!, writes: [...decodeWrites(bytes.subarray(0, end))], end };
}

/** The write that stands at `at`; its key and value are parts of `bytes`, not copies. */
export function decodeWrite(bytes: Buffer, at: number): Write {
  const keyAt = at + LENGTHS_BYTES;
  const valueAt = keyAt + bytes.readUInt16BE(at);
  const end = valueAt + bytes.readUInt32BE(at + 2);
  const key = bytes.subarray(keyAt, valueAt);
  return end === valueAt ? { key } : { key, value: bytes.subarray(valueAt, end) };
}

function* decodeWrites(record: Buffer): Iterable<Write> {
  for (let at = WRITES_AT; at < record.length; ) {
    const write = decodeWrite(record, at);
    yield write;
    at += writeBytes(write);
  }
}

function checkOf(record: Buffer, end: number): number {
  return crc32(record.subarray(LENGTH_AT, end), crc32(record.subarray(0, EPOCH_BYTES)));
}
