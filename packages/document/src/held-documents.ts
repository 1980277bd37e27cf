import type { ReplicaId } from "@motet/crdt-core";
import type { ReadonlyAccessList } from "./access-list.js";
import type { Announcement } from "./announcement.js";
import type { Commit } from "./commit.js";
import { CommitGate } from "./commit-gate.js";
import { DocumentLog } from "./document-log.js";
import type { DocumentManagerOptions } from "./document-manager-options.js";
import { DocumentRecord } from "./document-record.js";
import { atEndOfTurn } from "./end-of-turn.js";
import { inReadingOrder } from "./entry-names.js";
import { DocumentError } from "./errors.js";
import { type DocumentKey, splitDocumentKey } from "./ids.js";
import { type DocumentEvent, type DocumentState, NEXT } from "./lifecycle.js";
import { DEFAULT_LIMITS, type DocumentLimits } from "./limits.js";
import { OpenDocument } from "./open-document.js";
import type { OpenDocumentHost } from "./open-document-host.js";

/** A document that is held, from its first opener on. */
interface Held {
  state: DocumentState;
  handles: number;
  readonly loaded: Promise<OpenDocument>;
  /** Once it is loaded. */
  document?: OpenDocument;
  /** Whether others have stored something since it was begun to be loaded. */
  isBehind: boolean;
  /** The last entry that was stored here, for others who may have missed it. */
  told?: Announcement;
  /** Whether it was said once only, and nothing may come behind it that would show the gap. */
  isToldOnce: boolean;
}

/**
 * The documents that somebody has open: each is loaded once however many open it, kept up with what other nodes store, and
 * forgotten when nobody holds it and nothing of it is in flight.
 */
export class HeldDocuments {
  readonly #options: DocumentManagerOptions;
  readonly #limits: DocumentLimits;
  readonly #schedule: (work: () => void) => void;
  readonly #gate: CommitGate;
  readonly #host: OpenDocumentHost;
  readonly #held = new Map<DocumentKey, Held>();
  readonly #documents = new Map<OpenDocument, Held>();
  #node: ReplicaId;
  #entries = 0;
  #operations = 0;
  #closed = false;
  #tended = 0;
  /** A look into the store at all that is open, and the one that waits for its end. */
  #looking: Promise<void> | undefined;
  #relearning: Promise<void> | undefined;

  constructor(options: DocumentManagerOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#schedule = options.schedule ?? atEndOfTurn;
    this.#gate = new CommitGate(this.#schedule);
    this.#node = options.newReplicaId();
    this.#host = this.#hostFor();
  }

  /** Those being loaded and those about to be forgotten included. */
  get size(): number {
    return this.#held.size;
  }

  get loaded(): Iterable<OpenDocument> {
    return this.#documents.keys();
  }

  /** Operations stored since the start. */
  get operationsTotal(): number {
    return this.#operations;
  }

  /** See `DocumentManager.open`. */
  async open(id: DocumentKey): Promise<OpenDocument> {
    if (this.#closed) throw new DocumentError("CLOSED", "the manager is closed");
    const known = this.#held.get(id);
    const held = known ?? this.#hold(id);
    held.handles++;
    this.#move(id, held, "opened");
    const document = await held.loaded;
    document.enter();
    // Whoever comes from another node was told there of what the store has and the bus may yet have to say.
    if (known !== undefined && this.#options.others !== undefined) await this.#caughtUp(document);
    return document;
  }

  /** See `DocumentManager.accessTo`. */
  async accessTo(id: DocumentKey): Promise<ReadonlyAccessList> {
    const loaded = this.#held.get(id)?.document;
    if (loaded !== undefined) return loaded.access;
    const entries = await this.#options.store.load(id).catch(unavailable);
    return this.newRecord(id).readAccess(inReadingOrder(entries));
  }

  /** Another node says that it has stored something. */
  heard(id: DocumentKey, announcement: Announcement | undefined): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    if (held.document === undefined) held.isBehind = true;
    else if (announcement === undefined) this.#readUnread(held.document);
    else held.document.heard(announcement);
  }

  /** See `DocumentManager.relearn`. */
  relearn(): Promise<void> {
    for (const [{ id }, { told }] of this.#documents)
      if (told !== undefined) this.#options.others?.announce(id, told);
    this.#relearning ??= (this.#looking ?? Promise.resolve()).then(() => {
      this.#relearning = undefined;
      return this.#lookAtAll((document) => document.relearn());
    });
    return this.#relearning;
  }

  /** See `DocumentManager.tend`. */
  async tend(): Promise<void> {
    const { others } = this.#options;
    if (others === undefined) return;
    for (const [{ id }, held] of this.#documents) {
      if (held.told !== undefined && held.isToldOnce) others.announce(id, held.told);
      held.isToldOnce = false;
    }
    this.#tended++;
    const isTime = !others.areHeard || this.#tended % LOOK_EVERY === 0;
    // A look that takes longer than until the next is not begun again meanwhile.
    if (isTime && (this.#looking ?? this.#relearning) === undefined)
      await this.#lookAtAll((document) => document.catchUp());
  }

  /** A document of that name of which nothing is known yet. */
  newRecord(id: DocumentKey): DocumentRecord {
    const replica = this.#options.newReplicaId();
    return new DocumentRecord({ id: splitDocumentKey(id).document, replica, ...this.#limits });
  }

  /** Takes no new openers, waits for everything in flight, and forgets all. */
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

  #lookAtAll(look: (document: OpenDocument) => Promise<void>): Promise<void> {
    this.#looking = this.#forEach(look).finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** A few at a time. What goes wrong is for the next look. */
  async #forEach(look: (document: OpenDocument) => Promise<void>): Promise<void> {
    const documents = [...this.#documents.keys()];
    const work = async (): Promise<void> => {
      for (let next = documents.pop(); next !== undefined; next = documents.pop()) {
        await look(next).catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, work));
  }

  #hold(id: DocumentKey): Held {
    const held: Held = {
      state: "loading",
      handles: 0,
      loaded: this.#load(id),
      isBehind: false,
      isToldOnce: false,
    };
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
    const record = this.newRecord(id);
    record.read(inReadingOrder(entries));
    const isShared = others !== undefined;
    const [unique, schedule] = [this.#unique, this.#schedule];
    const log = new DocumentLog({ store, id, unique, entries, isShared, schedule });
    return new OpenDocument(id, record, log, this.#host);
  }

  #stored(document: OpenDocument, news: Announcement): void {
    const held = this.#documents.get(document);
    const last = news.at(-1);
    if (held === undefined || last === undefined) return;
    this.#options.others?.announce(document.id, news);
    held.told = [{ key: last.key, place: last.place }];
    held.isToldOnce = true;
  }

  /** What goes wrong there is tried again: with the next announcement, or the next look into the store. */
  #readUnread(document: OpenDocument): void {
    document.catchUp().catch(() => undefined);
  }

  readonly #unique = (): string => `${this.#node}-${(this.#entries++).toString(36)}`;

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

function unavailable(cause: unknown): never {
  if ((cause as { code?: unknown } | null)?.code !== undefined && isDocumentError(cause)) throw cause;
  throw new DocumentError("STORE_UNAVAILABLE", "the document cannot be read now", { cause });
}

// Stores of other packages may bring a DocumentError of another copy of this package: told by name, not by class.
function isDocumentError(error: unknown): error is DocumentError {
  return error instanceof Error && error.name === "DocumentError";
}
