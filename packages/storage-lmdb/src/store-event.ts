import type { DocumentError, DocumentKey } from "@motet/document";

/** Something that an operator wants to know. Names documents, never what is in them. */
export type StoreEvent =
  /** A commit is on disk: so many entries written or removed, so many bytes, after so many milliseconds. */
  | {
      readonly type: "committed";
      readonly writes: number;
      readonly bytes: number;
      readonly durationMs: number;
    }
  /** A commit failed; nothing of it was acknowledged. `STORE_FULL` passes by itself, `STORE_UNAVAILABLE` may need the disk looked at. */
  | {
      readonly type: "commit_failed";
      readonly writes: number;
      readonly bytes: number;
      readonly error: DocumentError;
    }
  /** The database has taken over so many writes from the journal, where they were durable already, after so many milliseconds. */
  | {
      readonly type: "checkpointed";
      readonly writes: number;
      readonly bytes: number;
      readonly durationMs: number;
    }
  /** It could not. Nothing is lost: the journal keeps them, and the next commit tries again, or is refused, as after `commit_failed`. */
  | {
      readonly type: "checkpoint_failed";
      readonly writes: number;
      readonly bytes: number;
      readonly error: DocumentError;
    }
  /** A document's entries fail their check. It is refused from now on, all others are served. */
  | { readonly type: "quarantined"; readonly document: DocumentKey; readonly error: DocumentError };
