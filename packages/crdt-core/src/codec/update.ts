import type { OperationRange, ReplicaId } from "../ids.js";
import type { Sequence } from "../text/sequence.js";
import { STATE } from "./layout.js";
import { Reader } from "./reader.js";
import { LEFT_OUT, OPAQUE } from "./row-codec.js";
import { checkState, decodeState, kindsOf } from "./state-decoder.js";
import { StateHeader } from "./state-header.js";
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
  /** A bit for each kind of row among the operations; of a state, for those that are asked for. */
  readonly #kinds: number;
  /** The operations by id. Made of a state when they are first asked for. */
  #byId: ById | undefined;
  /** The document that a state holds, if it is to be taken in at once. */
  #document: Sequence | undefined;
  #ranges: readonly OperationRange[] | undefined;

  private constructor(bytes: Uint8Array, kinds: number, byId?: ById, document?: Sequence) {
    this.bytes = bytes;
    this.#kinds = kinds;
    this.#byId = byId;
    this.#document = document;
  }

  /**
   * Reads and checks everything that can be checked without the document. Keeps a copy of `bytes`, a few numbers for
   * each stretch of contiguous seqs, and nothing for a row; meanwhile it takes at most 8 times as many bytes, and 64 KiB.
   * @throws {CrdtError} `UNSUPPORTED_VERSION` for a format that this release does not know, `MALFORMED` for bytes
   * that no encoder writes, `FORGED_ORIGIN` for an operation that refers to itself or to its own future, `LIMIT` for
   * more elements without characters than so few bytes may bring.
   */
  static decode(bytes: Uint8Array): Update {
    if (!Update.isState(bytes)) return Update.read(new Uint8Array(new Reader(bytes).rest()));
    const kinds = checkState(new StateHeader(bytes));
    return new Update(new Uint8Array(bytes), kinds);
  }

  /**
   * `decode` for an update that is taken in at once. `bytes` are not copied, and must not change while it is in use; of a whole
   * state the document is built at once, which is its check, and kept; that may take a hundred times the memory of the bytes.
   */
  static read(bytes: Uint8Array): Update {
    if (!Update.isState(bytes)) {
      const byId = readById(bytes);
      return new Update(bytes, byId.kinds, byId);
    }
    const document = decodeState(new StateHeader(bytes), false);
    const { characters, log } = document;
    const hasOpaque = log.replicas.some(({ rows }) => rows.length > 0);
    return new Update(bytes, kindsOf(characters.hasMissing, hasOpaque), undefined, document);
  }

  /** Whether characters of deleted text were left out. */
  get leavesOut(): boolean {
    return (this.#kinds & (1 << LEFT_OUT)) !== 0;
  }

  /** Whether there are opaque rows among the operations. */
  get hasOpaqueRows(): boolean {
    return (this.#kinds & (1 << OPAQUE)) !== 0;
  }

  /** Whether `bytes` are a whole state, which `TextCRDT.load` opens without placing anything. */
  static isState(bytes: Uint8Array): boolean {
    return bytes?.[0] === STATE;
  }

  /** The operations it holds, in ascending order of replica and seq. */
  get ranges(): readonly OperationRange[] {
    this.#ranges ??= Update.isState(this.bytes)
      ? new StateHeader(this.bytes).ranges()
      : rangesOf(this.#operationsById());
    return this.#ranges;
  }

  /**
   * The document that this is, which is a whole state, to be used as one's own; undefined when an exception to its order would have to be
   * believed. @internal
   */
  takeDocument(): Sequence | undefined {
    const document = this.#open();
    if (document.log.hasConflict) return undefined;
    this.#document = undefined;
    return document;
  }

  /** The operations by id, whatever layout they came in. @internal */
  get bytesById(): Uint8Array {
    return this.#operationsById().bytes;
  }

  /** What a state believed in is checked by whoever places its operations one by one. */
  #operationsById(): ById {
    if (this.#byId === undefined) {
      const document = this.#open();
      this.#document = undefined;
      this.#byId = readById(new UpdateEncoder(document).encode(document.log.stretchesSince()));
    }
    return this.#byId;
  }

  #open(): Sequence {
    this.#document ??= decodeState(new StateHeader(this.bytes), false);
    return this.#document;
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
