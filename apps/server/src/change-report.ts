import type { Commit, DocumentKey } from "@motet/document";
import { traceparentOf } from "./origin.js";
import type { ChangeFacts, ServerEvents } from "./server-events.js";

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
    const facts = factsOf(document, commit);
    if (facts.to === facts.from) continue; // Known before, or waiting for others.
    if (!facts.isForeign) operations += facts.to - facts.from;
    if (facts.from === 0) events.emit({ type: "created", ...facts });
    events.emit({ type: "changed", ...facts });
  }
  const heardMs = commits.find((commit) => commit.heardMs !== undefined)?.heardMs;
  const ack = heardMs === undefined ? {} : { ackMs: nowMs - heardMs };
  events.emit({ type: "saved", document, operations, ...ack, relayMs });
}

function factsOf(document: DocumentKey, { user, change, atMs, origin, isForeign }: Commit): ChangeFacts {
  const traceparent = traceparentOf(origin);
  const { before: from, version: to } = change;
  const foreign = isForeign === true ? { isForeign } : {};
  return { document, user, from, to, atMs, ...foreign, ...(traceparent !== undefined && { traceparent }) };
}
