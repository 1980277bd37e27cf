import { CrdtError } from "../errors.js";
import type { ItemId, OperationRange, ReplicaId } from "../ids.js";
import type { UpdateOperation } from "../log/operation.js";
import { Reader } from "./reader.js";
import { readName, readNames, USUAL_LENGTH } from "./replica-names.js";
import { CONTINUED, DELETED_UP, LEFT_OUT, NO_REPLICA, OPAQUE, RowReader } from "./row-codec.js";

/** Version 1 in the high half of the first byte, the layout in the low half. */
export const BY_ID = 0x10;
/** By id, when one replica of a usual id refers to nobody else: what typing makes. */
export const BY_OWN_ID = 0x11;
/** In document order. */
export const STATE = 0x12;

/** Numbers kept for each stretch: owner, first seq, last seq, rows, position of the first row. */
const STRETCH = 5;

/** A set of operations, decoded: what clients send, servers relay and stores keep. */
export class Update {
  /** The encoded form. */
  readonly bytes: Uint8Array;
  /** Every replica that the update names, in ascending order. */
  readonly names: readonly ReplicaId[];
  readonly #stretches: readonly number[];

  private constructor(bytes: Uint8Array, names: readonly ReplicaId[], stretches: readonly number[]) {
    this.bytes = bytes;
    this.names = names;
    this.#stretches = stretches;
  }

  /**
   * Reads and checks everything that can be checked without the document. Keeps a copy of `bytes`, a few numbers for
   * each stretch of contiguous seqs, and nothing for a row.
   * @throws {CrdtError} `UNSUPPORTED_VERSION` for a format that this release does not know, `MALFORMED` for bytes
   * that no encoder writes, `FORGED_ORIGIN` for an operation that refers to itself or to its own future.
   */
  static decode(bytes: Uint8Array): Update {
    return Update.read(new Reader(bytes).bytes(bytes.length));
  }

  /** `decode` without a copy: `bytes` must not change while the update is in use. */
  static read(bytes: Uint8Array): Update {
    const reader = new Reader(bytes);
    const layout = reader.u8();
    if (layout === BY_OWN_ID) {
      const names = [readName(reader, USUAL_LENGTH)];
      return new Update(bytes, names, checkOwn(reader));
    }
    if (layout !== BY_ID) throw new CrdtError("UNSUPPORTED_VERSION", "an unknown update format");
    const names = readNames(reader);
    return new Update(bytes, names, checkStretches(reader, names.length));
  }

  /** The operations it holds, in ascending order of replica and seq. */
  get ranges(): readonly OperationRange[] {
    const ranges: OperationRange[] = [];
    for (let at = 0; at < this.#stretches.length; at += STRETCH) {
      const [owner, from, to] = this.#stretches.slice(at, at + 3);
      ranges.push({ replica: this.names[owner], from, to });
    }
    return ranges;
  }

  /** How many stretches of contiguous seqs there are. */
  get stretchCount(): number {
    return this.#stretches.length / STRETCH;
  }

  /** A reader for the rows of one stretch, its bytes, how many rows there are, and the last seq. */
  stretch(number: number): { rows: RowReader; reader: Reader; count: number; last: number } {
    const at = number * STRETCH;
    const reader = new Reader(this.bytes);
    reader.seek(this.#stretches[at + 4]);
    const rows = new RowReader(reader, this.#stretches[at], this.#stretches[at + 1], this.names.length);
    return { rows, reader, count: this.#stretches[at + 3], last: this.#stretches[at + 2] };
  }

  /** Where the rows of a stretch end in `bytes`. */
  endOf(number: number): number {
    return this.#stretches[(number + 1) * STRETCH + 4] ?? this.bytes.length;
  }

  /** The operations, in ascending order of replica and seq, in as few runs as possible. Decoded anew each time. */
  *operations(): Generator<UpdateOperation> {
    for (let number = 0; number < this.stretchCount; number++) {
      const { rows, reader, count } = this.stretch(number);
      for (let left = count; left > 0; left--) {
        rows.read();
        yield operationOf(rows, reader, this.names);
      }
    }
  }
}

/** Reads the content of the row that `rows` has just read. */
function operationOf(rows: RowReader, reader: Reader, names: readonly ReplicaId[]): UpdateOperation {
  const { kind, seq, length } = rows;
  const id = { replica: names[rows.own], seq };
  if (kind === OPAQUE) {
    const row = { id, kind: rows.opaqueKind, bytes: reader.bytes(rows.opaqueLength) };
    return { kind: "row", id, row };
  }
  if (!rows.isInsert) {
    const target = { replica: names[rows.target], seq: rows.targetSeq };
    return { kind: "delete", id, target, length, direction: kind === DELETED_UP ? 1 : -1 };
  }
  const left = idOrNull(names, rows.left, rows.leftSeq);
  const right = kind === CONTINUED ? undefined : idOrNull(names, rows.right, rows.rightSeq);
  if (kind === LEFT_OUT) return { kind: "insert", id, content: "", leftOut: length, left, right };
  let content = "";
  for (let i = 0; i < length; i++) content += String.fromCodePoint(reader.point());
  return { kind: "insert", id, content, left, right };
}

function idOrNull(names: readonly ReplicaId[], replica: number, seq: number): ItemId | null {
  return replica === NO_REPLICA ? null : { replica: names[replica], seq };
}

// update  := 0x11 id:9 bytes, first seq:varint, row+            One replica of 11 characters, own references only.
//          | 0x10 names stretch:count stretch*
// stretch := owner:index first:varint row:count row+            In ascending order, as few as possible.
function checkOwn(reader: Reader): number[] {
  const stretches = [0, reader.varint(), 0, 0, reader.position];
  checkRows(reader, stretches, 1, () => reader.remaining > 0);
  return stretches;
}

function checkStretches(reader: Reader, replicas: number): number[] {
  const all: number[] = [];
  let previous = [-1, 0, 0];
  for (let left = reader.count(5); left > 0; left--) {
    const stretch = [reader.varint(), reader.varint(), 0, 0, 0];
    const [owner, first] = stretch;
    if (owner < previous[0] || (owner === previous[0] && first <= previous[2] + 1) || owner >= replicas) {
      throw new CrdtError("MALFORMED", "stretches out of order");
    }
    const count = reader.count();
    stretch[4] = reader.position;
    checkRows(reader, stretch, replicas, () => stretch[3] < count);
    for (const number of stretch) all.push(number);
    previous = stretch;
  }
  reader.end();
  return all;
}

/** Checks the rows of a stretch, and notes its last seq and how many they are. */
function checkRows(reader: Reader, stretch: number[], replicas: number, goesOn: () => boolean): void {
  if (stretch[1] < 1) throw new CrdtError("MALFORMED", "an operation without a seq");
  const rows = new RowReader(reader, stretch[0], stretch[1], replicas);
  while (goesOn()) {
    rows.read();
    rows.skipContent();
    stretch[3]++;
  }
  if (stretch[3] === 0) throw new CrdtError("MALFORMED", "an empty stretch");
  stretch[2] = rows.next - 1;
}
