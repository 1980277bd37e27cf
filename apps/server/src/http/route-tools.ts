import type { DocumentManager } from "@motet/document";
import type { Clock } from "../clock.js";
import type { PresenceRelay } from "../presence-relay.js";
import type { DocumentAccess } from "./document-access.js";

/** What routes work with. */
export interface RouteTools {
  readonly access: DocumentAccess;
  readonly documents: DocumentManager;
  readonly presenceRelay: PresenceRelay;
  readonly clock: Clock;
  /** Body of a request that brings a document's whole log, in bytes. */
  readonly importBytesMax: number;
}
