import { crc32 } from "node:zlib";
import type { Write } from "./environment.js";
import { EPOCH_BYTES, type JournalMark, NUMBER_BYTES } from "./format.js";

// record := epoch:8 check:u32 length:u32 number:u48 write*    check = CRC-32 over the epoch, then over all that follows the check.
// write  := key:u16 value:u32 <key> <value>                   Lengths first, big endian. No value: the key is removed.
//
// One record is one commit. The length is the whole record's. Numbers rise by one; within an epoch none is given twice.

const CHECK_AT = EPOCH_BYTES;
const LENGTH_AT = CHECK_AT + 4;
const NUMBER_AT = LENGTH_AT + 4;
const WRITES_AT = NUMBER_AT + NUMBER_BYTES;
const LENGTHS_BYTES = 6;

/** A commit as the journal holds it. */
export interface JournalRecord {
  readonly number: number;
  /** Parts of the bytes that were read, not copies. */
  readonly writes: readonly Write[];
  /** Where it ends. */
  readonly end: number;
}

/** Size of the record of so many writes, with keys and values of `bytes` bytes. */
export function recordBytes(writes: number, bytes: number): number {
  return WRITES_AT + writes * LENGTHS_BYTES + bytes;
}

/** Writes a record to the start of `out`, which has room for it, and says where it ends. Values hold at least one byte. */
export function encodeRecord(out: Buffer, { epoch, number }: JournalMark, writes: readonly Write[]): number {
  let at = WRITES_AT;
  for (const { key, value } of writes) {
    out.writeUInt16BE(key.length, at);
    out.writeUInt32BE(value?.length ?? 0, at + 2);
    out.set(key, at + LENGTHS_BYTES);
    at += LENGTHS_BYTES + key.length;
    if (value === undefined) continue;
    out.set(value, at);
    at += value.length;
  }
  out.set(epoch, 0);
  out.writeUInt32BE(at, LENGTH_AT);
  out.writeUIntBE(number, NUMBER_AT, NUMBER_BYTES);
  out.writeUInt32BE(checkOf(out, at), CHECK_AT);
  return at;
}

/** The record of which `bytes` are the start, an epoch in front; `undefined` when it is none, or not whole. */
export function decodeRecord(bytes: Buffer): JournalRecord | undefined {
  if (bytes.length < WRITES_AT) return undefined;
  const end = bytes.readUInt32BE(LENGTH_AT);
  if (end < WRITES_AT || end > bytes.length) return undefined;
  if (bytes.readUInt32BE(CHECK_AT) !== checkOf(bytes, end)) return undefined;
  const number = bytes.readUIntBE(NUMBER_AT, NUMBER_BYTES);
  return { number, writes: [...decodeWrites(bytes.subarray(WRITES_AT, end))], end };
}

function* decodeWrites(bytes: Buffer): Iterable<Write> {
  for (let at = 0; at < bytes.length; ) {
    const keyAt = at + LENGTHS_BYTES;
    const valueAt = keyAt + bytes.readUInt16BE(at);
    const key = bytes.subarray(keyAt, valueAt);
    at = valueAt + bytes.readUInt32BE(at + 2);
    yield at === valueAt ? { key } : { key, value: bytes.subarray(valueAt, at) };
  }
}

function checkOf(record: Buffer, end: number): number {
  return crc32(record.subarray(LENGTH_AT, end), crc32(record.subarray(0, EPOCH_BYTES)));
}
