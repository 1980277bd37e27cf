import type { ItemId } from "../../../src/ids.js";

/** A place in the tree that gives the text its order; the start of the text is one that holds no character. */
export interface TreeNode {
  readonly depth: number;
  readonly parent: TreeNode | null;
  /** Stand before this node in the text, in this order. */
  readonly leftChildren: Element[];
  /** Stand after this node in the text, in this order. */
  readonly rightChildren: Element[];
}

/** One character of the text, for ever: deleting it only adds to `deletedBy`. */
export interface Element extends TreeNode {
  readonly id: ItemId;
  /** One code point: one or two UTF-16 units. */
  readonly character: string;
  /** What it was inserted after; `null` is the start of the text. Never changes. */
  readonly left: Element | null;
  /** What it was inserted before; `null` is the end of the text. Never changes. */
  readonly right: Element | null;
  /** The deletions that name it. One is enough to hide it. */
  readonly deletedBy: ItemId[];
  /** UTF-16 units that it takes of the visible text: 1 or 2, and 0 once it is deleted. */
  width: number;
  /** Where it was in the list when last looked up; it may have moved since. */
  index: number;
}
