import type { Anchor, LineColumn } from "@motet/crdt-core";

/** How present somebody is: at work, quiet for a while, or elsewhere. */
export type Status = "active" | "idle" | "away";

/** A cursor that stays with its characters: where it is, and where what is selected begins. */
export interface AnchoredCursor {
  readonly head: Anchor;
  /** The other end of the selection; absent when nothing is selected. */
  readonly from?: Anchor;
}

/**
 * A cursor: where it is, and where what is selected begins. Both count from 0, `column` in UTF-16 units; only `\n` breaks
 * a line.
 */
export interface Cursor extends LineColumn {
  /** The other end of the selection; absent when nothing is selected. */
  readonly from?: LineColumn;
  /** The same in anchors, where they are known. */
  readonly anchors?: AnchoredCursor;
}

/** How somebody who joins wants to be shown. */
export interface PresenceUser {
  /** What others call them. @default the id */
  readonly name?: string;
  /** The colour to have if nobody in the document has it. @default the first that is given out least */
  readonly colour?: string;
}

/** One connection of a user to a document. */
export interface Tab {
  readonly document: string;
  /** The user's id. */
  readonly user: string;
  /** Names the connection among those of its source. */
  readonly connection: string;
  /** Where the connection is: another node of a cluster, say. @default here */
  readonly source?: string;
}

/** One user in one document, as of the moment of the call: a value that does not change afterwards. */
export interface Participant {
  /** The user's id. */
  readonly id: string;
  readonly name: string;
  /** `#rrggbb`, their own in this document while there are enough. */
  readonly colour: string;
  /** How many connections they have here: 1 after the first `join`, 0 after the last `leave`. */
  readonly connections: number;
  /** That of their most active connection. */
  readonly status: Status;
  /** Whether `status` is anything but active. */
  readonly idle: boolean;
  /** Free-form, whatever the application last set on any connection that is left; not looked into. */
  readonly state: Readonly<Record<string, unknown>>;
  /** Of the connection that moved its own last; absent until one does, and when that has none any more. */
  readonly cursor?: Cursor;
}

/** What is new of a user; what is absent is as it was. */
export interface ParticipantChange {
  readonly id: string;
  readonly name?: string;
  readonly status?: Status;
  readonly state?: Readonly<Record<string, unknown>>;
  /** `null` when there is none any more. */
  readonly cursor?: Cursor | null;
}

/** Where a user's cursor is, and how to draw it. */
export interface CursorPosition extends Cursor {
  /** The user's id. */
  readonly id: string;
  readonly name: string;
  readonly colour: string;
}
