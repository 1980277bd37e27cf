import type { DocumentChange, Operation } from "@motet/document";
import type { Rights } from "@motet/transport";
import type { ClientError } from "./errors.js";
import type { Person } from "./people.js";
import type { SyncState } from "./sync-state.js";

/** Where a change comes from: made here, by others, kept from an earlier page load, or refused operations done again. */
export type ChangeOrigin = "local" | "remote" | "store" | "rebase";

/** What the server made of this user. */
export interface Session {
  readonly user: string;
  readonly name: string;
  /** `#rrggbb`. */
  readonly colour: string;
  readonly rights: Rights;
}

/** Operations that the server would not take and that were not done again. They are no longer in the document. */
export interface Rejection {
  /** Why, by the server's code, and in its words. */
  readonly code: string;
  readonly reason: string;
  /** What they were, on the text as it is now, each after the one before it: apply them again to try again. */
  readonly operations: readonly Operation[];
}

/** What a remote document tells, by type. */
export interface RemoteDocumentEvents {
  readonly state: { readonly state: SyncState; readonly previous: SyncState };
  /** The document reads differently now. */
  readonly change: { readonly change: DocumentChange; readonly origin: ChangeOrigin };
  /** Somebody came, went, moved their cursor or says something else of themselves. */
  readonly people: ReadonlyMap<string, Person>;
  readonly session: Session;
  /** An application's own message, from another user. */
  readonly broadcast: { readonly user: string; readonly name: string; readonly payload: unknown };
  readonly rejected: Rejection;
  /** The server wants no other attempt; the edits are kept. `reconnect` tries again. */
  readonly refused: ClientError;
  /** Something went wrong that is being dealt with: for a log, or a hint to the user. */
  readonly problem: ClientError;
}
