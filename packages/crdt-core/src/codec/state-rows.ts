import { NONE, type ReplicaLog } from "../log/replica-log.js";
import type { CanonicalOrder } from "./canonical-order.js";
import type { Picture } from "./picture.js";
import { OPAQUE } from "./row-codec.js";
import type { RunWalker } from "./run-walker.js";
import * as state from "./state-format.js";
import { Writer } from "./writer.js";

/** Rows of one replica that follow each other. */
interface Segment {
  readonly place: number;
  rows: number;
}

/** The rows of a document in canonical order, as two columns: heads and references. Writing them is what numbers the elements. */
export class RowColumns {
  readonly #picture: Picture;
  readonly #order: CanonicalOrder;
  /** For each replica: where its last row left off, its rows of inserts, its rows of deletes. */
  readonly #carets: number[];
  readonly inserts: number[];
  readonly deletes: number[];
  readonly heads = new Writer(1024);
  readonly references = new Writer(1024);
  readonly segments: Segment[] = [];
  #segment: Segment = { place: NONE, rows: 0 };

  constructor(picture: Picture, order: CanonicalOrder) {
    this.#picture = picture;
    this.#order = order;
    this.#carets = picture.logs.map(() => NONE);
    this.inserts = picture.logs.map(() => 0);
    this.deletes = picture.logs.map(() => 0);
  }

  /** Writes all rows, and yields after every few of them. */
  write(): Generator<void> {
    return this.#order.walk((walker, place) => this.#writeRun(walker, place));
  }

  /** Bytes of both columns. */
  get bytes(): number {
    return this.heads.length + this.references.length;
  }

  #writeRun(walker: RunWalker, place: number): void {
    if (this.#segment.place !== place) {
      this.#segment = { place, rows: 0 };
      this.segments.push(this.#segment);
    }
    const caret = this.#carets[place];
    if (walker.kind === OPAQUE) this.#writeOpaque(walker);
    else if (walker.isInsert) this.#carets[place] = this.#writeInsert(walker, caret, place);
    else this.#carets[place] = this.#writeDeletes(walker, caret, place);
  }

  #writeOpaque({ row }: RunWalker): void {
    this.#head(state.STATE_OPAQUE, row!.bytes.length);
    this.references.varint(row!.kind).bytes(row!.bytes);
  }

  #writeInsert(walker: RunWalker, caret: number, place: number): number {
    this.inserts[place]++;
    const left = this.#order.number(walker.left);
    if (left === caret) this.#head(state.INSERT_AT_CARET, walker.length);
    else this.#headAndReference(state.INSERT_AT, walker.length, left - caret);
    return this.#order.number(walker.lastElement);
  }

  /** A row deletes within one run of ids, so that its targets are neighbours by number too. Returns the caret behind the last. */
  #writeDeletes(walker: RunWalker, caret: number, place: number): number {
    const sign = walker.isDescending ? -1 : 1;
    if (walker.isOnePiece) return this.#writeDelete(walker.target, sign * walker.length, caret, place);
    const { log } = this.#picture.sequence;
    const owner = log.owner(walker.target);
    let at = caret;
    for (let seq = log.seq(walker.target), left = walker.length; left > 0; ) {
      const taken = Math.min(left, walker.isDescending ? countBefore(owner, seq) : countFrom(owner, seq));
      at = this.#writeDelete(owner.elementAt(seq), sign * taken, at, place);
      seq += sign * taken;
      left -= taken;
    }
    return at;
  }

  /** Returns the caret after the deletion: before what was deleted. */
  #writeDelete(element: number, count: number, caret: number, place: number): number {
    this.deletes[place]++;
    const target = this.#order.number(element);
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
    this.#segment.rows++;
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
