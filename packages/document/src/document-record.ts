import { encodeState, type ReplicaId } from "@motet/crdt-core";
import { AcceptedMessages } from "./accepted-messages.js";
import { ArrivalLog } from "./arrival-log.js";
import { Document } from "./document.js";
import { type DocumentEntry, decodeEntry } from "./document-entry.js";
import type { StoredEntry } from "./document-store.js";
import { DocumentError } from "./errors.js";
import type { DocumentId } from "./ids.js";
import { ReplicaBindings } from "./replica-bindings.js";
import { VersionNames } from "./version-names.js";

/** Everything that a server keeps of one document: the document itself, and what its log says about how it came to be. */
export class DocumentRecord {
  readonly document: Document;
  readonly arrivals = new ArrivalLog();
  readonly bindings = new ReplicaBindings();
  readonly names = new VersionNames();
  readonly messages: AcceptedMessages;

  constructor(options: {
    readonly id: DocumentId;
    readonly replica: ReplicaId;
    readonly messageClientsMax: number;
  }) {
    // What was trimmed here stays so: nobody may put other words in its place.
    this.document = new Document({ ...options, fillsIn: false });
    this.messages = new AcceptedMessages(options.messageClientsMax);
  }

  /**
   * Reads a document's log, in the order given. Cost: O(its size).
   * @throws {DocumentError} `DAMAGED` when an entry cannot be read, or the log speaks of operations that it does not hold.
   */
  read(entries: readonly StoredEntry[]): void {
    for (const entry of entries) this.#take(decodeEntry(entry.bytes));
    if (this.document.versionNumber !== this.arrivals.total) {
      throw new DocumentError("DAMAGED", "the document's log has lost operations");
    }
    for (const { replica } of this.arrivals) {
      if (this.bindings.userOf(replica) === undefined) {
        throw new DocumentError("DAMAGED", "the document's log has lost whose operations it holds");
      }
    }
  }

  /** Everything as one entry: what a snapshot says in the place of the entries it covers. A picture of this moment. */
  asEntry(): DocumentEntry {
    return {
      bindings: [...this.bindings],
      arrivals: this.arrivals.copy(),
      messages: [...this.messages],
      names: [...this.names],
      updates: this.document.versionNumber === 0 ? [] : [encodeState(this.document.content)],
    };
  }

  #take({ bindings, arrivals, messages, names, updates }: DocumentEntry): void {
    for (const binding of bindings) this.bindings.add(binding);
    for (const arrival of arrivals) this.arrivals.add(arrival, arrival.atMs);
    for (const message of messages) this.messages.accept(message);
    for (const name of names) this.names.add(name);
    for (const update of updates) this.#apply(update);
  }

  #apply(update: Uint8Array): void {
    try {
      this.document.load(update);
    } catch (cause) {
      throw new DocumentError("DAMAGED", "an update of the document's log does not fit it", { cause });
    }
  }
}
