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
  | "SERVER_ERROR"
  | "UNREACHABLE"
  | "BAD_PAYLOAD"
  | "LISTENER_FAILED";

/** The only error this package makes on purpose. Branch on `code`; `message` is for people. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
