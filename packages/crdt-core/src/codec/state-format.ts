// state      := 0x12 visible elements:varint names tally* segments heads references exceptions dead
// visible    := units:varint bytes:varint point*          The text, readable at once.
// tally      := last:varint inserts:varint deletes:varint For each replica: its last seq, its rows of both kinds.
// segments   := count (replica:index rows:varint)*        Whose rows follow, in canonical order.
// heads      := bytes:varint head:varint*                 length * 8 + kind, for each row.
// references := bytes:varint (distance | kind byte*)*     For the rows that need one.
// exceptions := count (run:varint what:1|2|3 sibling:varint? right:varint?)*
// dead       := known:varint (missing known)* bytes:varint point*
//
// Elements are numbered as the rows come. A row refers to an element by its distance from the *caret* of its replica,
// which is where the row before left off: behind the last element inserted, or before those deleted. Order, right
// origins and tombstones are implied:
//
// - A run of inserts stands directly behind its left origin, among the elements numbered before it, unless an
//   exception names the sibling behind whose subtree it stands.
// - Its right origin is the nearest element to its right that is numbered before it, unless an exception names it.
//
// `dead` holds the characters of deleted elements in the order of the document. Which of them are known is run-length
// coded: so many known, so many left out, and so on.

/** Text at the caret. */
export const INSERT_AT_CARET = 0;
/** Text behind a referred element. */
export const INSERT_AT = 1;
/** Deletions downwards, the first of the element at the caret. */
export const DELETE_BACK_AT_CARET = 2;
/** Deletions downwards from a referred element. */
export const DELETE_BACK_AT = 3;
/** Deletions upwards, the first of the element behind the caret. */
export const DELETE_ON_AT_CARET = 4;
/** Deletions upwards from a referred element. */
export const DELETE_ON_AT = 5;
/** An opaque row; its length counts bytes. */
export const STATE_OPAQUE = 6;

/** An exception that names a sibling. */
export const HAS_SIBLING = 1;
/** An exception that names a right origin. */
export const HAS_RIGHT = 2;

/** A signed number as an unsigned one: small ones stay small. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

/** What `zigzag` was given. */
export function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
