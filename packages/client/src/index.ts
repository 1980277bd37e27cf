/**
 * A collaborative document in a browser or on Node: edit at once, offline too, and know what is saved.
 *
 * ```ts
 * const minutes = connect("wss://example.org", { document: "minutes", token: fetchToken });
 * minutes.on("change", ({ change }) => editor.show(change));
 * minutes.insert(0, "Present: Ann");
 * await minutes.whenSaved(); // on the server's disk
 * ```
 * @packageDocumentation
 */

// What its methods speak of.
export type { Anchor, LineColumn, Side, TextDelta } from "@motet/crdt-core";
export type { DocumentChange, DocumentId, DocumentSnapshot, FieldValue, Operation } from "@motet/document";
export { labelColour } from "@motet/presence";
// The document.
export type { ActivityListener, ActivitySource } from "./activity.js";
// On a page.
export { bindTextArea, type TextArea } from "./bind-text-area.js";
export { type ActivityOptions, type ConnectOptions, connect } from "./connect.js";
// Limits and errors.
export { ClientError, type ClientErrorCode } from "./errors.js";
export type { Unsubscribe } from "./events.js";
// What it stands on, and may stand on instead.
export type { RandomBytes } from "./identity.js";
export { IndexedDbStore } from "./indexed-db-store.js";
export { type ClientLimits, defaultLimits } from "./limits.js";
export type { LocalEntry, LocalKey, LocalStore } from "./local-store.js";
export { MemoryLocalStore } from "./memory-local-store.js";
export type { PresenceUpdate, Selection } from "./own-presence.js";
export type { Person, PersonCursor } from "./people.js";
export { RemoteDocument } from "./remote-document.js";
export type { ChangeOrigin, Rejection, RemoteDocumentEvents, Session } from "./remote-document-events.js";
export type { Platform } from "./sync-options.js";
export { nextSyncState, type SyncEvent, type SyncState } from "./sync-state.js";
export { textDifference } from "./text-difference.js";
