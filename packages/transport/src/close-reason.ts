/** The longest wait that a server can ask for, in milliseconds. */
export const RETRY_MS_MAX = 300_000;

const HINT = /; retry-ms=(\d{1,9})$/;

/** A close reason that also says how long to wait before connecting again. `retryMs` is in [0, 300_000]. */
export function closeReason(sentence: string, retryMs: number): string {
  return `${sentence}; retry-ms=${Math.round(retryMs)}`;
}

/** How long a close reason asks to wait, in milliseconds, at most five minutes; 0 when it does not. */
export function retryHintMs(reason: string): number {
  const [, digits = "0"] = HINT.exec(reason) ?? [];
  return Math.min(Number(digits), RETRY_MS_MAX);
}
