import * as row from "../codec/row-codec.js";
import { CrdtError } from "../errors.js";
import { formatId } from "../ids.js";
import type { Incoming } from "../log/incoming.js";
import { NONE, type ReplicaLog } from "../log/replica-log.js";
import type { Sequence } from "./sequence.js";

/**
 * Compares the first `known` operations of the row that `incoming` has just read with those known here, and reads
 * over their content. Characters that are missing here are noted in `filled`, as `[element, code point]`.
 * Cost: O(known); nothing is ever compared unless something comes twice.
 * @throws {CrdtError} `CONFLICT` when an id names two different operations.
 */
export function refuseConflict(
  sequence: Sequence,
  log: ReplicaLog,
  incoming: Incoming,
  known: number,
  filled: number[],
): void {
  const { rows } = incoming;
  for (let i = 0; i < known; i++) {
    const isSame = rows.isInsert
      ? isSameInsert(sequence, log, incoming, i, filled)
      : rows.kind === row.OPAQUE
        ? isSameRow(log, incoming)
        : isSameDelete(sequence, log, incoming, i);
    if (!isSame) {
      const id = formatId({ replica: log.replica, seq: rows.seq + i });
      throw new CrdtError("CONFLICT", `${id} is known with other content`);
    }
  }
}

function isSameInsert(
  sequence: Sequence,
  log: ReplicaLog,
  incoming: Incoming,
  i: number,
  filled: number[],
): boolean {
  const { rows } = incoming;
  const point = rows.kind === row.LEFT_OUT ? undefined : incoming.reader.point();
  const element = log.elementAt(rows.seq + i);
  if (element === NONE || !hasSameOrigins(sequence, log, incoming, i, element)) return false;
  if (point === undefined) return true;
  if (!sequence.characters.isMissing(element)) return sequence.characters.at(element) === point;
  filled.push(element, point);
  return true;
}

function hasSameOrigins(
  sequence: Sequence,
  log: ReplicaLog,
  incoming: Incoming,
  i: number,
  element: number,
): boolean {
  const { rows } = incoming;
  const left = sequence.log.left(element);
  if (i > 0 || rows.kind === row.CONTINUED) {
    const before = log.elementAt(rows.seq + i - 1);
    return before !== NONE && left === before && sequence.log.right(left) === sequence.log.right(element);
  }
  return (
    left === elementOf(sequence, incoming, rows.left, rows.leftSeq) &&
    sequence.log.right(element) === elementOf(sequence, incoming, rows.right, rows.rightSeq)
  );
}

function isSameDelete(sequence: Sequence, log: ReplicaLog, incoming: Incoming, i: number): boolean {
  const { rows } = incoming;
  const targetSeq = rows.kind === row.DELETED_UP ? rows.targetSeq + i : rows.targetSeq - i;
  const target = elementOf(sequence, incoming, rows.target, targetSeq);
  return target !== undefined && log.targetOf(rows.seq + i) === target;
}

function isSameRow(log: ReplicaLog, { rows, reader }: Incoming): boolean {
  const known = log.rowOf(rows.seq);
  const bytes = reader.bytes(rows.opaqueLength);
  if (known?.kind !== rows.opaqueKind || known.bytes.length !== bytes.length) return false;
  return bytes.every((byte, index) => byte === known.bytes[index]);
}

/** The element that a row names, NONE for none, undefined when it is not here. */
function elementOf(sequence: Sequence, incoming: Incoming, index: number, seq: number): number | undefined {
  if (index === row.NO_REPLICA) return NONE;
  const element = incoming.logOf(index, sequence.log)?.elementAt(seq);
  return element === NONE ? undefined : element;
}
