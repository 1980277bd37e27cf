import { DocumentError } from "@motet/document";

/** What went wrong in the database, as far as it matters to what may be done next. */
export interface Failure {
  /** What the port's callers are told; the cause is kept. */
  readonly error: DocumentError;
  /** Whether the same statement may well succeed in a moment. */
  readonly passes: boolean;
  /** Whether the line that it happened on is still good. */
  readonly keepsLine: boolean;
}

/** PostgreSQL's codes (its appendix A) for what passes by itself while the line stays good. */
const COLLISIONS: ReadonlySet<string> = new Set([
  "40001", // serialization_failure
  "40P01", // deadlock_detected
  "55P03", // lock_not_available
  "57014", // query_canceled: the statement took longer than it may
  "53200", // out_of_memory
]);

/** Codes of a server that stops, starts, has become a standby, or takes no more lines: another line may lead to another one. */
const FAILOVER: ReadonlySet<string> = new Set([
  "25006", // read_only_sql_transaction
  "53300", // too_many_connections
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now
  "57P05", // idle_session_timeout
]);

const FULL: ReadonlySet<string> = new Set(["53100", "53400"]); // disk_full, configuration_limit_exceeded
const CORRUPTED: ReadonlySet<string> = new Set(["XX001", "XX002"]); // data_corrupted, index_corrupted

/** Tells what pg throws apart, by the server's code; what has none never came to an answer. */
export function failureOf(cause: unknown): Failure {
  const { name, code } = (cause ?? {}) as { name?: unknown; code?: unknown };
  if (name === "DocumentError") {
    const error = cause as DocumentError;
    return { error, passes: error.code === "STORE_UNAVAILABLE", keepsLine: false };
  }
  // A code of five is the server's; Node's are words, and a line that was cut has none at all.
  const state = typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
  if (state === undefined || state.startsWith("08") || FAILOVER.has(state)) {
    return {
      error: refused("STORE_UNAVAILABLE", "the database cannot be reached", cause),
      passes: true,
      keepsLine: false,
    };
  }
  if (COLLISIONS.has(state)) {
    return {
      error: refused("STORE_UNAVAILABLE", "the database was busy", cause),
      passes: true,
      keepsLine: true,
    };
  }
  return { error: lasting(state, cause), passes: false, keepsLine: true };
}

function lasting(state: string, cause: unknown): DocumentError {
  if (FULL.has(state)) return refused("STORE_FULL", "no space is left for the database", cause);
  if (CORRUPTED.has(state)) return refused("DAMAGED", "the database is damaged", cause);
  return refused("STORE_UNAVAILABLE", "the database refused", cause);
}

// The server's sentence may tell of its inside: it is for whoever runs it, and stands in the cause as well.
function refused(
  code: "STORE_UNAVAILABLE" | "STORE_FULL" | "DAMAGED",
  sentence: string,
  cause: unknown,
): DocumentError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DocumentError(code, `${sentence} (${why})`, { cause });
}
