/**
 * Who is in a document, where their cursors are, and who has gone quiet. No timers, no sockets, no document contents.
 *
 * ```ts
 * const presence = new PresenceTracker();
 * presence.join("minutes", { id: "ann", name: "Ann" }, Date.now()); // a colour of her own
 * presence.updateCursor("minutes", "ann", { line: 3, column: 14 }, Date.now());
 * presence.checkIdle(Date.now()); // who has gone quiet since the last call
 * ```
 * @packageDocumentation
 */
export { COLOURS } from "./colour.js";
export { PresenceError, type PresenceErrorCode } from "./errors.js";
export type { Cursor, CursorPosition, Participant, PresenceUser, Status } from "./participant.js";
export type { IdleUser, PresenceTrackerOptions, PresenceUpdate } from "./presence-tracker.js";
export { PresenceTracker } from "./presence-tracker.js";
