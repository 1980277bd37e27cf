import { type DocumentKey, type DocumentManager, type OpenDocument, splitDocumentKey } from "@motet/document";
import type { Connection, ConnectionManager } from "@motet/transport";
import type { Clock } from "../clock.js";
import type { ServerStatus } from "../collaborative-server-options.js";
import type { Health } from "../health.js";

/** What an {@link inspectorState} is made of. */
export interface InspectorSources {
  readonly documents: DocumentManager;
  readonly connections: ConnectionManager;
  readonly clock: Clock;
  readonly status: () => ServerStatus;
  readonly health: Health;
}

/** Documents and connections of each that are shown at most: the page is for looking, not for a thousand of them. */
const DOCUMENTS_MAX = 500;
const CONNECTIONS_MAX = 50;

/** Everything that the inspector shows: names, numbers and titles, never text. Documents with the most connections come first. */
export function inspectorState({ documents, connections, clock, status, health }: InspectorSources) {
  const nowMs = clock.monotonicMs();
  const all = [...documents.loaded].map((open) => ({ open, readers: connections.connections(open.id) }));
  all.sort((left, right) => right.readers.length - left.readers.length);
  return {
    status: status(),
    problems: health.problems,
    hidden_documents: Math.max(0, all.length - DOCUMENTS_MAX),
    documents: all.slice(0, DOCUMENTS_MAX).map(({ open, readers }) => ({
      ...documentState(open),
      connection_count: readers.length,
      connections: readers.slice(0, CONNECTIONS_MAX).map((reader) => connectionState(reader, nowMs)),
    })),
  };
}

function documentState(open: OpenDocument) {
  const { document, history, logEntries, queuedBytes, isSettled } = open;
  return {
    ...namesOf(open.id),
    // What is not durable yet is shown to nobody.
    ...(isSettled && { title: document.title, version: document.versionNumber }),
    text_units: document.length,
    log_entries: logEntries,
    queued_bytes: queuedBytes,
    named_versions: history.names().length,
  };
}

function connectionState(
  { id, user, kind, isBehind, behindSinceMs, connectedAtMs }: Connection,
  nowMs: number,
) {
  return {
    ...{ id, user_id: user, kind, connected_ms: Math.round(nowMs - connectedAtMs) },
    behind_ms: isBehind ? Math.round(nowMs - (behindSinceMs ?? nowMs)) : null,
  };
}

function namesOf(key: DocumentKey) {
  const { tenant, document } = splitDocumentKey(key);
  return { tenant, doc_id: document };
}
