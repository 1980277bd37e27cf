import { compareTimestamps, type Timestamp, timestamp } from "./hybrid-logical-clock.js";
import { compareReplicaIds, type ReplicaId, replicaId } from "./ids.js";

/** What a register holds, and the write that put it there. */
export interface RegisterState<T> {
  readonly value: T;
  readonly timestamp: Timestamp;
  readonly writer: ReplicaId;
}

/**
 * One value, of which the last writer wins: the higher timestamp, and of equal ones the higher replica id. A writer
 * never uses one timestamp for two values; a `HybridLogicalClock` sees to that.
 */
export class LWWRegister<T> {
  #state: RegisterState<T> | undefined;

  /**
   * Writes `value` unless a later write is known.
   * @returns whether it won. The same write again does not.
   * @throws {CrdtError} `MALFORMED` when `timestamp` is no timestamp or `writer` no replica id.
   */
  set(value: T, stamp: Timestamp, writer: ReplicaId): boolean {
    const candidate = { value, timestamp: timestamp(stamp), writer: replicaId(writer) };
    if (this.#state !== undefined && compareWrites(candidate, this.#state) <= 0) return false;
    this.#state = candidate;
    return true;
  }

  /** The value that won; `undefined` before the first write. */
  get value(): T | undefined {
    return this.#state?.value;
  }

  /** The value with its timestamp and writer; `undefined` before the first write. */
  get state(): RegisterState<T> | undefined {
    return this.#state;
  }

  /** Takes in the write that `other` holds. @returns whether it won here. */
  merge(other: LWWRegister<T>): boolean {
    const theirs = other.#state;
    return theirs !== undefined && this.set(theirs.value, theirs.timestamp, theirs.writer);
  }
}

function compareWrites(a: RegisterState<unknown>, b: RegisterState<unknown>): number {
  return compareTimestamps(a.timestamp, b.timestamp) || compareReplicaIds(a.writer, b.writer);
}
