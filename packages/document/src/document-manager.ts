import type { ReadonlyAccessList } from "./access-list.js";
import type { Announcement } from "./announcement.js";
import type { BatchContext, BatchOutcome, ChangeContext, Commit, Duplicate } from "./commit.js";
import type { DocumentSnapshot, Version } from "./document.js";
import type { DocumentDiff } from "./document-diff.js";
import { encodeEntry } from "./document-entry.js";
import type { DocumentManagerOptions } from "./document-manager-options.js";
import type { ListRequest } from "./document-store.js";
import { DocumentError, exists } from "./errors.js";
import { HeldDocuments } from "./held-documents.js";
import type { DocumentKey } from "./ids.js";
import type { OpenDocument } from "./open-document.js";
import type { Operation } from "./operation.js";
import type { VersionReference } from "./version-reference.js";

/**
 * The server's documents: each is loaded once however many open it, changed in memory, stored, and only then told to anyone;
 * and forgotten when nobody holds it and nothing of it is in flight.
 */
export class DocumentManager {
  readonly #options: DocumentManagerOptions;
  readonly #held: HeldDocuments;

  constructor(options: DocumentManagerOptions) {
    this.#options = options;
    this.#held = new HeldDocuments(options);
  }

  /** Documents in memory, those being loaded and those about to be forgotten included. */
  get openDocuments(): number {
    return this.#held.size;
  }

  /** Those that are loaded. */
  get loaded(): Iterable<OpenDocument> {
    return this.#held.loaded;
  }

  /** Operations stored since this manager began. */
  get operationsTotal(): number {
    return this.#held.operationsTotal;
  }

  /** Bytes of updates on their way into the store: when it grows, the store is slower than the writers. */
  get queuedBytes(): number {
    return [...this.loaded].reduce((sum, document) => sum + document.queuedBytes, 0);
  }

  /**
   * The document, loaded if nobody holds it yet; a document never written is an empty one. It has everything that any node had told
   * anybody of it when this was called. Release it when done.
   * @throws {DocumentError} `STORE_UNAVAILABLE` and other retryable codes when it cannot be read now, `DAMAGED` when its
   * log cannot be understood, `CLOSED`. Never yields an empty document in the place of one that could not be read.
   */
  open(id: DocumentKey): Promise<OpenDocument> {
    return this.#held.open(id);
  }

  /**
   * Another node says that it has stored something. What is not open here is none of this node's business.
   * @param announcement What `decodeAnnouncement` has read; `undefined` when it could not, as of a node of another version: then the store says what.
   */
  heard(id: DocumentKey, announcement: Announcement | undefined): void {
    this.#held.heard(id, announcement);
  }

  /**
   * The bus is back: reads what every open document has missed, a few at a time, and says again what was stored here last. Resolves
   * when all have been looked at; a store that cannot be read now is asked again by {@link tend}.
   */
  relearn(): Promise<void> {
    return this.#held.relearn();
  }

  /**
   * To be called about once a second: says a second time what was stored here last, as the first may have been lost with nothing
   * behind it to show the gap; and looks into the store for all that is open, each time while the others are not heard, else every thirty.
   */
  tend(): Promise<void> {
    return this.#held.tend();
  }

  /**
   * Opens a document, does `work` with it, and answers once everything that it saw and did is durable. What `work` returns must be
   * a value, read before it returns.
   * @throws what {@link open} and `work` throw; {@link DocumentError} `NOT_SAVED` when the store refused.
   */
  async withDocument<T>(id: DocumentKey, work: (document: OpenDocument) => T): Promise<T> {
    const document = await this.open(id);
    try {
      const result = work(document);
      await new Promise<void>((resolve, reject) => document.afterCommit(resolve, reject));
      return result;
    } finally {
      document.release();
    }
  }

  /** Makes an operation and resolves once it is durable. @throws what {@link OpenDocument.apply} throws. */
  applyOperation(id: DocumentKey, operation: Operation, context: ChangeContext): Promise<Commit | Duplicate> {
    return this.withDocument(id, (document) => document.apply(operation, context));
  }

  /** Takes in an update and resolves once it is durable. @throws what {@link OpenDocument.receive} throws. */
  mergeReplica(id: DocumentKey, update: Uint8Array, context: ChangeContext): Promise<Commit> {
    return this.withDocument(id, (document) => document.receive(update, context));
  }

  /** What the document says; only what is durable. */
  getSnapshot(id: DocumentKey): Promise<DocumentSnapshot> {
    return this.withDocument(id, ({ document }) => document.snapshot());
  }

  /** What changed from one state to another, to the latest without `to`; only what is durable. @throws {CrdtError} `UNKNOWN_ID`. */
  getDiff(id: DocumentKey, from: Version, to?: Version): Promise<DocumentDiff> {
    return this.withDocument(id, ({ document }) => document.diff(from, to));
  }

  /**
   * An administrator's call: lets the characters of text go that was written and deleted by that state, from memory and from the store.
   * @returns how many characters went. @throws what {@link open} and {@link OpenDocument.forgetBefore} throw.
   */
  async forgetBefore(id: DocumentKey, reference: VersionReference): Promise<number> {
    return this.#whileHeld(id, (document) => document.forgetBefore(reference));
  }

  /** Documents that something was written to, and that were not deleted since; see {@link DocumentStore.list}. */
  list(request: ListRequest): Promise<readonly DocumentKey[]> {
    return this.#options.store.list(request);
  }

  /**
   * Who may do what with a document, as far as the document itself says. One that is not in memory is looked up in the store, and not kept.
   * @throws as {@link open}.
   */
  accessTo(id: DocumentKey): Promise<ReadonlyAccessList> {
    return this.#held.accessTo(id);
  }

  /**
   * Gives a document what it begins with, and resolves once that is durable. Of all who try, on whatever node, one succeeds.
   * @throws {DocumentError} `EXISTS` when there is something already, and what {@link OpenDocument.applyAll} throws.
   */
  async create(
    id: DocumentKey,
    operations: readonly Operation[],
    context: Omit<BatchContext, "base">,
  ): Promise<BatchOutcome> {
    try {
      return await this.withDocument(id, (document) => document.create(operations, context));
    } catch (error) {
      const { cause } = error as { cause?: { code?: unknown } };
      throw cause?.code === "EXISTS" ? cause : error;
    }
  }

  /**
   * Deletes a document, and resolves when that is durable; `refused` hears of it with the code `DELETED` where the document was open. Whoever opens
   * it again begins anew, and replicas that hold what it was are refused. A damaged document goes without a trace.
   * @returns whether there was anything. @throws what {@link open} throws, and the store.
   */
  async delete(id: DocumentKey): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#whileHeld(id, async (document) => {
          if (document.document.versionNumber === 0) return false;
          await document.erase();
          this.#options.deleted?.(id);
          return true;
        });
      } catch (error) {
        const { code } = error as { code?: unknown };
        if (code === "DAMAGED") return this.#forget(id);
        // Another node put entries together meanwhile: what it made of them goes, too.
        if (code !== "FENCED" || attempt === ATTEMPTS_MAX) throw error;
      }
    }
  }

  async #forget(id: DocumentKey): Promise<true> {
    await this.#options.store.delete(id);
    this.#options.deleted?.(id);
    return true;
  }

  /** The document's whole log as entries, for {@link importLog} of this or another server. Only what is durable. */
  async exportLog(id: DocumentKey): Promise<readonly Uint8Array[]> {
    return this.#whileHeld(id, async (document) => {
      const isEmpty = document.document.versionNumber === 0;
      return isEmpty ? [] : [encodeEntry(await document.export())];
    });
  }

  /**
   * Gives a document the log that {@link exportLog} made: operations, authors, times and names. Everything in it is checked before anything
   * is stored. Resolves when it is durable.
   * @throws {DocumentError} `EXISTS` when something was written to the document; `DAMAGED` for what is no such log.
   */
  async importLog(id: DocumentKey, entries: readonly Uint8Array[], nowMs: number): Promise<void> {
    const record = this.#held.newRecord(id);
    record.readForeign(entries, nowMs);
    if (record.document.versionNumber === 0) throw new DocumentError("DAMAGED", "the log is empty");
    await this.#whileHeld(id, async (document) => {
      if (document.document.versionNumber > 0) throw exists(); // Before its readers are sent away for nothing.
      await document.adopt(record.asEntry());
    });
  }

  /** Takes no new openers, waits for everything in flight, and forgets all documents. The store stays open. */
  close(): Promise<void> {
    return this.#held.close();
  }

  async #whileHeld<T>(id: DocumentKey, work: (document: OpenDocument) => Promise<T>): Promise<T> {
    const document = await this.open(id);
    try {
      return await work(document);
    } finally {
      document.release();
    }
  }
}

/** How often a document is read anew that another node compacts while it is to be deleted. */
const ATTEMPTS_MAX = 5;
