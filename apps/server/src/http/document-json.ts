import type { VersionVector } from "@motet/crdt-core";
import type {
  AuthoredStep,
  BlamedRange,
  DocumentSnapshot,
  HistoryDiff,
  ListedChange,
  NamedVersion,
  Sitting,
} from "@motet/document";

// What the addresses answer. Field names are those of the WebSocket messages: `user_id`, `doc_id`, times in `_ms`.

/** Which state: its number, for people, and its vector, which names it for ever. */
export function stateJson(version: VersionVector) {
  return { version: version.total, vector: version.toJSON() };
}

/** A whole document. */
export function documentJson({ id, version, title, text, counters, fields }: DocumentSnapshot) {
  return {
    doc_id: id,
    ...stateJson(version),
    title,
    text,
    counters: Object.fromEntries(counters),
    fields: Object.fromEntries(fields),
  };
}

/** What changed between two states. */
export function diffJson({ from, to, title, counters, fields, authored }: HistoryDiff) {
  return {
    from: stateJson(from),
    to: stateJson(to),
    ...(title && { title }),
    counters: Object.fromEntries(counters),
    fields: Object.fromEntries(fields),
    text: authored.map(stepJson),
  };
}

function stepJson(step: AuthoredStep) {
  if ("retain" in step) return step;
  const { user, atMs, ...change } = step;
  return { ...change, user_id: user, at_ms: atMs };
}

/** Who wrote a stretch of the text. */
export function rangeJson({ from, to, user, atMs }: BlamedRange) {
  return { from, to, user_id: user, at_ms: atMs };
}

/** A time in which people worked. */
export function sittingJson({ users, fromMs, toMs, before, after }: Sitting) {
  return { user_ids: users, from_ms: fromMs, to_ms: toMs, before, after };
}

/** What one user did at one moment. */
export function changeJson({ user, atMs, before, after }: ListedChange) {
  return { user_id: user, at_ms: atMs, before, after };
}

/** A state with a name. */
export function namedJson({ name, user, atMs, version }: NamedVersion) {
  return { name, user_id: user, at_ms: atMs, ...stateJson(version) };
}
