/** Why something was not done; see the table in README.md. */
export type ClientErrorCode =
  | "READ_ONLY"
  | "QUEUE_FULL"
  | "CLOSED"
  | "REFUSED"
  | "REJECTED"
  | "STORE_FAILED"
  | "STORE_DAMAGED"
  | "BAD_SERVER"
  | "SERVER_BEHIND"
  | "SERVER_ERROR"
  | "UNREACHABLE"
  | "BAD_PAYLOAD"
  | "LISTENER_FAILED";

/** The only error this package makes on purpose. Branch on `code`; `message` is for people. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;
  /** Of `REFUSED`: what the server closed the line with, such as 4401 for no good token; see `closeCode` of @motet/transport. */
  readonly closeCode?: number;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions & { closeCode?: number }) {
    super(message, options);
    this.code = code;
    if (options?.closeCode !== undefined) this.closeCode = options.closeCode;
  }
}

/** What is said of a document that was closed. */
export function closed(): ClientError {
  return new ClientError("CLOSED", "this document is closed");
}
