import { malformed } from "./errors.js";

declare const replicaBrand: unique symbol;

/**
 * Who made an operation: one instance of a client, a page load, a process. 1 to 64 characters of `[A-Za-z0-9_-]`,
 * so that an id is the same in a file name, a URL and a database key. Two live instances never share one.
 */
export type ReplicaId = string & { readonly [replicaBrand]: "ReplicaId" };

/** The highest seq an operation can have: 2^53 - 1, the last integer that a JavaScript number counts exactly. */
export const SEQ_MAX = Number.MAX_SAFE_INTEGER;

/** The name of one operation, and of the element it inserted: `seq` is in [1, 2^53 - 1], contiguous for each replica. */
export interface ItemId {
  readonly replica: ReplicaId;
  readonly seq: number;
}

/** A stretch of one replica's operations, both ends inclusive, `1 <= from <= to`. */
export interface OperationRange {
  readonly replica: ReplicaId;
  readonly from: number;
  readonly to: number;
}

const SHAPE = /^[A-Za-z0-9_-]{1,64}$/;

/** Whether `text` can name a replica. */
export function isReplicaId(text: unknown): text is ReplicaId {
  return typeof text === "string" && SHAPE.test(text);
}

/**
 * The name of a replica, checked: names come from the network.
 * @throws {CrdtError} `MALFORMED` unless `text` is 1 to 64 characters of `[A-Za-z0-9_-]`.
 */
export function replicaId(text: string): ReplicaId {
  if (!isReplicaId(text)) throw malformed("not a replica id");
  return text;
}

/**
 * The one order of replica ids: by UTF-16 code unit, as a database with the "C" collation has it. No locale, no
 * reading of digits as numbers: `"10" < "9"`. Negative, zero or positive, as `Array.prototype.sort` wants it.
 */
export function compareReplicaIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether `value` counts something: an integer in [0, max]. */
export function isCount(value: unknown, max = SEQ_MAX): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;
}

/** Whether `seq` can number an operation: an integer in [1, 2^53 - 1]. */
export function isSeq(seq: unknown): seq is number {
  return isCount(seq) && seq > 0;
}

/** Whether two names name the same element. */
export function sameId(a: ItemId | null, b: ItemId | null): boolean {
  return a === null || b === null ? a === b : a.seq === b.seq && a.replica === b.replica;
}

/** `id` as text, for messages: `ann:7`. */
export function formatId(id: ItemId): string {
  return `${id.replica}:${id.seq}`;
}
