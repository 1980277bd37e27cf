import type { Announcement } from "./announcement.js";
import type { DocumentKey } from "./ids.js";

/**
 * The other nodes that serve documents of the same store. Whoever has the bus hands this to the manager, and hands what it hears to
 * `DocumentManager.heard`. Nothing is lost when none of it arrives: the manager looks into the store.
 */
export interface OtherNodes {
  /** Whether announcements go through, as far as is known. While they do not, documents are read anew from time to time. */
  readonly areHeard: boolean;
  /** Resolves when everything that is announced of the document from now on is heard. */
  subscribe(id: DocumentKey): Promise<void>;
  unsubscribe(id: DocumentKey): void;
  announce(id: DocumentKey, announcement: Announcement): void;
}
