/** An edit: at `position`, `deleted` code units go, then `inserted` comes. */
export type Edit = readonly [position: number, deleted: number, inserted: string];

/**
 * Many edits, as columns: a quarter of a million tuples would make every garbage collection of a measuring process
 * walk over them, and be charged to whoever is measured.
 */
export class Edits implements Iterable<Edit> {
  readonly positions: Int32Array;
  readonly deleted: Int32Array;
  readonly inserted: readonly string[];

  private constructor(positions: Int32Array, deleted: Int32Array, inserted: readonly string[]) {
    this.positions = positions;
    this.deleted = deleted;
    this.inserted = inserted;
  }

  static from(edits: readonly Edit[]): Edits {
    return new Edits(
      Int32Array.from(edits, ([position]) => position),
      Int32Array.from(edits, ([, deleted]) => deleted),
      edits.map(([, , inserted]) => inserted),
    );
  }

  get length(): number {
    return this.inserted.length;
  }

  /** The first `count` edits. */
  front(count: number): Edits {
    return new Edits(
      this.positions.slice(0, count),
      this.deleted.slice(0, count),
      this.inserted.slice(0, count),
    );
  }

  *[Symbol.iterator](): Generator<Edit> {
    for (let index = 0; index < this.length; index++) {
      yield [this.positions[index]!, this.deleted[index]!, this.inserted[index]!];
    }
  }
}

/** A document written by one person, edit by edit, from empty. */
export interface SequentialTrace {
  readonly name: string;
  readonly edits: Edits;
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
