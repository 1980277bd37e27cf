import { type Reader, type Timestamp, timestamp, type Writer } from "@motet/crdt-core";
import { DocumentError } from "../errors.js";

/** The last moment that a JavaScript `Date` can name. Above it there is always room for one more honest stamp. */
const WALL_MS_MAX = 8.64e15;

/** How far ahead of its own clock, in milliseconds, a server lets a stamp be. */
export const CLOCK_AHEAD_MS_MAX = 500;

// stamp := wallMs:varint counter:varint
/** Writes a moment, as every kind that is decided by time begins. */
export function writeStamp(out: Writer, stamp: Timestamp): Writer {
  return out.varint(stamp.wallMs).varint(stamp.counter);
}

/** @throws {CrdtError} or {@link DocumentError} `MALFORMED` unless a stamp of a moment stands there. */
export function readStamp(reader: Reader): Timestamp {
  const stamp = timestamp({ wallMs: reader.varint(), counter: reader.varint() });
  if (stamp.wallMs > WALL_MS_MAX) throw new DocumentError("MALFORMED", "a stamp beyond the end of time");
  return stamp;
}
