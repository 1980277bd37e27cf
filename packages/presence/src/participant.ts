/** How present a user is: at work, quiet for a while, or elsewhere by their own word. */
export type Status = "active" | "idle" | "away";

/** A place in the text: both count from 0, `column` in UTF-16 units; only `\n` breaks a line. */
export interface Cursor {
  readonly line: number;
  readonly column: number;
}

/** Who joins. */
export interface PresenceUser {
  readonly id: string;
  /** What others call them. @default the id */
  readonly name?: string;
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
  readonly status: Status;
  /** Whether `status` is anything but active. */
  readonly idle: boolean;
  /** Free-form, whatever the application last set; not looked into. */
  readonly state: Readonly<Record<string, unknown>>;
  /** Absent until they move it for the first time. */
  readonly cursor?: Cursor;
}

/** Where a user's cursor is, and how to draw it. */
export interface CursorPosition extends Cursor {
  /** The user's id. */
  readonly id: string;
  readonly name: string;
  readonly colour: string;
}
