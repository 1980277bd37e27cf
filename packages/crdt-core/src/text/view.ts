import { CrdtError } from "../errors.js";
import type { OperationRange } from "../ids.js";
import { NONE } from "../log/replica-log.js";
import type { VersionVector } from "../version-vector.js";
import { eachSeen, unitsOf } from "./history.js";
import { RecentView } from "./recent-view.js";
import type { Caret, Sequence } from "./sequence.js";

/** What one reader of a document sees: the state that a vector names, and its own operations since. */
export interface View {
  readonly version: VersionVector;
  readonly own: readonly OperationRange[];
}

/** Elements side by side, by number. */
export type Stretches = readonly (readonly [first: number, count: number])[];

/**
 * The caret at `offset` of what `view` shows. O(log n) for each operation that it lacks, up to O(n).
 * @throws {CrdtError} `OUT_OF_RANGE` beyond what it shows, or inside a surrogate pair; `TRIMMED` when it shows
 * characters that this replica does not hold.
 */
export function caretIn(sequence: Sequence, view: View, offset: number): Caret {
  return RecentView.of(sequence, view)?.caret(offset) ?? caretByWalk(sequence, view, offset);
}

/** `caretIn` for any view: a walk along the document. O(elements). */
export function caretByWalk(sequence: Sequence, view: View, offset: number): Caret {
  let left = NONE;
  let right = NONE;
  let missing = offset;
  let isBehind = false;
  eachSeen(sequence, view, (first, count, isVisible) => {
    if (isBehind) return;
    let from = first;
    if (missing > 0 && isVisible) {
      const width = unitsOf(sequence, first, count);
      const taken = missing >= width ? count : sequence.characters.elementsIn(first, missing);
      missing = Math.max(0, missing - width);
      left = first + taken - 1;
      from = first + taken;
    } else if (missing > 0) return;
    if (from === first + count) return;
    right = from;
    isBehind = true;
  });
  if (missing > 0) throw new CrdtError("OUT_OF_RANGE", "offset beyond the view");
  return { left, right };
}

/**
 * The elements that `view` shows in [from, to), in order, as stretches. Costs as `caretIn`, and O(to - from).
 * @throws {CrdtError} `OUT_OF_RANGE` as `caretIn` does.
 */
export function elementsShown(sequence: Sequence, view: View, from: number, to: number): Stretches {
  return RecentView.of(sequence, view)?.elements(from, to) ?? elementsByWalk(sequence, view, from, to);
}

/** `elementsShown` for any view: a walk along the document. O(elements). */
export function elementsByWalk(sequence: Sequence, view: View, from: number, to: number): Stretches {
  const shown: [number, number][] = [];
  let at = 0;
  eachSeen(sequence, view, (first, count, isVisible) => {
    if (!isVisible) return;
    const { characters } = sequence;
    const width = unitsOf(sequence, first, count);
    if (at < to && at + width > from) {
      const start = characters.elementsIn(first, Math.max(0, from - at));
      const end = to >= at + width ? count : characters.elementsIn(first, to - at);
      if (end > start) shown.push([first + start, end - start]);
    }
    at += width;
  });
  if (to > at) throw new CrdtError("OUT_OF_RANGE", "offset beyond the view");
  return shown;
}
