import type { ReplicaId } from "@motet/crdt-core";
import type { Arrival } from "./arrival-log.js";
import type { UserId } from "./ids.js";

/** A time in which people worked on a document without a long break. */
export interface Sitting {
  /** Those who worked, in the order in which they began. */
  readonly users: readonly UserId[];
  /** From its first operation to its last: milliseconds since 1970, to ten seconds. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The number of the state before it, and after it: what a diff is asked for. */
  readonly before: number;
  readonly after: number;
}

/** A break of this length ends a sitting: ten minutes. */
const SITTING_BREAK_MS = 600_000;

/** Changes as people remember them: grouped by when they sat down, oldest first. Cost: O(arrivals). */
export function sittings(
  arrivals: Iterable<Arrival>,
  userOf: (replica: ReplicaId) => UserId | undefined,
): readonly Sitting[] {
  const all: Sitting[] = [];
  let number = 0;
  for (const { replica, from, to, atMs } of arrivals) {
    const before = number;
    number += to - from + 1;
    const user = userOf(replica)!;
    const last = all.at(-1);
    // A clock that was set back does not begin a sitting: only a long silence does.
    if (last === undefined || atMs - last.toMs > SITTING_BREAK_MS) {
      all.push({ users: [user], fromMs: atMs, toMs: atMs, before, after: number });
    } else {
      const users = last.users.includes(user) ? last.users : [...last.users, user];
      all[all.length - 1] = { ...last, users, toMs: Math.max(last.toMs, atMs), after: number };
    }
  }
  return all;
}
