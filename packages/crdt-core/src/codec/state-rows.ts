import { NONE, type ReplicaLog } from "../log/replica-log.js";
import type { Sequence } from "../text/sequence.js";
import type { CanonicalOrder, Segment } from "./canonical-order.js";
import { OPAQUE } from "./row-codec.js";
import { RunWalker } from "./run-walker.js";
import * as state from "./state-format.js";
import { Writer } from "./writer.js";

/** The rows of a document in canonical order, as two columns: heads and references. */
export class RowColumns {
  readonly #sequence: Sequence;
  readonly #order: CanonicalOrder;
  readonly #carets = new Map<ReplicaLog, number>();
  readonly #tallies = new Map<ReplicaLog, { inserts: number; deletes: number }>();
  readonly heads = new Writer(1024);
  readonly references = new Writer(1024);
  readonly segments: Segment[] = [];
  #deleteRows = 0;

  constructor(sequence: Sequence, order: CanonicalOrder) {
    this.#sequence = sequence;
    this.#order = order;
    const walkers = new Map<ReplicaLog, RunWalker>();
    for (const { log, rows } of order.segments) {
      const walker = walkers.get(log) ?? new RunWalker(sequence, false).start(log, 1, log.next - 1);
      walkers.set(log, walker);
      this.segments.push(this.#writeSegment(log, walker, rows));
    }
  }

  /** Bytes of both columns. */
  get bytes(): number {
    return this.heads.length + this.references.length;
  }

  /** How many rows of inserts and of deletes a replica has. */
  tally(log: ReplicaLog): { inserts: number; deletes: number } {
    const known = this.#tallies.get(log) ?? { inserts: 0, deletes: 0 };
    this.#tallies.set(log, known);
    return known;
  }

  #writeSegment(log: ReplicaLog, walker: RunWalker, runs: number): Segment {
    const tally = this.tally(log);
    const segment = { log, rows: 0 };
    let caret = this.#carets.get(log) ?? NONE;
    for (let left = runs; left > 0 && walker.next(); left--) {
      if (walker.kind === OPAQUE) this.#writeOpaque(walker);
      else if (walker.isInsert) {
        caret = this.#writeInsert(walker, caret);
        tally.inserts++;
      } else if (walker.isOnePiece) {
        const target = this.#order.number(walker.target);
        caret = this.#writeDelete(target, walker.isDescending ? -walker.length : walker.length, caret);
        tally.deletes++;
      } else {
        const before = this.#deleteRows;
        caret = this.#writeDeletes(walker, caret);
        tally.deletes += this.#deleteRows - before;
        segment.rows += this.#deleteRows - before - 1;
      }
      segment.rows++;
    }
    this.#carets.set(log, caret);
    return segment;
  }

  #writeOpaque({ row }: RunWalker): void {
    this.#head(state.STATE_OPAQUE, row!.bytes.length);
    this.references.varint(row!.kind).bytes(row!.bytes);
  }

  #writeInsert(walker: RunWalker, caret: number): number {
    const left = this.#order.number(walker.left);
    if (left === caret) this.#head(state.INSERT_AT_CARET, walker.length);
    else this.#headAndReference(state.INSERT_AT, walker.length, left - caret);
    return this.#order.number(walker.lastElement);
  }

  /** A row deletes within one run of ids, so that its targets are neighbours by number too. */
  #writeDeletes(walker: RunWalker, caret: number): number {
    const { log } = this.#sequence;
    const owner = log.owner(walker.target);
    let at = caret;
    for (let seq = log.seq(walker.target), left = walker.length; left > 0; this.#deleteRows++) {
      const taken = Math.min(left, walker.isDescending ? countBefore(owner, seq) : countFrom(owner, seq));
      at = this.#writeDelete(
        this.#order.number(owner.elementAt(seq)),
        walker.isDescending ? -taken : taken,
        at,
      );
      seq += walker.isDescending ? -taken : taken;
      left -= taken;
    }
    return at;
  }

  /** Returns the caret after the deletion: before what was deleted. */
  #writeDelete(target: number, count: number, caret: number): number {
    const length = Math.abs(count);
    if (target === caret && (count < 0 || count === 1)) {
      this.#head(state.DELETE_BACK_AT_CARET, length);
      return target - length;
    }
    if (count < -1) {
      this.#headAndReference(state.DELETE_BACK_AT, length, target - caret);
      return target - length;
    }
    if (target === caret + 1) this.#head(state.DELETE_ON_AT_CARET, length);
    else this.#headAndReference(state.DELETE_ON_AT, length, target - caret);
    return target - 1;
  }

  #head(kind: number, length: number): void {
    this.heads.varint(length * 8 + kind);
  }

  #headAndReference(kind: number, length: number, distance: number): void {
    this.#head(kind, length);
    this.references.varint(state.zigzag(distance));
  }
}

/** How many ids from `seq` on belong to one run of inserts, whatever pieces it arrived in. */
function countFrom(log: ReplicaLog, seq: number): number {
  let run = log.runOfSeq(seq);
  while (log.isContinued(run)) run++;
  return log.endOfRun(run) - seq;
}

/** How many ids up to `seq` belong to one run of inserts. */
function countBefore(log: ReplicaLog, seq: number): number {
  let run = log.runOfSeq(seq);
  while (run > 0 && log.isContinued(run - 1)) run--;
  return seq - log.startOfRun(run) + 1;
}
