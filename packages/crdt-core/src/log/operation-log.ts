import { grown, lastAtMost } from "../columns.js";
import { CrdtError } from "../errors.js";
import { formatId, type ItemId, type OperationRange, type ReplicaId } from "../ids.js";
import { VersionVector } from "../version-vector.js";
import type { OpaqueRow } from "./operation.js";
import { INSERT_STRIDE, NONE, ReplicaLog } from "./replica-log.js";

/** How many elements a document may have, deleted ones included: the depth index packs two of their numbers in 53 bits. */
export const ELEMENTS_MAX = 2 ** 26;
/** Deletions that one update may bring, for each element of the document, and how many more. */
const DELETIONS_PER_ELEMENT = 4;
const DELETIONS_FREE = 8192;
/** The highest seq the logs can hold, in 32-bit columns. */
export const LOGGED_SEQ_MAX = 2 ** 31 - 1;

/** Operations of one replica, seqs in [from, to]. */
export interface Stretch {
  readonly log: ReplicaLog;
  readonly from: number;
  readonly to: number;
}

/** The same by the name of the replica. */
export function rangeOf({ log, from, to }: Stretch): OperationRange {
  return { replica: log.replica, from, to };
}

/** Elements without characters that each byte of a state may bring, and how many come free. */
const MISSING_PER_BYTE = 7;
const MISSING_FREE = 8192;

/** How many elements without characters a state of so many bytes may bring. One byte can stand for any number. */
export function missingMax(bytes: number): number {
  return bytes * MISSING_PER_BYTE + MISSING_FREE;
}

/**
 * How many deletions one update may bring to a document of so many elements. A few bytes can delete everything, and
 * again, as often as they say; people who delete the same text at once are few.
 */
export function deletionsMax(elements: number): number {
  return elements * DELETIONS_PER_ELEMENT + DELETIONS_FREE;
}

/**
 * What everybody did, by replica, and whose every element is. Elements are numbered 0, 1, 2 ... in order of arrival;
 * names `(replica, seq)` are known here only, at the border. The logs are the version vector, the outgoing queue, the
 * history, and the source of every encoding; the tree knows nothing but order and visibility.
 */
export class OperationLog {
  readonly replicas: ReplicaLog[] = [];
  readonly #byName = new Map<string, ReplicaLog>();
  /** Whose elements: `[first element, replica index]` at each change of replica in order of arrival. */
  #segments = new Int32Array(2);
  #segmentCount = 0;
  /** Whose the last segment is. */
  #writer: ReplicaLog | undefined;
  /** The segment found last. */
  #hit = 0;
  /** How many elements there are. */
  elements = 0;
  /** Whether an element was ever placed elsewhere than directly behind its left origin. */
  hasConflict = false;

  /** The log of `replica`, made at first sight. */
  of(replica: ReplicaId): ReplicaLog {
    return this.#byName.get(replica) ?? this.#add(replica);
  }

  /** The log of `replica`, if anything of it was ever seen or named. */
  find(replica: ReplicaId): ReplicaLog | undefined {
    return this.#byName.get(replica);
  }

  /** Every opaque row, replica by replica in ascending order, by seq. */
  *opaqueRows(): Generator<OpaqueRow> {
    for (const log of this.sorted()) yield* log.opaqueRows(1);
  }

  /** Logs the insertion of the next `length` elements as a run of its own, its right origin to be set later. */
  loadInsert(log: ReplicaLog, length: number, left: number): void {
    if (log !== this.#writer) this.#openSegment(log);
    log.loadInsert(this.elements, length, left);
    this.elements += length;
  }

  /** Logs the insertion of the next `length` elements. Returns whether it only lengthened the replica's last run. */
  insert(log: ReplicaLog, length: number, left: number, right: number): boolean {
    if (log !== this.#writer) this.#openSegment(log);
    const element = this.elements;
    this.elements += length;
    return log.insert(element, length, left, right);
  }

  /** Logs the deletion of `count` elements from `target` on, downwards when negative, run by run of their insertion. */
  delete(log: ReplicaLog, target: number, count: number): void {
    const step = count < 0 ? -1 : 1;
    for (let element = target, left = Math.abs(count); left > 0; ) {
      const owner = this.owner(element);
      const at = owner.runOfElement(element) * INSERT_STRIDE;
      const start = owner.inserts[at + 1];
      const end = start + owner.inserts[at + 2];
      const taken = Math.min(left, step < 0 ? element - start + 1 : end - element);
      log.delete(element, step * taken, start, end);
      element += step * taken;
      left -= taken;
    }
  }

  /** Whether all elements from `a` to `b` arrived one after the other from one replica. O(1) near the last one asked about. */
  isOneSegment(a: number, b: number): boolean {
    this.owner(a);
    return this.#isHit(b);
  }

  #isHit(element: number): boolean {
    const hit = this.#hit * 2;
    return (
      element >= this.#segments[hit] &&
      (this.#hit + 1 === this.#segmentCount || element < this.#segments[hit + 2])
    );
  }

  /** Whose `element` is. */
  owner(element: number): ReplicaLog {
    if (this.#segmentCount === 1) return this.replicas[this.#segments[1]];
    if (!this.#isHit(element)) {
      this.#hit = lastAtMost({ rows: this.#segments, count: this.#segmentCount, stride: 2 }, 0, element);
    }
    return this.replicas[this.#segments[this.#hit * 2 + 1]];
  }

  /** The left origin of `element`, or NONE for the start of the text. */
  left(element: number): number {
    const log = this.owner(element);
    const at = log.runOfElement(element) * INSERT_STRIDE;
    return log.inserts[at + 1] === element ? log.inserts[at + 3] : element - 1;
  }

  /** The right origin of `element`, or NONE for the end of the text. */
  right(element: number): number {
    return this.owner(element).rightOf(element);
  }

  /**
   * Whether `element` is the next id and the next in order after the one numbered before it, wherever the two stand
   * side by side. True without looking until the first conflict: who arrives next and stands directly behind the
   * last one was put there.
   */
  follows(element: number): boolean {
    return !this.hasConflict || this.left(element) === element - 1;
  }

  /** The seq of `element` in its owner's log. */
  seq(element: number): number {
    return this.owner(element).seqOf(element);
  }

  /** The name of `element`; null for NONE. */
  id(element: number): ItemId | null {
    return element < 0 ? null : { replica: this.owner(element).replica, seq: this.seq(element) };
  }

  /**
   * The element that `id` names.
   * @throws {CrdtError} `UNKNOWN_ID` when this replica has not seen it, or it is no insertion.
   */
  element(id: ItemId): number {
    const log = this.#byName.get(id.replica);
    const isSeen = log !== undefined && id.seq < log.next && Number.isInteger(id.seq);
    const element = isSeen ? log.elementAt(id.seq) : NONE;
    if (element === NONE) throw new CrdtError("UNKNOWN_ID", `no element ${formatId(id)} is known here`);
    return element;
  }

  /** What was seen, as a vector of its own. */
  version(): VersionVector {
    const version = new VersionVector();
    for (const log of this.replicas) if (log.next > 1) version.advance(log.replica, log.next - 1);
    return version;
  }

  /** The logs of all replicas that did anything, in ascending order of ids. */
  sorted(): ReplicaLog[] {
    const active = this.replicas.filter((log) => log.next > 1);
    return active.sort((a, b) => (a.replica < b.replica ? -1 : 1));
  }

  /** What `since` lacks; everything without it. */
  stretchesSince(since?: VersionVector, upTo?: VersionVector): Stretch[] {
    const stretches: Stretch[] = [];
    for (const log of this.sorted()) {
      const from = (since?.get(log.replica) ?? 0) + 1;
      const to = Math.min(log.next - 1, upTo?.get(log.replica) ?? log.next);
      if (from <= to) stretches.push({ log, from, to });
    }
    return stretches;
  }

  /** Forgets the elements from `elements` on, and the replicas from `replicas` on. The logs of the others are truncated by themselves. */
  truncate(elements: number, replicas: number): void {
    for (const { replica } of this.replicas.splice(replicas)) this.#byName.delete(replica);
    this.elements = elements;
    this.#hit = 0;
    while (this.#segmentCount > 0 && this.#segments[(this.#segmentCount - 1) * 2] >= elements)
      this.#segmentCount--;
    this.#writer =
      this.#segmentCount === 0 ? undefined : this.replicas[this.#segments[this.#segmentCount * 2 - 1]];
  }

  /** Opens a segment for `log` at the next element. */
  #openSegment(log: ReplicaLog): void {
    const at = this.#segmentCount++ * 2;
    this.#segments = grown(this.#segments, at + 2);
    this.#segments[at] = this.elements;
    this.#segments[at + 1] = log.index;
    this.#writer = log;
  }

  #add(replica: ReplicaId): ReplicaLog {
    const log = new ReplicaLog(replica, this.replicas.length);
    this.replicas.push(log);
    this.#byName.set(replica, log);
    return log;
  }
}
