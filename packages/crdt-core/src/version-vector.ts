import { Reader } from "./codec/reader.js";
import { Writer } from "./codec/writer.js";
import { malformed } from "./errors.js";
import { compareReplicaIds, type ItemId, isReplicaId, isSeq, type ReplicaId, replicaId } from "./ids.js";

/**
 * What a replica has seen: for each replica the highest seq up to which it has every operation. Because deletes have
 * ids too, a vector names one state of a document exactly.
 */
export class VersionVector implements Iterable<readonly [ReplicaId, number]> {
  readonly #seen = new Map<ReplicaId, number>();
  #total = 0;

  /** @throws {CrdtError} `MALFORMED` for an entry that is no replica id with a seq. */
  constructor(entries: Iterable<readonly [ReplicaId, number]> = []) {
    for (const [replica, seq] of entries) this.advance(replica, seq);
  }

  /** The highest seq seen of `replica`; 0 when nothing was. */
  get(replica: ReplicaId): number {
    return this.#seen.get(replica) ?? 0;
  }

  /**
   * Notes that everything of `replica` up to `seq` was seen. Never goes backwards.
   * @throws {CrdtError} `MALFORMED` for what is no replica id or no seq.
   */
  advance(replica: ReplicaId, seq: number): void {
    const known = this.get(replica);
    if ((known === 0 && !isReplicaId(replica)) || !isSeq(seq)) throw malformed("version entry");
    if (seq <= known) return;
    this.#seen.set(replica, seq);
    this.#total += seq - known;
  }

  /** Whether the operation `id` was seen. */
  includes(id: ItemId): boolean {
    return id.seq >= 1 && id.seq <= this.get(id.replica);
  }

  /** Whether everything that `other` has seen was seen here too. Cost: O(replicas of `other`). */
  covers(other: VersionVector): boolean {
    return [...other.#seen].every(([replica, seq]) => seq <= this.get(replica));
  }

  /** Whether both have seen the same. */
  equals(other: VersionVector): boolean {
    return this.#seen.size === other.#seen.size && this.covers(other) && other.covers(this);
  }

  /** Takes in everything that `other` has seen: the maximum, replica by replica. */
  merge(other: VersionVector): void {
    for (const [replica, seq] of other.#seen) this.advance(replica, seq);
  }

  /**
   * How many operations were seen: the sum of the entries. It grows by one with each operation, and is what people
   * are shown as "the version". Exact up to 2^53 - 1.
   */
  get total(): number {
    return this.#total;
  }

  /** How many replicas were seen. */
  get size(): number {
    return this.#seen.size;
  }

  /** A vector of its own, which does not follow this one. */
  copy(): VersionVector {
    const copy = new VersionVector();
    for (const [replica, seq] of this.#seen) copy.#seen.set(replica, seq);
    copy.#total = this.#total;
    return copy;
  }

  /** Entries in ascending order of replica ids. */
  *[Symbol.iterator](): IterableIterator<readonly [ReplicaId, number]> {
    yield* [...this.#seen].sort(([a], [b]) => compareReplicaIds(a, b));
  }

  // vector := count:varint entry*            One entry for each replica, in strictly ascending order of ids.
  // entry  := replica:string seq:varint      seq is at least 1.
  /** The one binary form of this vector: equal vectors give equal bytes. */
  encode(): Uint8Array {
    const out = new Writer().varint(this.size);
    for (const [replica, seq] of this) out.string(replica).varint(seq);
    return out.finish();
  }

  /** @throws {CrdtError} `MALFORMED` for anything that `encode` does not write. */
  static decode(bytes: Uint8Array): VersionVector {
    const reader = new Reader(bytes);
    const vector = new VersionVector();
    let previous = "";
    for (let left = reader.count(3); left > 0; left--) {
      const replica = replicaId(reader.string());
      if (compareReplicaIds(previous, replica) >= 0) throw malformed("replica order");
      vector.advance(replica, reader.varint());
      previous = replica;
    }
    reader.end();
    return vector;
  }

  /** As a plain object, replica to seq. */
  toJSON(): Record<string, number> {
    return Object.fromEntries(this); // Defines own properties, so even a replica named `__proto__` is data.
  }

  /** @throws {CrdtError} `MALFORMED` for anything but an object of replica ids and seqs. */
  static fromJSON(json: unknown): VersionVector {
    if (typeof json !== "object" || json === null || Array.isArray(json)) {
      throw malformed("version vector");
    }
    return new VersionVector(Object.entries(json) as [ReplicaId, number][]);
  }
}
