import type { Cause } from "./failure.js";

/**
 * What may be asked of the store.
 *
 * - `ready`: reading and writing.
 * - `blocked`: the last commit found no room, or a read-only file system. Reading goes on, and each write tries anew.
 * - `failed`: a commit failed in a way that says nothing about the disk. Writes are refused until the store is opened again; reading goes on
 *   while lmdb still can.
 * - `closed`: nothing.
 */
export type StoreState = "ready" | "blocked" | "failed" | "closed";

/** What happens to a store. */
export type StateEvent = "committed" | "hindered" | "broke" | "close";

/** The whole lifecycle: every state, every event. */
export const NEXT: Readonly<Record<StoreState, Readonly<Record<StateEvent, StoreState>>>> = {
  ready: { committed: "ready", hindered: "blocked", broke: "failed", close: "closed" },
  blocked: { committed: "ready", hindered: "blocked", broke: "failed", close: "closed" },
  failed: { committed: "failed", hindered: "failed", broke: "failed", close: "closed" },
  closed: { committed: "closed", hindered: "closed", broke: "closed", close: "closed" },
};

/** What a commit that failed for `cause` means, when the database can still be read or not. */
export function eventOf(cause: Cause, readable: boolean): StateEvent {
  return readable && (cause === "full" || cause === "read_only") ? "hindered" : "broke";
}
