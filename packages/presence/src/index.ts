/**
 * Who is in a document, where their cursors are, and who has gone quiet. No timers, no sockets, no document contents.
 *
 * ```ts
 * const presence = new PresenceTracker();
 * const tab = { document: "minutes", user: "ann", connection: "c1" };
 * presence.join(tab, { name: "Ann" }, Date.now()); // a colour of her own
 * presence.updateCursor(tab, { line: 3, column: 14 }, Date.now());
 * presence.checkIdle(Date.now()); // who has gone quiet since the last call
 * presence.takeChanges("minutes"); // what is to be told to the others
 * ```
 * @packageDocumentation
 */
export { COLOURS, labelColour } from "./colour.js";
export { PresenceError, type PresenceErrorCode } from "./errors.js";
export type {
  AnchoredCursor,
  Cursor,
  CursorPosition,
  Participant,
  ParticipantChange,
  PresenceUser,
  Status,
  Tab,
} from "./participant.js";
export type { DocumentUser, PresenceTrackerOptions, PresenceUpdate } from "./presence-tracker.js";
export { PresenceTracker } from "./presence-tracker.js";
