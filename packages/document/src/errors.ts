import type { ItemId } from "@motet/crdt-core";

/**
 * Everything that can be wrong, by name. The README says for each code what it means and what to do.
 *
 * Codes that stores raise: `STORE_UNAVAILABLE`, `STORE_FULL`, `DAMAGED`, `FENCED`, `IN_USE`, `CLOSED`, `MALFORMED`.
 */
export type DocumentErrorCode =
  | "MALFORMED"
  | "LIMIT"
  | "STALE_VERSION"
  | "UNKNOWN_VERSION"
  | "REPLICA_TAKEN"
  | "NAME_TAKEN"
  | "EXISTS"
  | "DELETED"
  | "KEY_REUSED"
  | "CLOCK_AHEAD"
  | "NOT_SAVED"
  | "STORE_UNAVAILABLE"
  | "STORE_FULL"
  | "DAMAGED"
  | "FENCED"
  | "IN_USE"
  | "CLOSED";

const RETRYABLE: ReadonlySet<DocumentErrorCode> = new Set([
  "NOT_SAVED",
  "STORE_UNAVAILABLE",
  "STORE_FULL",
  "FENCED",
]);

/** What an error may carry besides its message. */
export interface DocumentErrorOptions extends ErrorOptions {
  /** The first operation that was refused. */
  readonly operation?: ItemId;
}

/** The only error that this package throws on its own account. Branch on `code`; `message` is for people. */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
  readonly code: DocumentErrorCode;
  /** The first operation that was refused, where an update was and it is known: its author takes it and all that follow back. */
  readonly operation: ItemId | undefined;

  constructor(code: DocumentErrorCode, message: string, options?: DocumentErrorOptions) {
    super(message, options);
    this.code = code;
    this.operation = options?.operation;
  }

  /** Whether the same call may succeed later, with nothing changed by the caller. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}

/** What is to be the first is not. */
export function exists(): DocumentError {
  return new DocumentError("EXISTS", "something was written to the document before");
}

/** The store refused for the reason `cause`. */
export function notSaved(cause: unknown): DocumentError {
  return new DocumentError("NOT_SAVED", "the store refused: the change was not accepted", { cause });
}
