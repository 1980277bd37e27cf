import { OWN_FRONT } from "./layout.js";
import { Reader } from "./reader.js";
import * as row from "./row-codec.js";

/** Rows of contiguous seqs. Replicas are numbers in a list of the names in all updates. */
export interface RowStretch {
  /** The update that holds them, and where; or several in the layout of one replica, one after the other. */
  readonly updates: Uint8Array[];
  readonly at: number;
  /** How many rows there are, or UNCOUNTED. */
  readonly rows: number;
  /** What the replicas of the update are called in the list. */
  readonly names: readonly number[];
  /** Whose they are, by the table of the update. */
  readonly own: number;
  /** The first seq. */
  readonly seq: number;
}

/** A stretch, read as far as it was merged. */
export class RowSource {
  readonly reader = new Reader(new Uint8Array());
  readonly rows = new row.RowReader(this.reader);
  names: readonly number[] = [];
  #updates: readonly Uint8Array[] = [];
  /** The update that is being read. */
  #update = 0;
  /** How many operations of the row that was read are merged. */
  done = 0;

  /** Reads the first row of `stretch`. */
  begin({ updates, at, rows, names, own, seq }: RowStretch): this {
    this.names = names;
    this.#updates = updates;
    this.#update = 0;
    this.reader.reset(updates[0]).seek(at);
    this.rows.begin(own, seq, names.length, rows);
    this.next();
    return this;
  }

  /** Reads the next row; false when there is none. */
  next(): boolean {
    this.done = 0;
    return this.rows.read() || (this.#nextUpdate() && this.rows.read());
  }

  #nextUpdate(): boolean {
    if (++this.#update >= this.#updates.length) return false;
    this.reader.reset(this.#updates[this.#update]).seek(OWN_FRONT).varint();
    return true;
  }

  /** Whether there is nothing to read behind the head of the row, so that a few bytes stand for any number of operations. */
  get isCompact(): boolean {
    const { kind } = this.rows;
    return kind === row.LEFT_OUT || kind === row.DELETED_UP || kind === row.DELETED_DOWN;
  }

  /** Whether both say the same about the next `count` operations, which are of one row each, but for their content. */
  agreesWith(other: RowSource, count: number): boolean {
    const [mine, theirs] = [this.rows, other.rows];
    if (mine.isInsert || theirs.isInsert)
      return mine.isInsert && theirs.isInsert && this.#hasOriginsOf(other);
    if (mine.kind === row.OPAQUE || theirs.kind === row.OPAQUE) {
      const isOpaque = mine.kind === theirs.kind && mine.opaqueKind === theirs.opaqueKind;
      return isOpaque && mine.opaqueLength === theirs.opaqueLength;
    }
    const isTarget = this.names[mine.target] === other.names[theirs.target] && this.#target === other.#target;
    return isTarget && (count === 1 || mine.kind === theirs.kind);
  }

  /** The seq that the next operation deletes. */
  get #target(): number {
    const { kind, targetSeq } = this.rows;
    return kind === row.DELETED_UP ? targetSeq + this.done : targetSeq - this.done;
  }

  #hasOriginsOf(other: RowSource): boolean {
    if (this.leftSeq !== other.leftSeq || this.left !== other.left) return false;
    if (!this.tellsRight || !other.tellsRight) return true;
    const [mine, theirs] = [this.rows, other.rows];
    return (
      mine.rightSeq === theirs.rightSeq &&
      nameOf(this.names, mine.right) === nameOf(other.names, theirs.right)
    );
  }

  /** The left origin of the next operation: whose, and its seq. */
  get left(): number {
    return nameOf(this.names, this.done > 0 ? this.rows.own : this.rows.left);
  }

  get leftSeq(): number {
    return this.done > 0 ? this.rows.seq + this.done - 1 : this.rows.leftSeq;
  }

  /** Text that goes on from the operation before does not say what its right origin is. */
  get tellsRight(): boolean {
    const { kind } = this.rows;
    return kind === row.LEFT_OUT || (this.done === 0 && kind !== row.CONTINUED);
  }
}

/** Whose the rows of a stretch are. */
export function ownerOf({ names, own }: RowStretch): number {
  return names[own];
}

/** What the replica at `index` of a table is called, if there is one. */
export function nameOf(names: readonly number[], index: number): number {
  return index === row.NO_REPLICA ? row.NO_REPLICA : names[index];
}
