import { isRefusal } from "../server-messages.js";

/** What a refusal means in terms of HTTP. What is not here is the caller's mistake. */
const STATUS: ReadonlyMap<string, number> = new Map([
  ["UNAUTHENTICATED", 401],
  ["WRONG_USER", 401],
  ["FORBIDDEN", 403],
  ["NOT_FOUND", 404],
  ["NO_DOCUMENT", 404],
  ["UNKNOWN_VERSION", 404],
  ["METHOD_NOT_ALLOWED", 405],
  ["NAME_TAKEN", 409],
  ["EXISTS", 409],
  ["DELETED", 410],
  ["PRECONDITION_FAILED", 412],
  ["KEY_REUSED", 422],
  ["LIMIT", 409],
  ["TRIMMED", 410],
  ["TOO_LARGE", 413],
  ["DAMAGED", 500],
  ["NOT_SAVED", 503],
  ["STORE_UNAVAILABLE", 503],
  ["STORE_FULL", 503],
  ["FENCED", 503],
  ["TOO_BUSY", 503],
  ["AUTH_UNAVAILABLE", 503],
  ["CLOSED", 503],
]);

/** When somebody who was told 503 may try again, in seconds. */
const RETRY_AFTER_S = "1";

const DEFECT = { code: "INTERNAL", message: "the server failed; nothing was changed" };

/**
 * The answer to a request that was refused. Of an error that nobody raised on purpose the caller learns nothing but that it
 * happened; `onDefect` hears of it.
 */
export function refusal(error: unknown, onDefect: (error: unknown) => void = () => {}): Response {
  if (!isRefusal(error)) {
    onDefect(error);
    return Response.json(DEFECT, { status: 500 });
  }
  const { code, message } = error;
  const status = STATUS.get(code) ?? 400;
  const headers: Record<string, string> = status === 503 ? { "retry-after": RETRY_AFTER_S } : {};
  return Response.json({ code, message }, { status, headers });
}
