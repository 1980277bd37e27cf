import type { Commit, DocumentKey } from "@motet/document";
import { traceparentOf } from "./origin.js";
import type { ServerEvent, ServerEvents } from "./server-events.js";

/** What came of telling commits to their readers: when it was done, by the clock of `Commit.heardMs`, and how long it took. */
export interface Told {
  readonly nowMs: number;
  readonly relayMs: number;
}

/** Tells the observers of commits that are durable and were told to their readers. */
export function reportChanges(
  events: ServerEvents,
  document: DocumentKey,
  commits: readonly Commit[],
  { nowMs, relayMs }: Told,
): void {
  let operations = 0;
  for (const commit of commits) {
    const { before: from, version: to } = commit.change;
    if (to === from) continue; // Known before, or waiting for others.
    if (!commit.isForeign) operations += to - from;
    const changed = changeOf(document, commit);
    if (from === 0) events.emit({ ...changed, type: "created" });
    events.emit(changed);
  }
  const heardMs = commits.find((commit) => commit.heardMs !== undefined)?.heardMs;
  if (heardMs === undefined) events.emit({ type: "saved", document, operations, relayMs });
  else events.emit({ type: "saved", document, operations, ackMs: nowMs - heardMs, relayMs });
}

/** Made for each edit: most are of this node and of no request, and get by without spreading anything. */
function changeOf(document: DocumentKey, commit: Commit): Extract<ServerEvent, { type: "changed" }> {
  const { user, change, atMs, origin, isForeign } = commit;
  const traceparent = traceparentOf(origin);
  const facts = { type: "changed", document, user, from: change.before, to: change.version, atMs } as const;
  if (isForeign !== true && traceparent === undefined) return facts;
  return {
    ...facts,
    ...(isForeign === true && { isForeign }),
    ...(traceparent !== undefined && { traceparent }),
  };
}
