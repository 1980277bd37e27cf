import type { ReplicaId } from "@motet/crdt-core";
import type { AccessRule, ReadonlyAccessList } from "./access-list.js";
import type { Announcement } from "./announcement.js";
import type { BatchContext, BatchOutcome, ChangeContext, Commit, Duplicate } from "./commit.js";
import { CommitGate } from "./commit-gate.js";
import type { DocumentSnapshot, Version } from "./document.js";
import type { DocumentDiff } from "./document-diff.js";
import { encodeEntry } from "./document-entry.js";
import { DocumentLog } from "./document-log.js";
import { DocumentRecord } from "./document-record.js";
import type { DocumentStore, ListRequest } from "./document-store.js";
import { inReadingOrder } from "./entry-names.js";
import { DocumentError, exists } from "./errors.js";
import { type DocumentKey, splitDocumentKey } from "./ids.js";
import { type DocumentEvent, type DocumentState, NEXT } from "./lifecycle.js";
import { DEFAULT_LIMITS, type DocumentLimits } from "./limits.js";
import { OpenDocument } from "./open-document.js";
import type { OpenDocumentHost } from "./open-document-host.js";
import type { Operation } from "./operation.js";
import type { OtherNodes } from "./other-nodes.js";
import type { VersionReference } from "./version-reference.js";

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

/** A document that is held, from its first opener on. */
interface Held {
  state: DocumentState;
  handles: number;
  readonly loaded: Promise<OpenDocument>;
  /** Once it is loaded. */
  document?: OpenDocument;
  /** Whether others have stored something since it was begun to be loaded. */
  isBehind: boolean;
  /** The last entry that others were told of, until they have been told twice. */
  told?: Announcement;
}

/**
 * The server's documents: each is loaded once however many open it, changed in memory, stored, and only then told to anyone;
 * and forgotten when nobody holds it and nothing of it is in flight.
 */
export class DocumentManager {
  readonly #options: DocumentManagerOptions;
  readonly #limits: DocumentLimits;
  readonly #gate: CommitGate;
  readonly #host: OpenDocumentHost;
  readonly #held = new Map<DocumentKey, Held>();
  readonly #documents = new Map<OpenDocument, Held>();
  #node: ReplicaId;
  #entries = 0;
  #operations = 0;
  #closed = false;
  #tended = 0;

  constructor(options: DocumentManagerOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#gate = new CommitGate(options.schedule);
    this.#node = options.newReplicaId();
    this.#host = this.#hostFor();
  }

  /** Documents in memory, those being loaded and those about to be forgotten included. */
  get openDocuments(): number {
    return this.#held.size;
  }

  /** Those that are loaded. */
  get loaded(): Iterable<OpenDocument> {
    return this.#documents.keys();
  }

  /** Operations stored since this manager began. */
  get operationsTotal(): number {
    return this.#operations;
  }

  /** Bytes of updates on their way into the store: when it grows, the store is slower than the writers. */
  get queuedBytes(): number {
    return [...this.#documents.keys()].reduce((sum, document) => sum + document.queuedBytes, 0);
  }

  /**
   * The document, loaded if nobody holds it yet; a document never written is an empty one. Release it when done.
   * @throws {DocumentError} `STORE_UNAVAILABLE` and other retryable codes when it cannot be read now, `DAMAGED` when its
   * log cannot be understood, `CLOSED`. Never yields an empty document in the place of one that could not be read.
   */
  async open(id: DocumentKey): Promise<OpenDocument> {
    if (this.#closed) throw new DocumentError("CLOSED", "the manager is closed");
    const held = this.#held.get(id) ?? this.#hold(id);
    held.handles++;
    this.#move(id, held, "opened");
    const document = await held.loaded;
    document.enter();
    // Who comes from another node has been told there of what only the store has told this one.
    if (this.#options.others?.areHeard === false) await this.#caughtUp(document);
    return document;
  }

  /**
   * Another node says that it has stored something. What is not open here is none of this node's business.
   * @param announcement What `decodeAnnouncement` has read.
   */
  heard(id: DocumentKey, announcement: Announcement): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    if (held.document === undefined) held.isBehind = true;
    else held.document.heard(announcement);
  }

  /**
   * The bus is back: reads what every open document has missed, a few at a time, and says again what was stored here last. Resolves
   * when all have been looked at; a store that cannot be read now is asked again by {@link tend}.
   */
  async relearn(): Promise<void> {
    for (const [{ id }, { told }] of this.#documents)
      if (told !== undefined) this.#options.others?.announce(id, told);
    await this.#forEach((document) => document.relearn());
  }

  /**
   * To be called about once a second: says a second time what was stored here last, as the first may have been lost with nothing
   * behind it to show the gap; and looks into the store for all that is open, each time while the others are not heard, else every thirty.
   */
  async tend(): Promise<void> {
    const { others } = this.#options;
    if (others === undefined) return;
    for (const [{ id }, held] of this.#documents) {
      if (held.told !== undefined) others.announce(id, held.told);
      delete held.told;
    }
    this.#tended++;
    if (!others.areHeard || this.#tended % LOOK_EVERY === 0) {
      await this.#forEach((document) => document.catchUp());
    }
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
  async accessTo(id: DocumentKey): Promise<ReadonlyAccessList> {
    const loaded = this.#held.get(id)?.document;
    if (loaded !== undefined) return loaded.access;
    const entries = await this.#options.store.load(id).catch(unavailable);
    return this.#newRecord(id).readAccess(inReadingOrder(entries));
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
    const record = this.#newRecord(id);
    record.readForeign(entries, nowMs);
    if (record.document.versionNumber === 0) throw new DocumentError("DAMAGED", "the log is empty");
    await this.#whileHeld(id, async (document) => {
      if (document.document.versionNumber > 0) throw exists(); // Before its readers are sent away for nothing.
      await document.adopt(record.asEntry());
    });
  }

  /** Takes no new openers, waits for everything in flight, and forgets all documents. The store stays open. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#held.values()].map((held) => held.loaded));
    await this.#gate.drained();
    await Promise.all([...this.#documents.keys()].map((document) => document.compacted));
    this.#held.clear();
    this.#documents.clear();
  }

  async #caughtUp(document: OpenDocument): Promise<void> {
    try {
      await document.catchUp();
    } catch (error) {
      document.release();
      throw error;
    }
  }

  /** One look at a time: what takes longer than a turn of the clock is not begun again meanwhile. */
  async #forEach(look: (document: OpenDocument) => Promise<void>): Promise<void> {
    const documents = [...this.#documents.keys()];
    const work = async (): Promise<void> => {
      for (let next = documents.pop(); next !== undefined; next = documents.pop()) {
        await look(next).catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, work));
  }

  async #whileHeld<T>(id: DocumentKey, work: (document: OpenDocument) => Promise<T>): Promise<T> {
    const document = await this.open(id);
    try {
      return await work(document);
    } finally {
      document.release();
    }
  }

  #hold(id: DocumentKey): Held {
    const held: Held = { state: "loading", handles: 0, loaded: this.#load(id), isBehind: false };
    this.#held.set(id, held);
    held.loaded.then(
      (document) => {
        held.document = document;
        this.#documents.set(document, held);
        this.#options.opened?.(id);
        this.#move(id, held, "loaded");
        if (held.isBehind) this.#readUnread(document);
      },
      () => this.#move(id, held, "loadFailed"),
    );
    return held;
  }

  async #load(id: DocumentKey): Promise<OpenDocument> {
    const { store, others } = this.#options;
    // Before it is read: what is stored from here on is either read or heard of.
    await others?.subscribe(id);
    const entries = await store.load(id).catch(unavailable);
    const record = this.#newRecord(id);
    record.read(inReadingOrder(entries));
    const isShared = others !== undefined;
    const log = new DocumentLog({ store, id, unique: this.#unique, entries, isShared });
    return new OpenDocument(id, record, log, this.#host);
  }

  #stored(document: OpenDocument, news: Announcement): void {
    const held = this.#documents.get(document);
    const last = news.at(-1);
    if (held === undefined || last === undefined) return;
    this.#options.others?.announce(document.id, news);
    held.told = [{ key: last.key, place: last.place }];
  }

  /** What goes wrong there is tried again: with the next announcement, or the next look into the store. */
  #readUnread(document: OpenDocument): void {
    document.catchUp().catch(() => undefined);
  }

  readonly #unique = (): string => `${this.#node}-${(this.#entries++).toString(36)}`;

  #newRecord(id: DocumentKey): DocumentRecord {
    const replica = this.#options.newReplicaId();
    return new DocumentRecord({ id: splitDocumentKey(id).document, replica, ...this.#limits });
  }

  #move(id: DocumentKey, held: Held, event: DocumentEvent): void {
    held.state = NEXT[held.state][event];
    if (held.state !== "gone" || this.#held.get(id) !== held) return;
    this.#held.delete(id);
    this.#options.others?.unsubscribe(id);
  }

  #hostFor(): OpenDocumentHost {
    return {
      limits: this.#limits,
      node: () => this.#node,
      newReplicaId: () => this.#options.newReplicaId(),
      queue: (document) => this.#gate.queue(document),
      published: (document, commits) => this.#published(document, commits),
      accessChanged: (document, rule) => this.#options.accessChanged?.(document.id, rule),
      quiet: (document) => this.#event(document, "settled"),
      lost: (document, commits, error) => this.#lost(document, commits, error),
      released: (document) => this.#released(document),
      stored: (document, news) => this.#stored(document, news),
    };
  }

  #published(document: OpenDocument, commits: readonly Commit[]): void {
    for (const { change, isForeign } of commits) {
      if (!isForeign) this.#operations += change.version - change.before;
    }
    this.#options.published(document.id, commits);
  }

  #released(document: OpenDocument): void {
    const held = this.#documents.get(document);
    if (held === undefined || --held.handles > 0) return;
    this.#move(document.id, held, "released");
    document.leave();
    if (document.isQuiet) this.#event(document, "settled");
  }

  #lost(document: OpenDocument, commits: readonly Commit[], error: DocumentError): void {
    // Nobody knows which of the seqs used here reached the store: never use the next one of the same replicas.
    this.#node = this.#options.newReplicaId();
    this.#event(document, "writeFailed");
    this.#options.refused?.(document.id, commits, error);
  }

  #event(document: OpenDocument, event: DocumentEvent): void {
    const held = this.#documents.get(document);
    if (held === undefined) return;
    this.#move(document.id, held, event);
    if (held.state === "gone") this.#documents.delete(document);
  }
}

/** While the others are heard, how many calls of `tend` come between two looks into the store. */
const LOOK_EVERY = 30;

/** Documents that are looked at in the store at a time. */
const LOOKS_AT_ONCE = 8;

/** How often a document is read anew that another node compacts while it is to be deleted. */
const ATTEMPTS_MAX = 5;

function unavailable(cause: unknown): never {
  if ((cause as { code?: unknown } | null)?.code !== undefined && isDocumentError(cause)) throw cause;
  throw new DocumentError("STORE_UNAVAILABLE", "the document cannot be read now", { cause });
}

// Stores of other packages may bring a DocumentError of another copy of this package: told by name, not by class.
function isDocumentError(error: unknown): error is DocumentError {
  return error instanceof Error && error.name === "DocumentError";
}
