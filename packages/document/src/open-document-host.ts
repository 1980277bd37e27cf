import type { ReplicaId } from "@motet/crdt-core";
import type { AccessRule } from "./access-list.js";
import type { Announcement } from "./announcement.js";
import type { Commit } from "./commit.js";
import type { Gated } from "./commit-gate.js";
import type { DocumentError } from "./errors.js";
import type { DocumentLimits } from "./limits.js";
import type { OpenDocument } from "./open-document.js";

/** What an open document needs of the manager that opened it. */
export interface OpenDocumentHost {
  readonly limits: DocumentLimits;
  /** This node, under the name that says which replicas it may go on writing under. */
  readonly node: () => ReplicaId;
  readonly newReplicaId: () => ReplicaId;
  /** The document has something to be stored or told. */
  queue(saving: Gated): void;
  published(document: OpenDocument, commits: readonly Commit[]): void;
  /** Somebody may do something else from now on. */
  accessChanged(document: OpenDocument, rule: AccessRule): void;
  /** Nothing of the document is in flight any more. */
  quiet(document: OpenDocument): void;
  /** The store refused these, or something before them: this object serves nobody any more. */
  lost(document: OpenDocument, commits: readonly Commit[], error: DocumentError): void;
  released(document: OpenDocument): void;
  /** Entries of this node are in the store: the others may be told. */
  stored(document: OpenDocument, news: Announcement): void;
}
