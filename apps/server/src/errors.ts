/**
 * Why the server itself refused something. Codes of documents, presence and transport pass through it
 * unchanged, because a client branches on `code` and need not know which package said no.
 *
 * - `BAD_CONFIG`: a flag or an environment variable is unknown or has a wrong value.
 * - `NOT_JOINED`: a message arrived before `join`.
 * - `ALREADY_JOINED`: a second `join` on one connection.
 * - `WRONG_USER`: the message names a user other than the one who joined.
 * - `WRONG_DOCUMENT`: the message names a document other than the one of this connection.
 * - `TEXT_ONLY`: a binary frame arrived; this version speaks JSON text frames.
 * - `CLOSED`: the server was closed and cannot be started again.
 * - `INTERNAL`: a defect. The message says nothing; the server's observer gets the cause.
 */
export type ServerErrorCode =
  | "BAD_CONFIG"
  | "NOT_JOINED"
  | "ALREADY_JOINED"
  | "WRONG_USER"
  | "WRONG_DOCUMENT"
  | "TEXT_ONLY"
  | "CLOSED"
  | "INTERNAL";

/** The only error this package throws on purpose. Branch on `code`; `message` is for people. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly code: ServerErrorCode;

  constructor(code: ServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
