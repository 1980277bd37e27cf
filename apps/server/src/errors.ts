import type { ItemId } from "@motet/crdt-core";

/**
 * Why the server itself refused something. Codes of documents, presence and transport pass through it
 * unchanged, because a client branches on `code` and need not know which package said no.
 *
 * - `BAD_CONFIG`: a flag or an environment variable is unknown or has a wrong value.
 * - `NO_DATA_FOLDER`: the folder for documents is in use, or cannot be used.
 * - `NOT_JOINED`: a message arrived before `join`.
 * - `ALREADY_JOINED`: a second `join` on one connection.
 * - `UNAUTHENTICATED`: no token, or one that does not hold.
 * - `AUTH_UNAVAILABLE`: who somebody is cannot be found out now; try again.
 * - `FORBIDDEN`: the user has no right to do this with this document.
 * - `WRONG_USER`: the message names a user other than the one who joined, or than the token's.
 * - `WRONG_DOCUMENT`: the message names a document other than the one of this connection.
 * - `TEXT_ONLY`: a binary frame on the connection of a JSON client.
 * - `BINARY_ONLY`: an operation in JSON on the connection of a replica.
 * - `REPLICA_TAKEN`: the replica is somebody else's, or at work on another connection that knows another secret.
 * - `REPLICA_REFUSED`: an operation of this replica was refused before, and this one comes after it.
 * - `TOO_MANY_CONNECTIONS`: the user has as many connections as a user may have.
 * - `TOO_MANY_DOCUMENTS`: the user has as many documents open as a user may have.
 * - `NOT_FOUND`: there is nothing at this address.
 * - `NO_DOCUMENT`: nothing was ever written to this document.
 * - `METHOD_NOT_ALLOWED`: there is something at this address, but not for this method.
 * - `BAD_REQUEST`: a parameter, a body or a header is missing or not what it has to be.
 * - `PRECONDITION_FAILED`: the document is in another state than `If-Match` says.
 * - `TOO_LARGE`: the body or the update is larger than it may be, or the document has no room for it.
 * - `TOO_BUSY`: more requests are under way, more bytes on their way to the disk, or more of them unread by the user, than the server takes on.
 * - `CLOSED`: the server was closed and cannot be started again.
 * - `INTERNAL`: a defect. The message says nothing; the server's observer gets the cause.
 */
export type ServerErrorCode =
  | "BAD_CONFIG"
  | "NO_DATA_FOLDER"
  | "NOT_JOINED"
  | "ALREADY_JOINED"
  | "UNAUTHENTICATED"
  | "AUTH_UNAVAILABLE"
  | "FORBIDDEN"
  | "WRONG_USER"
  | "WRONG_DOCUMENT"
  | "TEXT_ONLY"
  | "BINARY_ONLY"
  | "REPLICA_TAKEN"
  | "REPLICA_REFUSED"
  | "TOO_MANY_CONNECTIONS"
  | "TOO_MANY_DOCUMENTS"
  | "NOT_FOUND"
  | "NO_DOCUMENT"
  | "METHOD_NOT_ALLOWED"
  | "BAD_REQUEST"
  | "PRECONDITION_FAILED"
  | "TOO_LARGE"
  | "TOO_BUSY"
  | "CLOSED"
  | "INTERNAL";

/** What an error may carry besides its message. */
export interface ServerErrorOptions extends ErrorOptions {
  /** The type or the kind of the message that was refused. */
  readonly inReplyTo?: string;
  /** The first operation that was refused. */
  readonly operation?: ItemId;
}

/** The only error this package throws on purpose. Branch on `code`; `message` is for people. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly code: ServerErrorCode;
  readonly inReplyTo: string | undefined;
  readonly operation: ItemId | undefined;

  constructor(code: ServerErrorCode, message: string, options?: ServerErrorOptions) {
    super(message, options);
    this.code = code;
    this.inReplyTo = options?.inReplyTo;
    this.operation = options?.operation;
  }
}

/** Nothing was ever written to the document that somebody asks for. */
export function noDocument(): ServerError {
  return new ServerError("NO_DOCUMENT", "nothing was ever written to this document");
}
