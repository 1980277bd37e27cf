import { CrdtError, malformed } from "../errors.js";
import type { OperationRange, ReplicaId } from "../ids.js";
import type { Stretch } from "../log/operation-log.js";
import type { Sequence } from "../text/sequence.js";
import { BY_ID, BY_OWN_ID, STATE } from "./layout.js";
import { Reader } from "./reader.js";
import { readName, readNames, USUAL_LENGTH } from "./replica-names.js";
import { CONTINUED, LEFT_OUT, NO_REPLICA, OPAQUE, RowReader } from "./row-codec.js";
import { decodeState, StateHeader } from "./state-decoder.js";
import { UpdateEncoder } from "./update-codec.js";

/** Stretches of rows, checked: a few numbers for each, since a stranger's may have five bytes. */
interface Stretches {
  /** Where each begins. */
  readonly starts: Uint32Array;
  /** The last seq of each. */
  readonly lasts: Float64Array;
  /** How many rows the only one has, in the layout that does not say it; else 0. */
  readonly ownRows: number;
  /** A bit for each kind of row among them. */
  readonly kinds: number;
}

/** Operations by id, checked, and the replicas that they name. */
interface ById extends Stretches {
  readonly bytes: Uint8Array;
  readonly names: readonly ReplicaId[];
}

/** A set of operations, decoded: what clients send, servers relay and stores keep. */
export class Update {
  /** The encoded form. */
  readonly bytes: Uint8Array;
  /** The operations by id, in the layout that `stretch` reads. Made of a state when they are first asked for. */
  #byId: ById | undefined;
  /** The document that a state holds. */
  #document: Sequence | undefined;
  #ranges: readonly OperationRange[] | undefined = undefined;

  private constructor(bytes: Uint8Array, byId: ById | undefined, document?: Sequence) {
    this.bytes = bytes;
    this.#byId = byId;
    this.#document = document;
  }

  /**
   * Reads and checks everything that can be checked without the document. Keeps a copy of `bytes`, a few numbers for
   * each stretch of contiguous seqs, and nothing for a row; of a whole state it builds the document.
   * @throws {CrdtError} `UNSUPPORTED_VERSION` for a format that this release does not know, `MALFORMED` for bytes
   * that no encoder writes, `FORGED_ORIGIN` for an operation that refers to itself or to its own future, `LIMIT` for
   * more elements without characters than so few bytes may bring.
   */
  static decode(bytes: Uint8Array): Update {
    return Update.read(new Reader(bytes).copy(0, bytes.length));
  }

  /** `decode` without a copy: `bytes` must not change while the update is in use. */
  static read(bytes: Uint8Array): Update {
    const reader = new Reader(bytes);
    const layout = reader.u8();
    if (layout === STATE) return new Update(bytes, undefined, decodeState(new StateHeader(bytes), false));
    if (layout === BY_OWN_ID) {
      const names = [readName(reader, USUAL_LENGTH)];
      return new Update(bytes, { bytes, names, ...checkOwn(reader) });
    }
    if (layout !== BY_ID) throw new CrdtError("UNSUPPORTED_VERSION", "update format");
    const names = readNames(reader);
    return new Update(bytes, { bytes, names, ...checkStretches(reader, names.length) });
  }

  /** Whether `bytes` are a whole state, which `TextCRDT.load` opens without placing anything. */
  static isState(bytes: Uint8Array): boolean {
    return bytes[0] === STATE;
  }

  /** The operations it holds, in ascending order of replica and seq. */
  get ranges(): readonly OperationRange[] {
    this.#ranges ??= this.#document?.log.stretchesSince().map(rangeOf) ?? rangesOf(this);
    return this.#ranges;
  }

  /** Whether characters of deleted text were left out: no client has a reason to send that. */
  get leavesOut(): boolean {
    return this.#document?.characters.hasMissing ?? this.#holds(LEFT_OUT);
  }

  /** Whether there are opaque rows among the operations. */
  get hasOpaqueRows(): boolean {
    return this.#document?.log.replicas.some(({ rows }) => rows.length > 0) ?? this.#holds(OPAQUE);
  }

  /** Every replica that the update names, in ascending order. */
  get names(): readonly ReplicaId[] {
    return this.#operationsById().names;
  }

  /** The document that a whole state is, for reading. @internal */
  get document(): Sequence | undefined {
    return this.#document;
  }

  /**
   * The document that a whole state is, to be used as one's own; undefined unless no exception to its order has to be
   * believed. @internal
   */
  takeDocument(): Sequence | undefined {
    const document = this.#document;
    if (document === undefined || document.log.hasConflict) return undefined;
    this.#document = undefined;
    return document;
  }

  /** How many stretches of contiguous seqs there are. */
  get stretchCount(): number {
    return this.#operationsById().starts.length;
  }

  /** A reader for the rows of one stretch, how many they are, the last seq, and where they end. @internal */
  stretch(number: number): { rows: RowReader; reader: Reader; count: number; last: number; end: number } {
    const { bytes, names, starts, lasts, ownRows } = this.#operationsById();
    const reader = new Reader(bytes);
    reader.seek(starts[number]);
    const owner = ownRows > 0 ? 0 : reader.varint();
    const first = reader.varint();
    const count = ownRows > 0 ? ownRows : reader.varint();
    const rows = new RowReader(reader, owner, first, names.length);
    return { rows, reader, count, last: lasts[number], end: starts[number + 1] ?? bytes.length };
  }

  #holds(kind: number): boolean {
    return (this.#operationsById().kinds & (1 << kind)) !== 0;
  }

  /** What a state believed in is checked by whoever places its operations one by one. */
  #operationsById(): ById {
    if (this.#byId === undefined) {
      const document = this.#document ?? decodeState(new StateHeader(this.bytes), false);
      this.#byId = Update.read(new UpdateEncoder(document).encode(document.log.stretchesSince()))!.#byId!;
    }
    return this.#byId;
  }
}

function rangeOf({ log, from, to }: Stretch): OperationRange {
  return { replica: log.replica, from, to };
}

function rangesOf(update: Update): OperationRange[] {
  return Array.from({ length: update.stretchCount }, (_, number) => {
    const { rows, last } = update.stretch(number);
    return { replica: update.names[rows.own], from: rows.next, to: last };
  });
}

// update  := 0x11 id:9 bytes, first seq:varint, row+            One replica of 11 characters, own references only.
//          | 0x10 names stretch:count stretch*
// stretch := owner:index first:varint row:count row+            In ascending order, as few as possible.
function checkOwn(reader: Reader): Stretches {
  const start = reader.position;
  const check = new RowCheck(reader, 1);
  const last = check.stretch(0, reader.varint(), Number.POSITIVE_INFINITY);
  return {
    starts: Uint32Array.of(start),
    lasts: Float64Array.of(last),
    ownRows: check.rows,
    kinds: check.kinds,
  };
}

function checkStretches(reader: Reader, replicas: number): Stretches {
  const check = new RowCheck(reader, replicas);
  const count = reader.count(5);
  const [starts, lasts] = [new Uint32Array(count), new Float64Array(count)];
  for (let number = 0, before = -1; number < count; number++) {
    starts[number] = reader.position;
    const [owner, first, rows] = [reader.varint(), reader.varint(), reader.count()];
    const isBehind = owner > before || (owner === before && first > lasts[number - 1] + 1);
    if (!isBehind || owner >= replicas) throw malformed("stretch order");
    lasts[number] = check.stretch(owner, first, rows);
    before = owner;
  }
  reader.end();
  check.end();
  return { starts, lasts, ownRows: 0, kinds: check.kinds };
}

/** The first pass over the rows of an update. */
class RowCheck {
  readonly #reader: Reader;
  /** For each replica of the table, whether a row names it. */
  readonly #named: Uint8Array;
  /** How many rows there were, and of which kinds, as bits. */
  rows = 0;
  kinds = 0;

  constructor(reader: Reader, replicas: number) {
    this.#reader = reader;
    this.#named = new Uint8Array(replicas);
  }

  /** Checks `count` rows of a stretch, or all there are. Returns its last seq. */
  stretch(owner: number, first: number, count: number): number {
    if (first < 1 || count === 0) throw malformed("empty stretch");
    const rows = new RowReader(this.#reader, owner, first, this.#named.length);
    const isCounted = count !== Number.POSITIVE_INFINITY;
    const before = this.rows;
    for (; isCounted ? this.rows < before + count : this.#reader.remaining > 0; this.rows++) {
      rows.read();
      rows.skipContent();
      this.kinds |= 1 << rows.kind;
      this.#noteNames(rows);
    }
    if (this.rows === before) throw malformed("empty stretch");
    return rows.next - 1;
  }

  /** Refuses replicas in the table that nobody names. */
  end(): void {
    if (this.#named.includes(0)) throw malformed("unused replica");
  }

  #noteNames({ own, isInsert, kind, left, right, target }: RowReader): void {
    this.#named[own] = 1;
    if (!isInsert) {
      if (kind !== OPAQUE) this.#named[target] = 1;
    } else {
      if (left !== NO_REPLICA) this.#named[left] = 1;
      if (kind !== CONTINUED && right !== NO_REPLICA) this.#named[right] = 1;
    }
  }
}
