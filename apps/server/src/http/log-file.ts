import { createHash } from "node:crypto";
import { ServerError } from "../errors.js";

// log   := "motet-log\n" format=1:u8 (length:u32 entry:bytes)* end:u32=0 check:bytes     Numbers are big endian; no entry is empty.
// check := SHA-256 of everything before it, 32 bytes
// An entry is what `DocumentManager.exportLog` hands out.

/** The media type of a document's whole log. */
export const LOG_TYPE = "application/vnd.motet.log";

const HEAD = Buffer.from("motet-log\n\u0001", "latin1");
const CHECK_BYTES = 32;

/** A whole log as bytes, piece by piece. */
export function* writeLog(entries: readonly Uint8Array[]): Generator<Uint8Array> {
  const hash = createHash("sha256");
  const parts = [HEAD, ...entries.flatMap((entry) => [lengthOf(entry.length), entry]), lengthOf(0)];
  for (const part of parts) {
    hash.update(part);
    yield part;
  }
  yield hash.digest();
}

/**
 * The entries of a log.
 * @throws {ServerError} `BAD_REQUEST` for anything that `writeLog` does not write, as for a log that was cut off.
 */
export function readLog(bytes: Uint8Array): readonly Uint8Array[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const body = file.subarray(0, Math.max(0, file.length - CHECK_BYTES));
  const check = createHash("sha256").update(body).digest();
  const isWhole = body.subarray(0, HEAD.length).equals(HEAD) && file.subarray(body.length).equals(check);
  if (!isWhole) throw noLog();
  const entries: Uint8Array[] = [];
  for (let at = HEAD.length; ; ) {
    if (at + 4 > body.length) throw noLog();
    const length = body.readUInt32BE(at);
    if (length === 0) {
      if (at + 4 !== body.length) throw noLog();
      return entries;
    }
    if (at + 4 + length > body.length) throw noLog();
    entries.push(body.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
}

function lengthOf(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}

function noLog(): ServerError {
  return new ServerError("BAD_REQUEST", "the body is no whole log of a document");
}
