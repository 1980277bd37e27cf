import * as row from "../codec/row-codec.js";
import { CrdtError } from "../errors.js";
import { formatId } from "../ids.js";
import type { ReplicaLog } from "../log/replica-log.js";
import type { Sequence } from "./sequence.js";

// What a row does once everything that it refers to is known to be here.

/**
 * Applies the deletions of a row, but for the first `known` of them, to elements of `target`, all of which are here.
 * @throws {CrdtError} `FORGED_ORIGIN` when one of them is no character, nothing changed.
 */
export function deleteTargets(
  sequence: Sequence,
  log: ReplicaLog,
  target: ReplicaLog,
  { kind, targetSeq, length }: row.RowReader,
  known: number,
): void {
  const step = kind === row.DELETED_UP ? 1 : -1;
  const first = targetSeq + step * known;
  const count = length - known;
  refuseOther(target, step > 0 ? first : first - count + 1, count);
  for (let seq = first, left = count; left > 0; ) {
    const { element, length: following, inRun } = target.runFrom(seq);
    const taken = Math.min(left, step > 0 ? following : inRun + 1);
    sequence.deleteElements(log, element, step * taken);
    seq += step * taken;
    left -= taken;
  }
}

/** The element that `seq` of `log` inserted. @throws {CrdtError} `FORGED_ORIGIN` when that is none. */
export function elementOf(log: ReplicaLog, seq: number): number {
  if (log.runOfSeq(seq) < 0) {
    throw new CrdtError("FORGED_ORIGIN", `${formatId({ replica: log.replica, seq })} is no character`);
  }
  return log.elementAt(seq);
}

/** Refuses a deletion of anything but characters, before it has deleted something. */
function refuseOther(log: ReplicaLog, from: number, count: number): void {
  for (let seq = from; seq < from + count; seq += log.runFrom(seq).length) elementOf(log, seq);
}
