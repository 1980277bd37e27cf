import { Bits, endOfAlike } from "../bits.js";
import type { SortedTable } from "../columns.js";
import { CrdtError } from "../errors.js";
import type { OperationRange } from "../ids.js";
import type { ReplicaLog } from "../log/replica-log.js";
import type { VersionVector } from "../version-vector.js";
import { TextCollector } from "./characters.js";
import type { DeltaStep } from "./delta.js";
import type { Sequence } from "./sequence.js";

/** What some reader had seen: a version, and its own operations since. */
export interface Seen {
  readonly version: VersionVector;
  readonly own?: readonly OperationRange[];
}

/** Elements by what had been done to them. */
interface Marks {
  readonly inserted: Bits;
  readonly deleted: Bits;
}

/** Marks every element that had been inserted, and every one that had been deleted. O(elements). */
export function marksOf({ log }: Sequence, { version, own = [] }: Seen): Marks {
  const marks = { inserted: new Bits(log.elements), deleted: new Bits(log.elements) };
  for (const replica of log.replicas) markRange(marks, replica, 1, version.get(replica.replica));
  for (const { replica, from, to } of own) {
    const found = log.find(replica);
    if (found) markRange(marks, found, from, to);
  }
  return marks;
}

/** Marks what `log` did in its seqs [from, to]. */
function markRange({ inserted, deleted }: Marks, log: ReplicaLog, from: number, to: number): void {
  markRuns(inserted, log.insertTable(), from, to);
  markRuns(deleted, log.deleteTable(), from, to);
}

/** Marks what the seqs [from, to] in a table of runs did: `[seq, element, signed length ...]`. */
function markRuns(marks: Bits, { rows, count, stride }: SortedTable, from: number, to: number): void {
  for (let at = 0; at < count * stride && rows[at] <= to; at += stride) {
    const skipped = Math.max(0, from - rows[at]);
    const marked = Math.min(Math.abs(rows[at + 2]), to + 1 - rows[at]) - skipped;
    const isDown = rows[at + 2] < 0;
    const first = isDown ? rows[at + 1] - skipped - marked + 1 : rows[at + 1] + skipped;
    if (marked > 0) marks.fill(first, first + marked);
  }
}

/** The elements that someone saw. */
function shownTo(sequence: Sequence, seen: Seen): Bits {
  const { inserted, deleted } = marksOf(sequence, seen);
  for (let at = 0; at < inserted.words.length; at++) inserted.words[at] &= ~deleted.words[at];
  return inserted;
}

/** @throws {CrdtError} `UNKNOWN_ID` when `version` names operations that are not here. */
export function refuseUnknown({ log }: Sequence, version: VersionVector): void {
  if (!log.version().covers(version)) throw new CrdtError("UNKNOWN_ID", "unknown version");
}

/** The text that someone saw. O(elements), 0.6 ms for automerge-paper anywhere in its history. */
export function textSeen(sequence: Sequence, seen: Seen): string {
  const shown = shownTo(sequence, seen);
  const { characters } = sequence;
  const collector = new TextCollector(characters, shown.count * (characters.areNarrow ? 1 : 2));
  eachStretch(sequence, shown, shown, (isShown, _, first, count) => {
    if (isShown) collector.add(first, count);
  });
  return collector.finish();
}

/** How the text that someone saw becomes the text that someone else, or later, saw. O(elements). */
export function stepsBetween(sequence: Sequence, before: Seen, after: Seen): DeltaStep[] {
  const steps: DeltaStep[] = [];
  const [was, is] = [shownTo(sequence, before), shownTo(sequence, after)];
  eachStretch(sequence, was, is, (wasShown, isShown, first, count) => {
    if (isShown && !wasShown) steps.push({ insert: sequence.characters.text(first, count) });
    else if (wasShown) {
      const units = unitsOf(sequence, first, count);
      steps.push(isShown ? { retain: units } : { delete: units });
    }
  });
  return steps;
}

/**
 * UTF-16 units of elements that may be dead, and missing: then what they are is not known, and has to be.
 * @throws {CrdtError} `TRIMMED`
 */
export function unitsOf({ characters }: Sequence, first: number, count: number): number {
  return characters.hasMissing ? characters.text(first, count).length : characters.width(first, count);
}

/** Visits, in document order, every stretch of elements which are alike in both `a` and `b`. */
function eachStretch(
  sequence: Sequence,
  a: Bits,
  b: Bits,
  visit: (isInA: boolean, isInB: boolean, first: number, count: number) => void,
): void {
  sequence.eachSpan((first, length) => {
    for (let from = first, end = first + Math.abs(length); from < end; ) {
      const to = endOfAlike(a, b, from, end);
      visit(a.has(from), b.has(from), from, to - from);
      from = to;
    }
  });
}

/** Visits, in document order, every element that someone had seen inserted, and whether they saw it deleted. */
export function eachSeen(
  sequence: Sequence,
  seen: Seen,
  visit: (first: number, count: number, isVisible: boolean) => void,
): void {
  const { inserted, deleted } = marksOf(sequence, seen);
  eachStretch(sequence, inserted, deleted, (isInserted, isDeleted, first, count) => {
    if (isInserted) visit(first, count, !isDeleted);
  });
}
