import { type ItemId, type OperationRange, VersionVector } from "@motet/crdt-core";

/** What both have seen. */
export function common(a: VersionVector, b: VersionVector): VersionVector {
  const entries = [...a].map(([replica, seq]) => [replica, Math.min(seq, b.get(replica))] as const);
  return new VersionVector(entries.filter(([, seq]) => seq > 0));
}

/** What `version` has seen and `known` has not. */
export function gaps(known: VersionVector, version: VersionVector): OperationRange[] {
  return clipped(
    known,
    [...version].map(([replica, to]) => ({ replica, from: 1, to })),
  );
}

/** What of `ranges` `known` has not seen. */
export function clipped(known: VersionVector, ranges: readonly OperationRange[]): OperationRange[] {
  return ranges
    .map(({ replica, from, to }) => ({ replica, from: Math.max(from, known.get(replica) + 1), to }))
    .filter(({ from, to }) => from <= to);
}

/** `version` without `operation` and what the same replica made after it. */
export function before(version: VersionVector, { replica, seq }: ItemId): VersionVector {
  const entries = [...version].map(
    ([name, known]) => [name, name === replica ? Math.min(known, seq - 1) : known] as const,
  );
  return new VersionVector(entries.filter(([, known]) => known > 0));
}
