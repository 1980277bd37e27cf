/** Why this package refused something. Each code is explained in the README. */
export type CrdtErrorCode =
  | "OUT_OF_RANGE"
  | "MALFORMED"
  | "UNKNOWN_ID"
  | "UNSUPPORTED_VERSION"
  | "CONFLICT"
  | "FORGED_ORIGIN"
  | "CLOCK_AHEAD"
  | "LIMIT"
  | "TRIMMED";

/** The only error this package throws on purpose. Branch on `code`; `message` is for people. */
export class CrdtError extends Error {
  override readonly name = "CrdtError";
  readonly code: CrdtErrorCode;

  constructor(code: CrdtErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The error about bytes, names and strings that cannot be what they should be. */
export function malformed(what: string): CrdtError {
  return new CrdtError("MALFORMED", what);
}
