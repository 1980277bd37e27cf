/**
 * Why a connection ended, as the number in its close frame. Numbers below 4000 are those of RFC 6455, section 7.4.1;
 * each of ours is 4000 plus the HTTP status that says the same.
 */
export const closeCode = {
  /** The client has finished. */
  normal: 1000,
  /** The page or the process goes away. */
  goingAway: 1001,
  /** The peer broke the framing rules of RFC 6455: opcode, mask, length, close code. */
  framing: 1002,
  /** A text frame that is not UTF-8. */
  notUtf8: 1007,
  /** Too many fragments, or too many pieces unread. */
  policy: 1008,
  /** A frame above `frameBytesMax`. */
  tooLarge: 1009,
  /** A defect of the server; the connection is lost, the document is not. */
  internal: 1011,
  /** The server stops or restarts. */
  restart: 1012,
  /** The peer speaks another protocol: no `join` first, binary frames where none are due or against the grammar. */
  protocol: 4400,
  /** No token, or one that does not hold. */
  unauthenticated: 4401,
  /** The user may not open this document. */
  forbidden: 4403,
  /** Silent for too long, too slow to read, or late with `join`. */
  timeout: 4408,
  /** The same client instance has connected again; this connection is the old one. */
  replaced: 4409,
  /** The document was deleted, or what the client holds is of one that was. */
  deleted: 4410,
  /** The replica's id is somebody else's, or at work on another connection. */
  taken: 4423,
  /** More messages than may be sent, or more connections or documents than a user may have. */
  flooding: 4429,
} as const;

/** One of the numbers in `closeCode`. */
export type CloseCode = (typeof closeCode)[keyof typeof closeCode];

const FINAL: ReadonlySet<number> = new Set([
  closeCode.normal,
  closeCode.framing,
  closeCode.notUtf8,
  closeCode.policy,
  closeCode.tooLarge,
  closeCode.protocol,
  closeCode.unauthenticated,
  closeCode.forbidden,
  closeCode.replaced,
  closeCode.deleted,
]);

/** Whether a client should connect again by itself: a final code would only come back, a lost connection (1006) may not. */
export function mayRetry(code: number): boolean {
  return !FINAL.has(code);
}
