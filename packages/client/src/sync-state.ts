/**
 * How far what is done here has come. `saved` is said only when the server has acknowledged every operation made here,
 * and the server acknowledges what is on its disk.
 *
 *     offline --attempt--> connecting --opened--> syncing --+--> saving <--> saved
 *        ^                     |                     |      +--> read-only
 *        +------- lost --------+---------------------+------------- from everywhere
 *
 *     refused: the server wants no other attempt; the edits are kept.
 */
export type SyncState = "offline" | "connecting" | "syncing" | "saving" | "saved" | "read-only" | "refused";

/** What happens to a document. Which of the two `joined` and of the last two it is, sequence numbers decide. */
export type SyncEvent =
  /** A line is being opened. */
  | "attempt"
  /** It stands, and the document is being compared. */
  | "opened"
  /** The server's state has been taken in, and it lacks operations made here. */
  | "joinedUnsaved"
  /** The server's state has been taken in, and it has every operation made here. */
  | "joinedSaved"
  /** The user may not write. */
  | "readOnly"
  /** The line is gone. */
  | "lost"
  /** The server wants no other attempt. */
  | "refused"
  /** There are operations that the server has not acknowledged. */
  | "unsaved"
  /** The server has acknowledged every operation. */
  | "allSaved";

/** Every state and every event: where one leads. What leads to its own state changes nothing. */
export const nextSyncState: Readonly<Record<SyncState, Readonly<Record<SyncEvent, SyncState>>>> = {
  offline: {
    attempt: "connecting",
    opened: "offline",
    joinedUnsaved: "offline",
    joinedSaved: "offline",
    readOnly: "offline",
    lost: "offline",
    refused: "refused",
    unsaved: "offline",
    allSaved: "offline",
  },
  connecting: {
    attempt: "connecting",
    opened: "syncing",
    joinedUnsaved: "connecting",
    joinedSaved: "connecting",
    readOnly: "connecting",
    lost: "offline",
    refused: "refused",
    unsaved: "connecting",
    allSaved: "connecting",
  },
  syncing: {
    attempt: "syncing",
    opened: "syncing",
    joinedUnsaved: "saving",
    joinedSaved: "saved",
    readOnly: "read-only",
    lost: "offline",
    refused: "refused",
    unsaved: "syncing",
    allSaved: "syncing",
  },
  saving: {
    attempt: "saving",
    opened: "saving",
    joinedUnsaved: "saving",
    joinedSaved: "saved",
    readOnly: "read-only",
    lost: "offline",
    refused: "refused",
    unsaved: "saving",
    allSaved: "saved",
  },
  saved: {
    attempt: "saved",
    opened: "saved",
    joinedUnsaved: "saving",
    joinedSaved: "saved",
    readOnly: "read-only",
    lost: "offline",
    refused: "refused",
    unsaved: "saving",
    allSaved: "saved",
  },
  "read-only": {
    attempt: "read-only",
    opened: "read-only",
    joinedUnsaved: "saving",
    joinedSaved: "saved",
    readOnly: "read-only",
    lost: "offline",
    refused: "refused",
    unsaved: "read-only",
    allSaved: "read-only",
  },
  refused: {
    attempt: "connecting",
    opened: "refused",
    joinedUnsaved: "refused",
    joinedSaved: "refused",
    readOnly: "refused",
    lost: "refused",
    refused: "refused",
    unsaved: "refused",
    allSaved: "refused",
  },
};
