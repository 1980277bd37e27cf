import { CrdtError } from "../errors.js";
import { compareReplicaIds, type ReplicaId } from "../ids.js";
import type { Reader } from "./reader.js";
import * as row from "./row-codec.js";
import { RowJoiner } from "./row-joiner.js";
import { TypedJoiner } from "./typed-joiner.js";
import { Update } from "./update.js";

/** A stretch of an update, read as far as it was merged. Replicas are numbers in a list of the names in all updates. */
interface Source {
  /** What the replicas of the update are called in that list. */
  readonly names: readonly number[];
  readonly rows: row.RowReader;
  readonly reader: Reader;
  /** How many operations of the row that was read are merged. */
  done: number;
  /** Rows behind that. */
  left: number;
}

/**
 * One update that holds what any of `updates` holds, without a document: for stores and relays. The order does not
 * matter, duplicates are dropped, and characters that one of them left out are taken from another.
 * Cost: O(bytes), and O(n log n) in the stretches that are left when what was typed together is joined; where operations
 * come again, their rows are compared with each other.
 * @throws {CrdtError} as `Update.decode` does, and `CONFLICT` when two of them give one id to different operations.
 */
export function mergeUpdates(updates: readonly Uint8Array[]): Uint8Array {
  const known = new Map<ReplicaId, number>();
  const sources = new TypedJoiner().join(updates).flatMap((bytes) => sourcesOf(Update.decode(bytes), known));
  const names = [...known.keys()];
  sources.sort((a, b) => compareReplicaIds(names[ownerOf(a)], names[ownerOf(b)]) || seqOf(a) - seqOf(b));
  const joiner = new RowJoiner();
  let active: Source[] = [];
  for (let at = 0; at < sources.length || active.length > 0; ) {
    if (active.length === 0) active = [sources[at++]];
    const [owner, seq] = [ownerOf(active[0]), seqOf(active[0])];
    const isNear = () => at < sources.length && ownerOf(sources[at]) === owner;
    while (isNear() && seqOf(sources[at]) === seq) active.push(sources[at++]);
    const ends = active.map(({ rows }) => rows.next);
    const count = Math.min(...ends, isNear() ? seqOf(sources[at]) : Number.POSITIVE_INFINITY) - seq;
    take(joiner, active, count);
    active = active.filter((source) => advance(source, count));
  }
  return joiner.encode(names);
}

function ownerOf({ names, rows }: Source): number {
  return names[rows.own];
}

/** The seq of the next operation to merge. */
function seqOf({ rows, done }: Source): number {
  return rows.seq + done;
}

/** The stretches of `update`, each at its first row. New names are added to `known`. */
function sourcesOf(update: Update, known: Map<ReplicaId, number>): Source[] {
  const names = update.names.map((name) => {
    if (!known.has(name)) known.set(name, known.size);
    return known.get(name)!;
  });
  return Array.from({ length: update.stretchCount }, (_, number) => {
    const { rows, reader, count } = update.stretch(number);
    rows.read();
    return { names, rows, reader, done: 0, left: count - 1 };
  });
}

/** Goes behind `count` operations. Returns whether there are more. */
function advance(source: Source, count: number): boolean {
  const { rows } = source;
  source.done += count;
  if (source.done < rows.length) return true;
  if (source.left === 0) return false;
  source.left--;
  source.done = 0;
  rows.read();
  return true;
}

/** Adds the next `count` operations, which all of `sources` hold in one row each and must say the same about. */
function take(joiner: RowJoiner, sources: readonly Source[], count: number): void {
  const source = sources.find(({ rows }) => rows.kind !== row.LEFT_OUT) ?? sources[0];
  const others = sources.filter((other) => other !== source);
  for (const other of others) refuse(!isSame(source, other, count));
  const { rows, reader } = source;
  joiner.add(rows, source.names, source.done, count);
  if (rows.kind === row.OPAQUE) {
    const bytes = reader.bytes(rows.opaqueLength);
    for (const other of others) {
      const theirs = other.reader.bytes(bytes.length);
      refuse(bytes.some((byte, index) => byte !== theirs[index]));
    }
    joiner.content.bytes(bytes);
  } else if (rows.isInsert && rows.kind !== row.LEFT_OUT) {
    const readable = others.filter((other) => other.rows.kind !== row.LEFT_OUT);
    for (let left = count; left > 0; left--) {
      const point = reader.point();
      for (const other of readable) refuse(other.reader.point() !== point);
      joiner.content.point(point);
    }
  }
}

function refuse(isOther: boolean): void {
  if (isOther) throw new CrdtError("CONFLICT", "one id, two operations");
}

/** Whether two say the same about the next `count` operations, but for what they insert. */
function isSame(a: Source, b: Source, count: number): boolean {
  if (a.rows.isInsert && b.rows.isInsert) return hasSameOrigins(a, b);
  if (a.rows.isInsert || b.rows.isInsert) return false;
  if (a.rows.kind === row.OPAQUE || b.rows.kind === row.OPAQUE) {
    const isOpaque = a.rows.kind === b.rows.kind && a.rows.opaqueKind === b.rows.opaqueKind;
    return isOpaque && a.rows.opaqueLength === b.rows.opaqueLength;
  }
  const isTarget = a.names[a.rows.target] === b.names[b.rows.target] && targetOf(a) === targetOf(b);
  return isTarget && (count === 1 || a.rows.kind === b.rows.kind);
}

function targetOf({ rows, done }: Source): number {
  return rows.kind === row.DELETED_UP ? rows.targetSeq + done : rows.targetSeq - done;
}

function hasSameOrigins(a: Source, b: Source): boolean {
  const [left, right] = [originsOf(a), originsOf(b)];
  if (left[0] !== right[0] || left[1] !== right[1]) return false;
  return left.length === 2 || right.length === 2 || (left[2] === right[2] && left[3] === right[3]);
}

/** The left origin and, where the row tells it, the right one: a replica and a seq each. */
function originsOf(source: Source): number[] {
  const { names, rows, done } = source;
  const nameOf = (index: number) => (index === row.NO_REPLICA ? index : names[index]);
  const isInside = done > 0 || rows.kind === row.CONTINUED;
  const left = isInside ? [ownerOf(source), seqOf(source) - 1] : [nameOf(rows.left), rows.leftSeq];
  if (isInside && rows.kind !== row.LEFT_OUT) return left;
  return [...left, nameOf(rows.right), rows.rightSeq];
}
