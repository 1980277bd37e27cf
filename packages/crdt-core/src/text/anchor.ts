import type { ItemId } from "../ids.js";

/**
 * The character that a position holds on to: the one on its `left` (what is typed at the position goes behind it), or
 * the one on its `right` (the position moves along with what is typed).
 */
export type Side = "left" | "right";

/** A position that stays with its character while others type. A plain value: it may travel as JSON. */
export interface Anchor {
  /** `null` holds on to the start of the text (side `left`) or to its end (side `right`). */
  readonly element: ItemId | null;
  readonly side: Side;
}
