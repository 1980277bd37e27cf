import type { ReplicaId } from "@motet/crdt-core";
import type { Arrival } from "./arrival-log.js";
import type { Credit } from "./credits.js";
import type { UserId } from "./ids.js";

/** What one user did at one moment: it led from the state of the number `before` to the one of the number `after`. */
export interface ListedChange extends Credit {
  readonly before: number;
  readonly after: number;
}

/** Every change, oldest first and without gaps; typing that follows on itself is one change for each ten seconds. */
export function* listedChanges(
  arrivals: Iterable<Arrival>,
  userOf: (replica: ReplicaId) => UserId | undefined,
): Generator<ListedChange> {
  let before = 0;
  for (const { replica, from, to, atMs } of arrivals) {
    const after = before + to - from + 1;
    yield { user: userOf(replica)!, atMs, before, after };
    before = after;
  }
}
