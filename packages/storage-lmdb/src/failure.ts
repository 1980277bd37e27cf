import { constants } from "node:os";
import { DocumentError } from "@motet/document";

const MAP_FULL = -30_792;
const CORRUPTED: ReadonlySet<unknown> = new Set([-30_797, -30_796, -30_793]);
const { ENOSPC, EDQUOT, EIO, EROFS } = constants.errno;

/** Why something failed, as far as it matters to what may be done next. */
export type Cause =
  /** No space: the next attempt may succeed. */
  | "full"
  /** The file system takes no writes for now: the next attempt may succeed. */
  | "read_only"
  /** The system says EIO: a sync that failed, or a write that the disk had room for only in part. Which of them must be found out. */
  | "input_output"
  /** The database contradicts itself. */
  | "corrupted"
  /** Anything else: nothing can be said about what was written. */
  | "unknown";

/** Tells errors of lmdb and of Node's file functions apart by their numbers and names. */
export function causeOf(error: unknown): Cause {
  const { code, errno } = (error ?? {}) as { code?: unknown; errno?: unknown };
  const number = typeof errno === "number" ? -errno : code;
  if (number === ENOSPC || number === EDQUOT || number === MAP_FULL) return "full";
  if (number === EROFS) return "read_only";
  if (number === EIO) return "input_output";
  return CORRUPTED.has(number) ? "corrupted" : "unknown";
}

/** What the port's callers are told; the cause is kept. An error of ours stays as it is. */
export function asDocumentError(error: unknown, cause: Cause = causeOf(error)): DocumentError {
  const told = error as { name?: unknown; message?: unknown } | undefined;
  if (told?.name === "DocumentError") return error as DocumentError;
  const why = typeof told?.message === "string" ? told.message : String(error);
  return new DocumentError(CODES[cause], `${SENTENCES[cause]} (${why})`, { cause: error });
}

const CODES = {
  full: "STORE_FULL",
  read_only: "STORE_UNAVAILABLE",
  input_output: "STORE_UNAVAILABLE",
  corrupted: "DAMAGED",
  unknown: "STORE_UNAVAILABLE",
} as const;

const SENTENCES = {
  full: "no space is left for the store",
  read_only: "the store's file system is read-only",
  input_output: "the disk failed, and the store takes no more writes until it is opened again",
  corrupted: "the database is damaged",
  unknown: "the store failed, and takes no more writes until it is opened again",
} as const;
