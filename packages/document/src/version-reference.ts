import type { VersionVector } from "@motet/crdt-core";
import type { DocumentRecord } from "./document-record.js";
import { DocumentError } from "./errors.js";

/**
 * Names a state of a document: by the number of operations that had arrived, in this server's order; by the vector of what had been seen;
 * by a moment in milliseconds since 1970, to ten seconds; or by the name that somebody gave it.
 */
export type VersionReference =
  | { readonly number: number }
  | { readonly version: VersionVector }
  | { readonly timeMs: number }
  | { readonly name: string };

/**
 * The state that `reference` names, as a vector. Cost: O(arrivals).
 * @throws {DocumentError} `UNKNOWN_VERSION` when there is none.
 */
export function resolveVersion(record: DocumentRecord, reference: VersionReference): VersionVector {
  const version = find(record, reference);
  if (version === undefined || !record.document.version.covers(version)) {
    throw new DocumentError("UNKNOWN_VERSION", "the document was never in that state here");
  }
  return version;
}

function find({ arrivals, names }: DocumentRecord, reference: VersionReference): VersionVector | undefined {
  if ("number" in reference) return arrivals.versionAfter(reference.number);
  if ("version" in reference) return reference.version;
  if ("name" in reference) return names.get(reference.name)?.version;
  return Number.isNaN(reference.timeMs) ? undefined : arrivals.versionAt(reference.timeMs);
}
