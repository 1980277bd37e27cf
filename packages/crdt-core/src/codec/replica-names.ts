import { malformed } from "../errors.js";
import { compareReplicaIds, isReplicaId, type ReplicaId } from "../ids.js";
import type { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
const CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
/** Characters of an id that holds 66 random bits: what clients draw, and what the shortest updates are made for. */
export const USUAL_LENGTH = 11;

/**
 * Writes the characters of a replica id in 6 bits each, padded with zero bits to whole bytes.
 * @throws {CrdtError} `MALFORMED` when `name` is no replica id.
 */
export function writeName(out: Writer, name: ReplicaId): Writer {
  if (!isReplicaId(name)) throw malformed("not a replica id");
  let bits = 0;
  let held = 0;
  for (const character of name) {
    held = (held << 6) | ALPHABET.indexOf(character);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.u8((held >> bits) & 0xff);
    }
  }
  return bits > 0 ? out.u8((held << (8 - bits)) & 0xff) : out;
}

/** Reads a replica id of `length` characters. @throws {CrdtError} `MALFORMED` when the padding is not zero. */
export function readName(reader: Reader, length: number): ReplicaId {
  const codes: number[] = []; // One string at the end: one for each character costs two and a half times as much.
  let bits = 0;
  let held = 0;
  while (codes.length < length) {
    if (bits < 6) {
      held = ((held << 8) | reader.u8()) & 0xffff;
      bits += 8;
    }
    bits -= 6;
    codes.push(CODES[(held >> bits) & 63]);
  }
  if ((held & ((1 << bits) - 1)) !== 0) throw malformed("not a replica id");
  return String.fromCharCode(...codes) as ReplicaId;
}

// names := count (length:u8 character:6-bits*)*      In strictly ascending order, padded to whole bytes each.
/** Writes a table of replica ids, which are in ascending order. */
export function writeNames(out: Writer, names: readonly ReplicaId[]): void {
  out.varint(names.length);
  for (const name of names) {
    out.u8(name.length);
    writeName(out, name);
  }
}

/**
 * Reads a table of replica ids, each of which takes at least `bytesBehind` bytes behind it as well: that there are so many is looked at
 * before each is made.
 * @throws {CrdtError} `MALFORMED` for ids that are none, out of order or repeated.
 */
export function readNames(reader: Reader, bytesBehind: number): ReplicaId[] {
  const count = reader.count(2 + bytesBehind);
  const names = new Array<ReplicaId>(count);
  for (let index = 0; index < count; index++) {
    if (reader.remaining < count * bytesBehind) throw malformed("bytes end early");
    const name = readName(reader, reader.u8());
    if (!isReplicaId(name)) throw malformed("not a replica id");
    if (index > 0 && compareReplicaIds(names[index - 1], name) >= 0) throw malformed("replica order");
    names[index] = name;
  }
  return names;
}
