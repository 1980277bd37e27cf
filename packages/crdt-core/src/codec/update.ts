import { CrdtError, malformed } from "../errors.js";
import type { OperationRange, ReplicaId } from "../ids.js";
import type { Stretch } from "../log/operation-log.js";
import type { Sequence } from "../text/sequence.js";
import { BY_ID, BY_OWN_ID, STATE } from "./layout.js";
import { Reader } from "./reader.js";
import { readName, readNames, USUAL_LENGTH } from "./replica-names.js";
import { LEFT_OUT, OPAQUE, RowReader } from "./row-codec.js";
import { decodeState, StateHeader } from "./state-decoder.js";
import { UpdateEncoder } from "./update-codec.js";

/** Stretches of rows, checked. */
interface Stretches {
  /** STRETCH numbers each. */
  readonly stretches: readonly number[];
  /** A bit for each kind of row among them. */
  readonly kinds: number;
}

/** Operations by id, checked, and the replicas that they name. */
interface ById extends Stretches {
  readonly bytes: Uint8Array;
  readonly names: readonly ReplicaId[];
}

/** Numbers kept for each stretch: owner, first seq, last seq, rows, position of the first row. */
const STRETCH = 5;

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
    this.#ranges ??= this.#document?.log.stretchesSince().map(rangeOf) ?? rangesOf(this.#operationsById());
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
   * believed.
   */
  takeDocument(): Sequence | undefined {
    const document = this.#document;
    if (document === undefined || document.log.hasConflict) return undefined;
    this.#document = undefined;
    return document;
  }

  /** How many stretches of contiguous seqs there are. */
  get stretchCount(): number {
    return this.#operationsById().stretches.length / STRETCH;
  }

  /** A reader for the rows of one stretch, how many they are, the last seq, and where they end. */
  stretch(number: number): { rows: RowReader; reader: Reader; count: number; last: number; end: number } {
    const { bytes, names, stretches } = this.#operationsById();
    const at = number * STRETCH;
    const reader = new Reader(bytes);
    reader.seek(stretches[at + 4]);
    const rows = new RowReader(reader, stretches[at], stretches[at + 1], names.length);
    const end = stretches[at + STRETCH + 4] ?? bytes.length;
    return { rows, reader, count: stretches[at + 3], last: stretches[at + 2], end };
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

function rangesOf({ names, stretches }: ById): OperationRange[] {
  const ranges: OperationRange[] = [];
  for (let at = 0; at < stretches.length; at += STRETCH) {
    ranges.push({ replica: names[stretches[at]], from: stretches[at + 1], to: stretches[at + 2] });
  }
  return ranges;
}

// update  := 0x11 id:9 bytes, first seq:varint, row+            One replica of 11 characters, own references only.
//          | 0x10 names stretch:count stretch*
// stretch := owner:index first:varint row:count row+            In ascending order, as few as possible.
function checkOwn(reader: Reader): Stretches {
  const stretches = [0, reader.varint(), 0, 0, reader.position];
  return { stretches, kinds: checkRows(reader, stretches, 1, Number.POSITIVE_INFINITY) };
}

function checkStretches(reader: Reader, replicas: number): Stretches {
  const stretches: number[] = [];
  let kinds = 0;
  let previous = [-1, 0, 0];
  for (let left = reader.count(5); left > 0; left--) {
    const [owner, first, count] = [reader.varint(), reader.varint(), reader.count()];
    if (owner < previous[0] || (owner === previous[0] && first <= previous[2] + 1) || owner >= replicas) {
      throw malformed("stretch order");
    }
    const stretch = [owner, first, 0, 0, reader.position];
    kinds |= checkRows(reader, stretch, replicas, count);
    for (const number of stretch) stretches.push(number);
    previous = stretch;
  }
  reader.end();
  return { stretches, kinds };
}

/** Checks `count` rows of a stretch, or all there are, and notes its last seq and how many they are. Returns their kinds. */
function checkRows(reader: Reader, stretch: number[], replicas: number, count: number): number {
  if (stretch[1] < 1) throw malformed("no seq");
  const rows = new RowReader(reader, stretch[0], stretch[1], replicas);
  const isCounted = count !== Number.POSITIVE_INFINITY;
  let kinds = 0;
  let read = 0;
  for (; isCounted ? read < count : reader.remaining > 0; read++) {
    rows.read();
    rows.skipContent();
    kinds |= 1 << rows.kind;
  }
  if (read === 0) throw malformed("empty stretch");
  stretch[2] = rows.next - 1;
  stretch[3] = read;
  return kinds;
}
