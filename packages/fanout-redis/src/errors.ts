/** Why a fan-out cannot be made; see the table in README.md. */
export type FanoutErrorCode = "BAD_URL" | "NO_SECRET" | "WEAK_SECRET";

/** The only error that this package throws on purpose, and only when a fan-out is made. Branch on `code`; `message` is for people. */
export class FanoutError extends Error {
  override readonly name = "FanoutError";
  readonly code: FanoutErrorCode;

  constructor(code: FanoutErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
