import { type ItemId, type OperationRange, type ReplicaId, VersionVector } from "@motet/crdt-core";
import type { Document, LoggedDelete, LoggedInsert, LoggedOperation, Operation } from "@motet/document";
import type { Judge } from "./judge.js";
import type { Piece } from "./outbox.js";
import { isLeftOut } from "./stages.js";

type Ranges = Pick<Piece, "ranges">;

/** What is to be done again, and what is not. */
export interface RebaseOptions {
  /** The document in which the refused operations were made. */
  readonly from: Document;
  /** The document as the server has it, under a new id. */
  readonly onto: Document;
  /** What is not in `onto`, in the order in which it was made, as far as that is known. */
  readonly refused: readonly Ranges[];
  /** Says what is given back instead of being done again. */
  readonly judge: Pick<Judge, "isGivenBack">;
  readonly nowMs: number;
}

/**
 * Does refused operations again, under the new id of `onto`: insertions beside the characters beside which they stood,
 * deletions of the same characters, titles stamped anew. Returns what was not done, as operations on the text as it is
 * now, each after the one before it.
 */
export function rebase(options: RebaseOptions): readonly Operation[] {
  const places = new Places(options.refused);
  const givenBack: Operation[] = [];
  for (const logged of operationsOf(options.from, options.refused)) {
    const isGivenBack = options.judge.isGivenBack(logged);
    const done = redo(options, places, logged, isGivenBack);
    if (isGivenBack) givenBack.push(...done);
  }
  return givenBack;
}

/** The refused operations in the order in which they were made, no run longer than its piece. */
function* operationsOf(document: Document, refused: readonly Ranges[]): Generator<LoggedOperation> {
  const runs = new Map<ReplicaId, Run[]>();
  for (const logged of document.operations(before(document, refused))) {
    entryOf(runs, logged.id.replica, () => []).push(new Run(logged));
  }
  for (const { ranges } of refused) {
    for (const range of ranges) yield* clipped(runs.get(range.replica) ?? [], range);
  }
}

/** The version without the refused operations: they are the newest of their replicas. */
function before(document: Document, refused: readonly Ranges[]): VersionVector {
  const first = firstSeqs(refused);
  const entries = [...document.version].map(
    ([replica, seq]) => [replica, (first.get(replica) ?? seq + 1) - 1] as const,
  );
  return new VersionVector(entries.filter(([, seq]) => seq > 0));
}

/** By replica, the first refused seq. */
function firstSeqs(refused: readonly Ranges[]): Map<ReplicaId, number> {
  const first = new Map<ReplicaId, number>();
  for (const { ranges } of refused) {
    for (const { replica, from } of ranges) first.set(replica, Math.min(from, first.get(replica) ?? from));
  }
  return first;
}

/** What of `runs` is in `range`, taken off their front: pieces come in the order of their seqs. */
function* clipped(runs: Run[], { to }: OperationRange): Generator<LoggedOperation> {
  for (let run = runs[0]; run !== undefined && run.first <= to; run = runs[0]) {
    yield run.takeUntil(to);
    if (!run.isEmpty) return;
    runs.shift();
  }
}

/** A logged operation that is used up piece by piece. Cutting off k characters costs O(k). */
class Run {
  readonly #logged: LoggedOperation;
  readonly #characters: readonly string[];
  #taken = 0;

  constructor(logged: LoggedOperation) {
    this.#logged = logged;
    this.#characters = logged.operation.type === "insert" ? [...logged.operation.text] : [];
  }

  /** The next seq. */
  get first(): number {
    return this.#logged.id.seq + this.#taken;
  }

  get isEmpty(): boolean {
    return this.#taken >= this.#logged.length;
  }

  /** What there is up to the seq `to`, which is not below `first`. */
  takeUntil(to: number): LoggedOperation {
    const id = { replica: this.#logged.id.replica, seq: this.first };
    const length = Math.min(this.#logged.length - this.#taken, to - this.first + 1);
    const operation = this.#operation(id, length);
    this.#taken += length;
    return { id, length, operation };
  }

  #operation(id: ItemId, length: number): LoggedOperation["operation"] {
    const { operation } = this.#logged;
    const skip = this.#taken;
    if (operation.type === "insert") {
      const left = skip === 0 ? operation.left : { replica: id.replica, seq: id.seq - 1 };
      return { ...operation, left, text: this.#characters.slice(skip, skip + length).join("") };
    }
    if (operation.type !== "delete") return operation;
    const { target, direction } = operation;
    return { ...operation, target: { replica: target.replica, seq: target.seq + skip * direction } };
  }
}

/** Does one operation again, unless it is only to be told; returns what it is in positions. */
function redo(
  { onto, nowMs }: RebaseOptions,
  places: Places,
  logged: LoggedOperation,
  isOnlyTold: boolean,
): Operation[] {
  const { operation } = logged;
  switch (operation.type) {
    case "insert": {
      if (isLeftOut(logged)) {
        places.skip(logged, operation.left); // It is deleted, and what it said is not known.
        return [];
      }
      const position = positionOf(onto, places, operation);
      const plain: Operation = { type: "insert", position, text: operation.text };
      if (isOnlyTold) places.skip(logged, operation.left);
      else places.move(logged, onto.apply(plain, nowMs).applied[0]);
      return [plain];
    }
    case "delete":
      return deletionsOf(onto, places, logged, operation, (plain) => {
        if (!isOnlyTold) onto.apply(plain, nowMs);
      });
    case "unknown":
      return []; // A newer version made it; this one cannot make it again.
    default:
      if (!isOnlyTold) onto.apply(operation, nowMs);
      return [operation];
  }
}

function positionOf(onto: Document, places: Places, { left }: LoggedInsert): number {
  return onto.offsetOf({ element: places.beside(left), side: "left" });
}

function deletionsOf(
  onto: Document,
  places: Places,
  { length }: LoggedOperation,
  { target, direction }: LoggedDelete,
  each: (plain: Operation) => void,
): Operation[] {
  const deletions: Operation[] = [];
  for (let step = 0; step < length; step++) {
    const element = places.copyOf({ replica: target.replica, seq: target.seq + step * direction });
    if (element === undefined) continue;
    const position = onto.offsetOf({ element, side: "right" });
    const width = onto.offsetOf({ element, side: "left" }) - position;
    if (width === 0) continue; // Somebody else was quicker.
    const plain: Operation = { type: "delete", position, length: width };
    deletions.push(plain);
    each(plain);
  }
  return deletions;
}

/** Where the characters of refused operations are now. All others are where they were. */
class Places {
  readonly #refusedFrom: ReadonlyMap<ReplicaId, number>;
  readonly #copies = new Map<ReplicaId, Map<number, ItemId>>();
  readonly #neighbours = new Map<ReplicaId, Map<number, ItemId | null>>();

  constructor(refused: readonly Ranges[]) {
    this.#refusedFrom = firstSeqs(refused);
  }

  /** The characters that `logged` inserted are those of `made` now. */
  move({ id, length }: LoggedOperation, made: OperationRange | undefined): void {
    if (made === undefined) return;
    const copies = entryOf(this.#copies, id.replica, () => new Map<number, ItemId>());
    for (let step = 0; step < length; step++) {
      copies.set(id.seq + step, { replica: made.replica, seq: made.from + step });
    }
  }

  /** The characters that `logged` inserted are nowhere; what stood beside them stands beside `left`. */
  skip({ id, length }: LoggedOperation, left: ItemId | null): void {
    const neighbours = entryOf(this.#neighbours, id.replica, () => new Map<number, ItemId | null>());
    const place = this.beside(left);
    for (let step = 0; step < length; step++) neighbours.set(id.seq + step, place);
  }

  /** The element itself, or its copy; `undefined` when there is none. */
  copyOf(id: ItemId): ItemId | undefined {
    if (id.seq < (this.#refusedFrom.get(id.replica) ?? Number.POSITIVE_INFINITY)) return id;
    return this.#copies.get(id.replica)?.get(id.seq);
  }

  /** What an insertion behind `id` goes behind now. */
  beside(id: ItemId | null): ItemId | null {
    if (id === null) return null;
    return this.copyOf(id) ?? this.#neighbours.get(id.replica)?.get(id.seq) ?? null;
  }
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
