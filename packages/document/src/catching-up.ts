import type { AcceptedMessage } from "./accepted-messages.js";
import type { Announcement } from "./announcement.js";
import type { Arrival } from "./arrival-log.js";
import type { Batch } from "./batch.js";
import type { DocumentChange } from "./document-change.js";
import { type DocumentEntry, decodeEntry } from "./document-entry.js";
import type { DocumentLog } from "./document-log.js";
import type { DocumentRecord } from "./document-record.js";
import type { StoredEntry } from "./document-store.js";
import { isTrimmed, isWhole, wholesFirst } from "./entry-names.js";
import { DocumentError } from "./errors.js";

/** What {@link CatchingUp} works with. */
export interface CatchingUpOptions {
  readonly record: DocumentRecord;
  readonly log: DocumentLog;
  /** What was accepted here and is not known to be durable. */
  readonly pending: () => readonly Batch[];
  /** An update of another node is in the document: lets its readers know. */
  readonly accept: (change: DocumentChange, update: Uint8Array, arrivals: readonly Arrival[]) => void;
  /** What was accepted here cannot stand beside what the store says, or the document was deleted: this object serves nobody any more. */
  readonly lost: (error: unknown) => void;
}

/**
 * Takes in what other nodes have stored. The store is the truth, and what they announce is a hint: an announced entry that comes right
 * behind what was read is taken at once, anything else is a reason to look into the store.
 *
 * Of two entries that cannot both be, the one at the lower place holds: the other is void, for every reader alike, and the node
 * that wrote it finds that out before it acknowledges anything of it.
 */
export class CatchingUp {
  readonly #options: CatchingUpOptions;
  #reading: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #isOver = false;

  constructor(options: CatchingUpOptions) {
    this.#options = options;
  }

  /** Another node says that it has stored something. */
  heard(announcement: Announcement): void {
    try {
      for (const entry of announcement) if (!this.#takeHint(entry)) return;
    } catch (error) {
      this.#options.lost(error);
    }
  }

  /**
   * Resolves once everything has been read that was in the store when this was called.
   * @throws {DocumentError} what the store throws; and when this object serves nobody any more, of which `lost` has heard.
   */
  catchUp(): Promise<void> {
    this.#next ??= this.#reading
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        this.#reading = this.#read();
        return this.#reading;
      });
    return this.#next;
  }

  /** As {@link catchUp}, and learns also what has become of entries that were read: put together, trimmed, or deleted. */
  async relearn(): Promise<void> {
    const { log } = this.#options;
    const entries = await log.load("start");
    if (this.#isOver) return;
    this.#attempt(() => {
      const unknown = entries.find(({ key }) => log.standingOf({ key, place: 0, bytes: NONE }) === "deleted");
      if (unknown !== undefined) throw deleted();
      this.#mustHoldNoTrims(entries);
      this.#takeAll(entries);
      log.relearn(entries);
    });
  }

  /** Nothing is taken any more. */
  stop(): void {
    this.#isOver = true;
  }

  async #read(): Promise<void> {
    const entries = await this.#options.log.load("unread");
    if (!this.#isOver) this.#attempt(() => this.#takeAll(entries));
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.lost(error);
      throw error;
    }
  }

  /** False when it is up to the store. */
  #takeHint({ key, place, bytes = NONE }: Announcement[number]): boolean {
    const { log } = this.#options;
    const entry = { key, place, bytes };
    const standing = log.standingOf(entry);
    if (standing === "deleted") void this.relearn().catch(() => undefined);
    else if (standing === "known" && isWhole(key)) {
      if (isTrimmed(key)) this.#mustHoldNoTrims([entry]);
      log.compactedElsewhere(entry);
    } else if (standing === "new" && log.isNext(place) && bytes.length > 0) {
      this.#take(entry);
      log.read(entry);
    } else if (standing === "new") void this.catchUp().catch(() => undefined);
    return standing === "known" || standing === "past" || log.standingOf(entry) === "known";
  }

  #takeAll(entries: readonly StoredEntry[]): void {
    const { log } = this.#options;
    const unread = entries.filter((entry) => ["new", "deleted"].includes(log.standingOf(entry)));
    for (const entry of wholesFirst(unread)) this.#take(entry);
    // In the order of places, which is not the order of reading.
    for (const entry of entries) log.read(entry);
  }

  #take(entry: StoredEntry): void {
    const { log, record, accept } = this.#options;
    if (log.standingOf(entry) === "deleted") throw deleted();
    const content = decodeEntry(entry.bytes);
    this.#mustNotCollide(content);
    const changes: [DocumentChange, Uint8Array][] = [];
    const apply = (update: Uint8Array) => changes.push([record.document.load(update), update]);
    const isIn = record.take(content, isWhole(entry.key), apply);
    if (!isIn && this.#isPending(content.arrivals)) throw collision("an operation");
    for (const [change, update] of changes) accept(change, update, content.arrivals);
  }

  /** What is pending would be void, or double, if the other node's entry holds. */
  #mustNotCollide({ messages, requests, names, bindings }: DocumentEntry): void {
    for (const mine of this.#options.pending()) {
      const isSame = (one: { readonly user: string }, other: { readonly user: string }) =>
        one.user === other.user;
      // What puts a log together names every client's last message: only what comes up to mine was taken by both.
      const isTwice = (a: AcceptedMessage, b: AcceptedMessage) =>
        isSame(a, b) && a.client === b.client && a.id >= b.id;
      if (overlap(messages, mine.messages, isTwice)) throw collision("a client");
      if (overlap(requests, mine.requests, (a, b) => isSame(a, b) && a.key === b.key))
        throw collision("a request");
      if (overlap(names, mine.names, (a, b) => a.name === b.name)) throw collision("a name");
      const isTaken = overlap(bindings, mine.claims, (a, b) => a.replica === b.replica && !isSame(a, b));
      if (isTaken)
        throw new DocumentError("REPLICA_TAKEN", "another node bound the replica at the same time");
    }
  }

  #isPending(arrivals: readonly Arrival[]): boolean {
    return this.#options
      .pending()
      .some((mine) =>
        overlap(
          arrivals,
          mine.arrivals,
          (a, b) => a.replica === b.replica && a.from <= b.to && b.from <= a.to,
        ),
      );
  }

  /** Whoever has characters that were trimmed elsewhere lets go of all and reads the document anew, so that they never come back. */
  #mustHoldNoTrims(entries: readonly { readonly key: StoredEntry["key"] }[]): void {
    const isNews = entries.some(({ key }) => isTrimmed(key) && !this.#options.log.holds(key));
    if (isNews) throw new DocumentError("NOT_SAVED", "text was trimmed elsewhere: the document is read anew");
  }
}

const NONE = new Uint8Array(0);

function deleted(): DocumentError {
  return new DocumentError("DELETED", "the document was deleted");
}

function collision(what: string): DocumentError {
  return new DocumentError(
    "NOT_SAVED",
    `${what} wrote through another node at the same time: the document is read anew`,
  );
}

function overlap<A, B>(left: readonly A[], right: readonly B[], isSame: (a: A, b: B) => boolean): boolean {
  return left.some((a) => right.some((b) => isSame(a, b)));
}
