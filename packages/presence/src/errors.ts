/** Why a call was refused; see the table in README.md. */
export type PresenceErrorCode = "NOT_PRESENT" | "BAD_CURSOR";

/** The only error this package throws on purpose. Branch on `code`; `message` is for people and safe to send. */
export class PresenceError extends Error {
  override readonly name = "PresenceError";
  readonly code: PresenceErrorCode;

  constructor(code: PresenceErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
