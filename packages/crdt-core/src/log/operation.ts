import type { ItemId } from "../ids.js";

/** An operation of a kind that this package does not know. It takes one seq; what it means belongs to the caller. */
export interface OpaqueRow {
  readonly id: ItemId;
  /** In [0, 65535]. */
  readonly kind: number;
  readonly bytes: Uint8Array;
}

/** Characters inserted in one go: the first after `left` and before `right`, each next one after the one before it. */
export interface InsertOperation {
  readonly kind: "insert";
  /** The id of the first character; the others have the seqs that follow. */
  readonly id: ItemId;
  /** At least one code point, unless characters were left out; each takes one seq. */
  readonly content: string;
  /** The element on the left at the time; `null` is the start of the text. */
  readonly left: ItemId | null;
  /**
   * The element on the right at the time, the same for the whole run; `null` is the end of the text; `undefined` when
   * it is that of the operation before, which this update goes on from and does not hold.
   */
  readonly right: ItemId | null | undefined;
  /** How many characters were left out, because the text is deleted; `content` is empty then. */
  readonly leftOut?: number;
}

/** `length` elements deleted: `target`, then the elements with the seqs above it (`1`) or below it (`-1`). */
export interface DeleteOperation {
  readonly kind: "delete";
  /** The id of the first deletion; the others have the seqs that follow. */
  readonly id: ItemId;
  readonly target: ItemId;
  readonly length: number;
  readonly direction: 1 | -1;
}

/** An opaque row, as an operation among others. */
export interface RowOperation {
  readonly kind: "row";
  readonly id: ItemId;
  readonly row: OpaqueRow;
}

/** What an update is made of. */
export type UpdateOperation = InsertOperation | DeleteOperation | RowOperation;

/** The largest kind of an opaque row. */
export const ROW_KIND_MAX = 0xffff;
