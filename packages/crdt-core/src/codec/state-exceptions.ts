import { grown } from "../columns.js";
import { INSERT_STRIDE, NONE } from "../log/replica-log.js";
import type { Sequence } from "../text/sequence.js";
import type { CanonicalOrder } from "./canonical-order.js";
import type { Picture } from "./picture.js";
import { HAS_RIGHT, HAS_SIBLING } from "./state-format.js";
import type { Writer } from "./writer.js";

/** Ints of a piece: canonical number of its first element, length, first element, whether that begins a row. */
const PIECE = 4;

/** What is written of a run. */
interface Exception {
  /** What it stands behind: a canonical number; NONE when it stands where it is expected. */
  readonly sibling: number;
  /** Its right origin, NONE for the end; undefined when it is the expected one. */
  readonly right: number | undefined;
}

/** By the canonical numbers of the runs. */
type Exceptions = Map<number, Exception>;

/**
 * Writes what the order of the document does not imply: nothing at all unless it ever had a conflict. Both rules are
 * checked for all runs by a monotone stack each: O(pieces), but for those that are broken.
 */
export function writeExceptions(out: Writer, picture: Picture, order: CanonicalOrder): void {
  const exceptions: Exceptions = new Map();
  if (picture.hasConflict) findExceptions(picture, order, exceptions);
  out.varint(exceptions.size);
  let previous = 0;
  for (const [number, { sibling, right }] of [...exceptions].sort(([a], [b]) => a - b)) {
    out
      .varint(number - previous)
      .u8((sibling === NONE ? 0 : HAS_SIBLING) + (right === undefined ? 0 : HAS_RIGHT));
    if (sibling !== NONE) out.varint(number - sibling);
    if (right !== undefined) out.varint(right === NONE ? 0 : number - right);
    previous = number;
  }
}

function findExceptions(picture: Picture, order: CanonicalOrder, exceptions: Exceptions): void {
  const [pieces, count] = piecesOf(picture, order);
  findSiblings(picture.sequence, order, pieces, count, exceptions);
  findRights(picture.sequence, order, pieces, count, exceptions);
}

/** The document in pieces whose elements are neighbours by canonical number too. */
function piecesOf({ sequence, spans }: Picture, order: CanonicalOrder): [pieces: Int32Array, count: number] {
  const { log } = sequence;
  let pieces = new Int32Array(256);
  let count = 0;
  for (let at = 0; at < spans.length; at += 2) {
    for (let element = spans[at], end = element + Math.abs(spans[at + 1]); element < end; ) {
      const owner = log.owner(element);
      const run = owner.runOfElement(element);
      const start = owner.inserts[run * INSERT_STRIDE + 1];
      const isHead = element === start && !(run > 0 && owner.isContinued(run - 1));
      const taken = Math.min(end, start + owner.inserts[run * INSERT_STRIDE + 2]) - element;
      pieces = grown(pieces, (count + 1) * PIECE);
      pieces.set([order.number(element), taken, element, isHead ? 1 : 0], count++ * PIECE);
      element += taken;
    }
  }
  return [pieces, count];
}

/** Runs that stand elsewhere than behind the nearest element to their left that is numbered before them. */
function findSiblings(
  sequence: Sequence,
  order: CanonicalOrder,
  pieces: Int32Array,
  count: number,
  exceptions: Exceptions,
): void {
  const stack: number[] = [];
  for (let at = 0; at < count * PIECE; at += PIECE) {
    while (stack.length > 0 && pieces[stack[stack.length - 1]] > pieces[at]) stack.pop();
    if (pieces[at + 3] === 1) {
      const top = stack[stack.length - 1];
      const nearest = top === undefined ? NONE : pieces[top + 2] + pieces[top + 1] - 1;
      const left = sequence.log.left(pieces[at + 2]);
      if (nearest !== left) {
        const sibling = order.number(childTowards(sequence, left, nearest));
        exceptions.set(pieces[at], { sibling, right: undefined });
      }
    }
    stack.push(at);
  }
}

/** The child of `ancestor`, by left origins, from which `element` descends. */
function childTowards({ log }: Sequence, ancestor: number, element: number): number {
  for (let below = element; ; ) {
    const owner = log.owner(below);
    const at = owner.runOfElement(below) * INSERT_STRIDE;
    const start = owner.inserts[at + 1];
    if (ancestor >= start && ancestor < below) return ancestor + 1;
    if (owner.inserts[at + 3] === ancestor) return start;
    below = owner.inserts[at + 3];
  }
}

/** Runs whose right origin is not the nearest element to their right that is numbered before them. */
function findRights(
  sequence: Sequence,
  order: CanonicalOrder,
  pieces: Int32Array,
  count: number,
  exceptions: Exceptions,
): void {
  const stack: number[] = [];
  for (let at = (count - 1) * PIECE; at >= 0; at -= PIECE) {
    while (stack.length > 0 && stack[stack.length - 1] > pieces[at]) stack.pop();
    if (pieces[at + 3] === 1) {
      const right = order.number(sequence.log.right(pieces[at + 2]));
      if (right !== (stack[stack.length - 1] ?? NONE))
        exceptions.set(pieces[at], { sibling: exceptions.get(pieces[at])?.sibling ?? NONE, right });
    }
    stack.push(pieces[at]);
  }
}
