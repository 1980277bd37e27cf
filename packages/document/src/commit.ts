import type { RequestName } from "./accepted-requests.js";
import type { DocumentChange } from "./document-change.js";
import type { UserId } from "./ids.js";
import type { VersionReference } from "./version-reference.js";
import type { ViewName } from "./view-ring.js";

/** The name and number that a client gives a message, so that one sent again is answered again but not applied again. */
export interface MessageName {
  /** The client's name for itself, unique among its user's clients. */
  readonly client: string;
  /** An integer of at least 1 that rises with each message of that client. */
  readonly id: number;
}

/** Who changes a document, when, and from what they saw. */
export interface ChangeContext {
  readonly user: UserId;
  /** The server's time in milliseconds since 1970. */
  readonly nowMs: number;
  /** The caller's own token, handed back in the commit: who gets the acknowledgement instead of the news. */
  readonly origin?: unknown;
  /** The caller's own name for itself, where neither `view` nor `message` gives it: what it does now belongs to its later views. */
  readonly client?: string;
  /** In which text the positions count; without it, in the text as it is. */
  readonly view?: ViewName;
  readonly message?: MessageName;
  /** When the caller heard of it, by whatever clock they like; handed back in the commit, so that they see how long it took. */
  readonly heardMs?: number;
}

/** Who asks for several operations at once, and in which text their positions count. */
export interface BatchContext extends Pick<ChangeContext, "user" | "nowMs" | "origin" | "heardMs"> {
  /** The state in which the first position counts, each next one after those before it; the text as it is without it. */
  readonly base?: VersionReference;
  readonly request?: RequestName;
}

/** What became of several operations that were asked for at once. */
export interface BatchOutcome {
  /** The number of the state that they led to. */
  readonly version: number;
  /** Whether the request had been carried out before; nothing was done then. */
  readonly repeated: boolean;
}

/** A change that was accepted. It is in memory at once; whoever was told of it by the manager may rely on its being stored. */
export interface Commit {
  readonly change: DocumentChange;
  /** The operations that took effect, for other replicas; of length 0 when there were none. */
  readonly update: Uint8Array;
  readonly user: UserId;
  readonly origin: unknown;
  readonly message?: MessageName | undefined;
  readonly heardMs?: number | undefined;
  /** The document's version number after it. */
  readonly version: number;
  readonly atMs: number;
  /** Another node accepted it, and this one has read it in the store. */
  readonly isForeign?: boolean;
}

/** A message that was accepted before: nothing was applied, and the client is to be answered again. */
export interface Duplicate {
  readonly duplicate: true;
  readonly message: MessageName;
}
