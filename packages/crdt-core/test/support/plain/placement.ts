import { CrdtError } from "../../../src/errors.js";
import { compareReplicaIds, formatId, type ItemId } from "../../../src/ids.js";
import type { Element, TreeNode } from "./element.js";

// The order of the text, to the letter: FugueMax (Weidner and Kleppmann 2023, "The Art of the Fugue: Minimizing
// Interleaving in Collaborative Text Editing") with ties turned round, so that the higher replica id comes first.
// The text is the in-order walk of a tree: left children, the element, right children.

/** Where an element stands: any numbers that rise along the list. */
export type Positions = (element: Element) => number;

/** The start of the text: the root of the tree. */
export function startNode(): TreeNode {
  return { depth: 0, parent: null, leftChildren: [], rightChildren: [] };
}

/** What an element is made from: its name, its character, and the two it was inserted between. */
export interface Insertion {
  readonly id: ItemId;
  readonly character: string;
  readonly left: Element | null;
  readonly right: Element | null;
}

/**
 * Hangs a new element into the tree of `start`.
 * @returns the element, and where the list has to take it in.
 * @throws {CrdtError} `FORGED_ORIGIN` when no honest replica can have seen its origins as neighbours.
 */
export function placeElement(start: TreeNode, insertion: Insertion, positions: Positions): [Element, number] {
  const { id, character, left, right } = insertion;
  checkOrigins(insertion, positions);
  const leftNode = left ?? start;
  const isLeftChild = right !== null && isDescendant(right, leftNode);
  const parent = isLeftChild ? right : leftNode;
  const element: Element = {
    ...{ id, character, left, right, parent, depth: parent.depth + 1 },
    ...{ leftChildren: [], rightChildren: [], deletedBy: [], width: character.length, index: 0 },
  };
  const siblings = isLeftChild ? parent.leftChildren : parent.rightChildren;
  const comesFirst = isLeftChild ? isHigher : isFartherOrHigher;
  const follower = siblings.findIndex((sibling) => comesFirst(element, sibling, positions));
  const rank = follower < 0 ? siblings.length : follower;
  const at = listPosition(parent, isLeftChild, siblings[rank - 1], positions);
  siblings.splice(rank, 0, element);
  return [element, at];
}

/** Takes an element out of the tree again. It must be the last that was placed. */
export function unplaceElement(element: Element): void {
  const { leftChildren, rightChildren } = element.parent!;
  const siblings = leftChildren.includes(element) ? leftChildren : rightChildren;
  siblings.splice(siblings.indexOf(element), 1);
}

/**
 * The three facts that hold whenever the two origins once were neighbours. They speak of elements already placed,
 * whose order never changes, so every replica refuses the same, in whatever order things arrive.
 */
function checkOrigins({ id, left, right }: Insertion, positions: Positions): void {
  const isBefore = (a: Element | null, b: Element | null) =>
    b !== null && (a === null || positions(a) < positions(b));
  const isAfter = (a: Element | null, b: Element | null) =>
    b !== null && (a === null || positions(a) > positions(b));
  const inOrder = left === null || right === null || isBefore(left, right);
  const leftOfRight = right === null || right.left === left || isBefore(right.left, left);
  const rightOfLeft = left === null || left.right === right || isAfter(left.right, right);
  if (!inOrder || !leftOfRight || !rightOfLeft) {
    throw new CrdtError("FORGED_ORIGIN", `${formatId(id)} stands between two that were never neighbours`);
  }
}

function isDescendant(node: TreeNode, ancestor: TreeNode): boolean {
  if (ancestor.parent === null) return true;
  let above: TreeNode | null = node;
  while (above !== null && above.depth > ancestor.depth) above = above.parent;
  return above === ancestor;
}

/** Left siblings: the higher replica id first; of one replica, what it inserted first. */
function isHigher(a: Element, b: Element): boolean {
  return compareReplicaIds(a.id.replica, b.id.replica) > 0;
}

/** Right siblings: the one whose right origin stands further to the right first, then as left siblings. */
function isFartherOrHigher(a: Element, b: Element, positions: Positions): boolean {
  if (a.right === b.right) return isHigher(a, b);
  if (a.right === null || b.right === null) return a.right === null;
  return positions(a.right) > positions(b.right);
}

function listPosition(
  parent: TreeNode,
  isLeftChild: boolean,
  precedingSibling: Element | undefined,
  positions: Positions,
): number {
  if (precedingSibling !== undefined) return positions(lastOfSubtree(precedingSibling)) + 1;
  if (isLeftChild) return positions(firstOfSubtree(parent as Element));
  return parent.parent === null ? 0 : positions(parent as Element) + 1;
}

function firstOfSubtree(element: Element): Element {
  let first = element;
  while (first.leftChildren.length > 0) first = first.leftChildren[0];
  return first;
}

function lastOfSubtree(element: Element): Element {
  let last = element;
  while (last.rightChildren.length > 0) last = last.rightChildren[last.rightChildren.length - 1];
  return last;
}
