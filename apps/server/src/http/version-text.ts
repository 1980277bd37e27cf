import { VersionVector } from "@motet/crdt-core";
import type { VersionReference } from "@motet/document";

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * The state that a piece of text names, as addresses and bodies have it:
 *
 *     17                          after the first 17 operations
 *     time:2026-11-22T16:00:00Z   at that moment; milliseconds since 1970 will do, too
 *     name:First draft            as somebody named it
 *     vector:{"ann":12,"bob":5}   when exactly these operations had been seen
 *
 * `undefined` when it is nothing of that form; whether there ever was such a state is the document's to say.
 * @throws {CrdtError} `MALFORMED` for a vector of impossible parts.
 */
export function versionReference(text: string): VersionReference | undefined {
  if (/^\d{1,16}$/.test(text)) return { number: Number(text) };
  const colon = text.indexOf(":");
  const rest = text.slice(colon + 1);
  switch (text.slice(0, Math.max(0, colon))) {
    case "name":
      return { name: rest };
    case "time":
      return momentOf(rest);
    case "vector":
      return vectorOf(rest);
    default:
      return undefined;
  }
}

function momentOf(text: string): VersionReference | undefined {
  const timeMs = /^\d{1,16}$/.test(text) ? Number(text) : MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : { timeMs };
}

function vectorOf(text: string): VersionReference | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  return { version: VersionVector.fromJSON(json) };
}
