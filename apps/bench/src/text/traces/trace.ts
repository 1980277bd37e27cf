/** An edit: at `position`, `deleted` code units go, then `inserted` comes. */
export type Edit = readonly [position: number, deleted: number, inserted: string];

/** A document written by one person, edit by edit, from empty. */
export interface SequentialTrace {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The text after the last edit. */
  readonly endContent: string;
}

/** One edit of one of several people. */
export interface ConcurrentEdit {
  /** Who: an index in [0, agents). */
  readonly agent: number;
  /** Earlier edits of others (as indices into `edits`) that reach this agent right before this edit, in order. */
  readonly receives: readonly number[];
  readonly edit: Edit;
}

/** A document written by several people at once. */
export interface ConcurrentTrace {
  readonly name: string;
  readonly agents: number;
  readonly edits: readonly ConcurrentEdit[];
  /** What everybody reads in the end; `undefined` if nobody knows, as for the front part of a recorded trace. */
  readonly endContent: string | undefined;
}
