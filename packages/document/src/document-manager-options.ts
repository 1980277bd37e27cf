import type { ReplicaId } from "@motet/crdt-core";
import type { AccessRule } from "./access-list.js";
import type { Commit } from "./commit.js";
import type { DocumentStore } from "./document-store.js";
import type { DocumentError } from "./errors.js";
import type { DocumentKey } from "./ids.js";
import type { DocumentLimits } from "./limits.js";
import type { OtherNodes } from "./other-nodes.js";

/** What a manager works with. */
export interface DocumentManagerOptions {
  /** Where documents are kept. Whoever opened it closes it, after the manager. */
  readonly store: DocumentStore;
  /** Hears of commits once they are durable, in order: acknowledge them and tell others here, nowhere earlier. */
  readonly published: (id: DocumentKey, commits: readonly Commit[]) => void;
  /**
   * Hears once of each document that was thrown away because the store refused, with the commits that will never be (there may be none):
   * tell their authors, and have all its clients join again.
   */
  readonly refused?: (id: DocumentKey, commits: readonly Commit[], error: DocumentError) => void;
  /** Hears once it is durable, here or on another node, that a user may do something else with a document that is open. */
  readonly accessChanged?: (id: DocumentKey, rule: AccessRule) => void;
  /** Hears of each document that was deleted here. */
  readonly deleted?: (id: DocumentKey) => void;
  /** Hears of each document that was loaded into memory. */
  readonly opened?: (id: DocumentKey) => void;
  /** A replica id that was never used: at least 64 random bits. */
  readonly newReplicaId: () => ReplicaId;
  readonly limits?: Partial<DocumentLimits>;
  /** The other nodes that serve documents of this store. @default none */
  readonly others?: OtherNodes;
  /** Runs its argument once at the end of this turn of the event loop. Tests put their own clockwork here. @default setImmediate */
  readonly schedule?: (work: () => void) => void;
}
