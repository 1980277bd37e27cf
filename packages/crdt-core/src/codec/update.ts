import type { OperationRange, ReplicaId } from "../ids.js";
import { rangeOf } from "../log/operation-log.js";
import type { Sequence } from "../text/sequence.js";
import { STATE } from "./layout.js";
import { Reader } from "./reader.js";
import { LEFT_OUT, OPAQUE } from "./row-codec.js";
import { decodeState, StateHeader } from "./state-decoder.js";
import { UpdateEncoder } from "./update-codec.js";
import { UpdateReader } from "./update-reader.js";

/** Operations by id, checked. */
interface ById {
  readonly bytes: Uint8Array;
  readonly names: readonly ReplicaId[];
  /** `[replica, first seq, last seq]` of each stretch: three numbers, since a stranger's may have five bytes. */
  readonly stretches: readonly number[];
  /** A bit for each kind of row among them. */
  readonly kinds: number;
}

/** A set of operations, decoded: what clients send, servers relay and stores keep. */
export class Update {
  /** The encoded form. */
  readonly bytes: Uint8Array;
  /** The operations by id. Made of a state when they are first asked for. */
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
    return Update.read(new Reader(bytes).rest().slice());
  }

  /** `decode` without a copy: `bytes` must not change while the update is in use. */
  static read(bytes: Uint8Array): Update {
    return Update.isState(bytes)
      ? new Update(bytes, undefined, decodeState(new StateHeader(bytes), false))
      : new Update(bytes, readById(bytes));
  }

  /** Whether `bytes` are a whole state, which `TextCRDT.load` opens without placing anything. */
  static isState(bytes: Uint8Array): boolean {
    return bytes?.[0] === STATE;
  }

  /** The operations it holds, in ascending order of replica and seq. */
  get ranges(): readonly OperationRange[] {
    this.#ranges ??= this.#document?.log.stretchesSince().map(rangeOf) ?? rangesOf(this.#operationsById());
    return this.#ranges;
  }

  /** Whether characters of deleted text were left out. */
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

  /** The operations by id, whatever layout they came in. @internal */
  get bytesById(): Uint8Array {
    return this.#operationsById().bytes;
  }

  #holds(kind: number): boolean {
    return (this.#operationsById().kinds & (1 << kind)) !== 0;
  }

  /** What a state believed in is checked by whoever places its operations one by one. */
  #operationsById(): ById {
    if (this.#byId === undefined) {
      const document = this.#document ?? decodeState(new StateHeader(this.bytes), false);
      this.#byId = readById(new UpdateEncoder(document).encode(document.log.stretchesSince()));
    }
    return this.#byId;
  }
}

function rangesOf({ names, stretches }: ById): OperationRange[] {
  const ranges: OperationRange[] = [];
  for (let at = 0; at < stretches.length; at += 3)
    ranges.push({ replica: names[stretches[at]], from: stretches[at + 1], to: stretches[at + 2] });
  return ranges;
}

/** Checks everything. @throws {CrdtError} as `Update.decode` does. */
function readById(bytes: Uint8Array): ById {
  const reader = new UpdateReader().open(bytes);
  const stretches = new Array<number>(reader.stretches * 3);
  for (let at = 0; reader.nextStretch(); at += 3) {
    stretches[at] = reader.rows.own;
    stretches[at + 1] = reader.rows.next;
    reader.checkStretch();
    stretches[at + 2] = reader.rows.next - 1;
  }
  reader.end();
  return { bytes, names: reader.table.names, stretches, kinds: reader.kinds };
}
