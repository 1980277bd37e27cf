import type { Frame } from "../frame.js";

/** First byte of a frame that is a whole message: FIN, and the opcode. */
const TEXT = 0x81;
const BINARY = 0x82;

/** What stands in the place of the length where that is in the two, or the eight, bytes behind it. */
const IN_TWO = 126;
const IN_EIGHT = 127;

/** A frame as a server writes it to the line: header, then payload, not masked (RFC 6455, section 5.2). */
export function serverFrame({ text, bytes: payload }: Frame): Buffer {
  const { length } = payload;
  const head = length < IN_TWO ? 2 : length < 65_536 ? 4 : 10;
  // Not out of Node's pool, of which each that is kept for a slow reader would keep 8 kB.
  const bytes = Buffer.allocUnsafeSlow(head + length);
  bytes[0] = text === undefined ? BINARY : TEXT;
  bytes[1] = head === 2 ? length : head === 4 ? IN_TWO : IN_EIGHT;
  if (head === 4) bytes.writeUInt16BE(length, 2);
  if (head === 10) bytes.writeBigUInt64BE(BigInt(length), 2);
  bytes.set(payload, head);
  return bytes;
}
