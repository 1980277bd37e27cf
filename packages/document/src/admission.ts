import type { ItemId, OperationRange, ReplicaId } from "@motet/crdt-core";
import type { ChangeContext } from "./commit.js";
import type { DocumentRecord } from "./document-record.js";
import { DraftText } from "./draft-text.js";
import { DocumentError } from "./errors.js";
import type { UserId } from "./ids.js";
import { mustBeWellFormed } from "./kinds/well-formed.js";
import type { DocumentLimits } from "./limits.js";
import { countCharacters } from "./logged-operation.js";
import { type Operation, type RowOperation, rowKindOf } from "./operation.js";

/** The latest time of an arrival: two of them, and the way from one to the other, are numbers that a log can hold. Some 140,000 years from now. */
const ARRIVAL_MS_MAX = 2 ** 52 - 1;

const NONE: ReadonlySet<ReplicaId> = new Set();

/** The checks that a change passes before it touches a server's document. Each throws a typed error and changes nothing. */
export class Admission {
  readonly #record: DocumentRecord;
  readonly #limits: DocumentLimits;

  constructor(record: DocumentRecord, limits: DocumentLimits) {
    this.#record = record;
    this.#limits = limits;
  }

  /** @throws {DocumentError} `MALFORMED` for a time or a message name that cannot be stored. */
  checkContext({ nowMs, message }: ChangeContext): void {
    if (!Number.isInteger(nowMs) || nowMs < 0 || nowMs > ARRIVAL_MS_MAX)
      throw new DocumentError("MALFORMED", "not a time in milliseconds");
    if (message === undefined) return;
    mustBeWellFormed("client's name", message.client, 1, 128);
    if (!Number.isSafeInteger(message.id) || message.id < 1) {
      throw new DocumentError("MALFORMED", "a message's number is an integer of at least 1");
    }
  }

  /** @throws {DocumentError} `LIMIT` when the document has no room for all of them. */
  checkRoom(operations: readonly Operation[]): void {
    const { length, rowBytes } = this.#record.document;
    if (rowBytes >= this.#limits.rowBytesMax && operations.some(isRow))
      throw tooMuch("titles, counts and fields");
    if (length + sum(operations, unitsAdded) > this.#limits.textUnitsMax) throw tooMuch("characters");
    this.#checkCount(sum(operations, seqsOf));
  }

  /**
   * Whether all of them can be made, one after the other, beginning with a document of that `text`.
   * @throws {CrdtError} `OUT_OF_RANGE`. @throws {DocumentError} `MALFORMED`, `LIMIT`.
   */
  checkAll(operations: readonly Operation[], text: string): void {
    if (operations.length === 0) throw new DocumentError("MALFORMED", "no operation");
    this.checkRoom(operations);
    const draft = new DraftText(text);
    for (const operation of operations) {
      if (operation.type === "insert") draft.insert(operation.position, operation.text);
      else if (operation.type === "delete") draft.delete(operation.position, operation.length);
      else mustBeSayable(operation);
    }
  }

  /**
   * Whether `user` may bring these operations: whatever is new is under replicas of theirs, or of nobody's yet.
   * @returns the replicas that are nobody's yet.
   * @throws {DocumentError} `REPLICA_TAKEN`, `LIMIT`; `DELETED` for what belonged to a document that was deleted.
   */
  checkRanges(ranges: readonly OperationRange[], user: UserId): ReadonlySet<ReplicaId> {
    const { arrivals, bindings } = this.#record;
    let unbound: Set<ReplicaId> | undefined; // For each edit, and hardly ever anything in it.
    let count = 0;
    for (const { replica, from, to } of ranges) {
      const operation = { replica, seq: Math.max(from, arrivals.seen(replica) + 1) };
      if (operation.seq > to) continue;
      count += to - operation.seq + 1;
      if (this.#record.isRetired(replica)) {
        throw new DocumentError("DELETED", "the document was deleted: nothing of it comes back", {
          operation,
        });
      }
      if (bindings.check(operation, user)) unbound = (unbound ?? new Set()).add(replica);
      this.#checkCount(count, operation);
      const replicas = bindings.size + (unbound?.size ?? 0);
      if (replicas > this.#limits.replicasMax) throw tooMuch("replicas", operation);
    }
    return unbound ?? NONE;
  }

  #checkCount(count: number, operation?: ItemId): void {
    const total = this.#record.document.versionNumber + count;
    if (total > this.#limits.operationsMax) throw tooMuch("operations", operation);
  }
}

function isRow({ type }: Operation): boolean {
  return rowKindOf(type) !== undefined;
}

/** Writes it, for nobody to read. */
function mustBeSayable(operation: RowOperation): void {
  const kind = rowKindOf(operation.type);
  if (kind === undefined) throw new DocumentError("MALFORMED", "there is no operation of that type");
  kind.write(operation, () => ({ wallMs: 0, counter: 0 }));
}

function sum(operations: readonly Operation[], measure: (operation: Operation) => number): number {
  return operations.reduce((total, operation) => total + measure(operation), 0);
}

/** How many UTF-16 code units longer it makes the text. */
function unitsAdded(operation: Operation): number {
  if (operation.type === "insert") return operation.text.length;
  return operation.type === "delete" ? -operation.length : 0;
}

/** At most how many seqs it takes. */
function seqsOf(operation: Operation): number {
  if (operation.type === "insert") return countCharacters(operation.text);
  return operation.type === "delete" ? operation.length : 1;
}

function tooMuch(what: string, operation?: ItemId): DocumentError {
  return new DocumentError("LIMIT", `the document holds no more ${what}`, operation && { operation });
}
