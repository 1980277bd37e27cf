/** Why a message, a call or a connection was refused; see the table in README.md. */
export type TransportErrorCode =
  | "NOT_JSON"
  | "NOT_AN_OBJECT"
  | "MISSING_FIELD"
  | "WRONG_TYPE"
  | "OUT_OF_RANGE"
  | "UNKNOWN_TYPE"
  | "TOO_LARGE"
  | "NOT_JOINED"
  | "UNSUPPORTED_PROTOCOL"
  | "UNKNOWN_FRAME"
  | "MALFORMED_FRAME"
  | "DUPLICATE_CONNECTION"
  | "UNREACHABLE";

/** What a `TransportError` knows beyond its sentence. */
export interface TransportErrorOptions extends ErrorOptions {
  /** The `id` of the refused message, or its `type` where it has no usable id. */
  readonly inReplyTo?: number | string;
  /** When the server said to try again, in milliseconds from now. */
  readonly retryAfterMs?: number;
}

/** The only error this package throws on purpose. Branch on `code`; `message` is for people and safe to send. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly code: TransportErrorCode;
  /** What the sender can recognise its message by; absent when nothing of it could be read. */
  readonly inReplyTo?: number | string;
  /** Of `UNREACHABLE`: when the server said to try again, in milliseconds. */
  readonly retryAfterMs?: number;

  constructor(code: TransportErrorCode, message: string, options: TransportErrorOptions = {}) {
    super(message, options);
    this.code = code;
    if (options.inReplyTo !== undefined) this.inReplyTo = options.inReplyTo;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}
