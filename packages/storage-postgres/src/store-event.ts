import type { DocumentError } from "@motet/document";

/** Something that an operator wants to know. */
export type StoreEvent =
  /** A commit is on the server's disk: so many entries, so many bytes, after so many milliseconds, retries included. */
  | {
      readonly type: "committed";
      readonly writes: number;
      readonly bytes: number;
      readonly durationMs: number;
    }
  /** A commit was given up; nothing of it was acknowledged, and nobody knows whether it was made. */
  | {
      readonly type: "commit_failed";
      readonly writes: number;
      readonly bytes: number;
      readonly error: DocumentError;
    }
  /** Something passing went wrong, and the same statement is tried again: after a lost connection, a deadlock, a failover. */
  | { readonly type: "retried"; readonly attempt: number; readonly error: DocumentError };
