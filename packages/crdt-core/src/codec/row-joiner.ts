import type { ReplicaId } from "../ids.js";
import { absorbed, joined } from "../log/replica-log.js";
import { BY_ID, BY_OWN_ID } from "./layout.js";
import { USUAL_LENGTH, writeName, writeNames } from "./replica-names.js";
import * as row from "./row-codec.js";
import { Writer } from "./writer.js";

/** In the place of the right origin of text that goes on from an operation that may not be here. */
const UNTOLD = -2;

/** A row to be written. Replicas are numbers in a list of names. */
interface JoinedRow {
  readonly owner: number;
  readonly seq: number;
  readonly kind: number;
  /** How many operations; negative when targets descend. */
  length: number;
  /** The left origin, the first target, or NO_REPLICA and the kind of an opaque row. */
  readonly first: number;
  readonly firstSeq: number;
  /** The right origin. */
  readonly second: number;
  readonly secondSeq: number;
  /** Where its content begins. */
  readonly content: number;
}

/**
 * Joins rows by id into as few as possible, whatever they were cut into: hence the same operations give the same bytes.
 * Rows come in ascending order of replicas and seqs; the names of replicas stand in a list of the caller's.
 */
export class RowJoiner {
  readonly #rows: JoinedRow[] = [];
  /** The characters and bytes of all rows, which the caller appends to whenever it has added one. */
  readonly content = new Writer(1024);

  /**
   * Adds the operations [skip, skip + count) of the row that `rows` has read.
   * @param names What the replicas of that update are called here.
   */
  add(rows: row.RowReader, names: readonly number[], skip: number, count: number): void {
    if (rows.isInsert) this.#addInsert(rows, names, skip, count);
    else if (rows.kind === row.OPAQUE)
      this.#start(names[rows.own], rows.seq, row.OPAQUE, 1, row.NO_REPLICA, rows.opaqueKind);
    else this.#addDelete(rows, names, skip, count);
  }

  #addInsert(rows: row.RowReader, names: readonly number[], skip: number, count: number): void {
    const owner = names[rows.own];
    const seq = rows.seq + skip;
    const isLeftOut = rows.kind === row.LEFT_OUT;
    const isInside = skip > 0 || rows.kind === row.CONTINUED;
    const left = isInside ? owner : nameOf(names, rows.left);
    const leftSeq = isInside ? seq - 1 : rows.leftSeq;
    const right = isInside && !isLeftOut ? UNTOLD : nameOf(names, rows.right);
    const last = this.#rowBefore(owner, seq);
    const goesOn =
      last !== undefined &&
      isInsert(last.kind) &&
      left === owner &&
      leftSeq === seq - 1 &&
      (right === UNTOLD || (right === last.second && rows.rightSeq === last.secondSeq));
    if (goesOn && (last.kind === row.LEFT_OUT) === isLeftOut) {
      last.length += count;
      return;
    }
    let kind = goesOn || right === UNTOLD ? row.CONTINUED : row.BETWEEN;
    const isNext = left !== row.NO_REPLICA && left === right && leftSeq + 1 === rows.rightSeq;
    if (kind === row.BETWEEN && isNext) kind = row.BEFORE_NEXT;
    this.#start(owner, seq, isLeftOut ? row.LEFT_OUT : kind, count, left, leftSeq, right, rows.rightSeq);
  }

  /** Deletions of both directions are of one kind until they are written; the sign of their length tells them apart. */
  #addDelete(rows: row.RowReader, names: readonly number[], skip: number, count: number): void {
    const step = rows.kind === row.DELETED_UP ? 1 : -1;
    const owner = names[rows.own];
    const target = names[rows.target];
    const last = this.#rowBefore(owner, rows.seq + skip);
    let taken = 0;
    if (last?.kind === row.DELETED_UP && last.first === target) {
      const distance = rows.targetSeq + step * skip - last.firstSeq;
      taken = absorbed(last.length, distance, step * count);
      if (taken > 0) last.length = joined(last.length, distance, taken);
    }
    const rest = count - taken;
    const from = skip + taken;
    if (rest > 0) {
      const length = rest === 1 ? 1 : step * rest;
      this.#start(owner, rows.seq + from, row.DELETED_UP, length, target, rows.targetSeq + step * from);
    }
  }

  /** The last row, if it ends directly before `seq` of `owner`. */
  #rowBefore(owner: number, seq: number): JoinedRow | undefined {
    const last = this.#rows[this.#rows.length - 1];
    return last?.owner === owner && last.seq + Math.abs(last.length) === seq ? last : undefined;
  }

  #start(
    owner: number,
    seq: number,
    kind: number,
    length: number,
    first: number,
    firstSeq: number,
    second: number = row.NO_REPLICA,
    secondSeq = 0,
  ): void {
    const content = this.content.length;
    this.#rows.push({ owner, seq, kind, length, first, firstSeq, second, secondSeq, content });
  }

  /** The update that holds all rows. `names`: the list in which their replicas are numbers. */
  encode(names: readonly ReplicaId[]): Uint8Array {
    const used = [...new Set(this.#rows.flatMap(namesIn))].sort((a, b) => (names[a] < names[b] ? -1 : 1));
    const indices: number[] = [];
    used.forEach((name, index) => {
      indices[name] = index;
    });
    const stretches = this.#stretches();
    const out = new Writer(this.content.length + 64);
    const isOwn = stretches.length === 1 && used.length === 1 && names[used[0]].length === USUAL_LENGTH;
    if (isOwn) writeName(out.u8(BY_OWN_ID), names[used[0]]).varint(this.#rows[0].seq);
    else {
      writeNames(
        out.u8(BY_ID),
        used.map((name) => names[name]),
      );
      out.varint(stretches.length);
    }
    const content = this.content.finish();
    for (const [from, to] of stretches) {
      const { owner, seq } = this.#rows[from];
      if (!isOwn)
        out
          .varint(indices[owner])
          .varint(seq)
          .varint(to - from);
      for (let at = from; at < to; at++) {
        writeRow(
          out,
          this.#rows[at],
          indices,
          content.subarray(this.#rows[at].content, this.#rows[at + 1]?.content),
        );
      }
    }
    return out.finish();
  }

  /** Where rows of contiguous seqs begin and end. */
  #stretches(): [from: number, to: number][] {
    const stretches: [number, number][] = [];
    this.#rows.forEach((one, at) => {
      const before = this.#rows[at - 1];
      if (before?.owner === one.owner && before.seq + Math.abs(before.length) === one.seq) {
        stretches[stretches.length - 1][1] = at + 1;
      } else stretches.push([at, at + 1]);
    });
    return stretches;
  }
}

function isInsert(kind: number): boolean {
  return kind <= row.BEFORE_NEXT || kind === row.LEFT_OUT;
}

function nameOf(names: readonly number[], index: number): number {
  return index === row.NO_REPLICA ? row.NO_REPLICA : names[index];
}

/** The replicas that a row names. */
function namesIn({ owner, kind, first, second }: JoinedRow): number[] {
  return kind === row.CONTINUED ? [owner] : [owner, first, second].filter((name) => name >= 0);
}

function writeRow(out: Writer, one: JoinedRow, indices: readonly number[], content: Uint8Array): void {
  const { owner, seq, length } = one;
  const kind = length < 0 ? row.DELETED_DOWN : one.kind;
  const refer = (name: number, target: number) =>
    row.writeReference(out, indices[owner], seq, name < 0 ? row.NO_REPLICA : indices[name], target);
  row.writeHead(out, kind, kind === row.OPAQUE ? content.length : Math.abs(length));
  if (kind === row.OPAQUE) out.varint(one.firstSeq);
  else if (kind !== row.CONTINUED) refer(one.first, one.firstSeq);
  if (kind === row.BETWEEN || kind === row.LEFT_OUT) refer(one.second, one.secondSeq);
  out.bytes(content);
}
