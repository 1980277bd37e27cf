import {
  encodeStateInSlices,
  encodeWhole,
  forgetBefore,
  mergeUpdates,
  type ReplicaId,
  type VersionVector,
} from "@motet/crdt-core";
import { AcceptedMessages } from "./accepted-messages.js";
import { AcceptedRequests } from "./accepted-requests.js";
import { AccessList, type AccessRule, type ReadonlyAccessList } from "./access-list.js";
import { ArrivalLog } from "./arrival-log.js";
import { Document } from "./document.js";
import { type DocumentEntry, decodeEntry, EMPTY_ENTRY, type EntryInSteps } from "./document-entry.js";
import type { StoredEntry } from "./document-store.js";
import { isWhole } from "./entry-names.js";
import { DocumentError } from "./errors.js";
import type { DocumentId } from "./ids.js";
import { ReplicaBindings } from "./replica-bindings.js";
import { VersionNames } from "./version-names.js";

/** What {@link DocumentRecord} is made with. */
export interface DocumentRecordOptions {
  readonly id: DocumentId;
  readonly replica: ReplicaId;
  readonly messageClientsMax: number;
  readonly requestsKeptMax: number;
}

/** Everything that a server keeps of one document: the document itself, and what its log says about how it came to be. */
export class DocumentRecord {
  readonly document: Document;
  readonly arrivals = new ArrivalLog();
  readonly bindings = new ReplicaBindings();
  readonly names = new VersionNames();
  readonly access = new AccessList();
  readonly messages: AcceptedMessages;
  readonly requests: AcceptedRequests;
  /** Hears of rules that are read from the log and count. Whoever serves the document puts their own in its place. */
  accessRead: (rule: AccessRule) => void = () => {};
  readonly #retired = new Set<ReplicaId>();
  #trims = 0;

  constructor(options: DocumentRecordOptions) {
    // What was trimmed here stays so: nobody may put other words in its place.
    this.document = new Document({ ...options, fillsIn: false });
    this.messages = new AcceptedMessages(options.messageClientsMax);
    this.requests = new AcceptedRequests(options.requestsKeptMax);
  }

  /** Forgets the characters of what was inserted and deleted within `version`. @returns how many went. @throws as `forgetBefore`. */
  forgetBefore(version: VersionVector): number {
    const forgotten = forgetBefore(this.document.content, version);
    if (forgotten > 0) this.#trims++;
    return forgotten;
  }

  /** How often characters were forgotten here. */
  get trims(): number {
    return this.#trims;
  }

  /** Whether the replica belongs to an earlier document of this name, which was deleted. */
  isRetired(replica: ReplicaId): boolean {
    return this.#retired.has(replica) && this.bindings.userOf(replica) === undefined;
  }

  /** What is left when the document is deleted. */
  asTombstone(): DocumentEntry {
    const replicas = [...this.bindings].map(({ replica }) => replica);
    return { ...EMPTY_ENTRY, retired: [...new Set([...this.#retired, ...replicas])] };
  }

  /**
   * Reads a document's log, in the order given. Cost: O(its size).
   * @throws {DocumentError} `DAMAGED` when an entry cannot be read, or the log speaks of operations that it does not hold.
   */
  read(entries: readonly StoredEntry[]): void {
    const apply = (update: Uint8Array) => this.document.load(update);
    for (const { key, bytes } of entries) this.take(decodeEntry(bytes), isWhole(key), apply);
    this.#mustBeWhole();
  }

  /**
   * What a log says of who may do what, its operations left unread; the record is good for nothing else afterwards. Cost: O(entries).
   * @throws {DocumentError} `DAMAGED` when an entry cannot be read.
   */
  readAccess(entries: readonly StoredEntry[]): ReadonlyAccessList {
    for (const { key, bytes } of entries) this.take(decodeEntry(bytes), isWhole(key), () => {});
    return this.access;
  }

  /**
   * As {@link read}, for a log that somebody brings: everything in it is checked as what clients send is.
   * @throws {DocumentError} `DAMAGED`, also for stamps ahead of `nowMs`.
   */
  readForeign(entries: readonly Uint8Array[], nowMs: number): void {
    for (const entry of entries) {
      const apply = (update: Uint8Array) => this.document.receive(update, nowMs);
      this.take({ ...decodeEntry(entry), access: [], retired: [] }, true, apply);
    }
    this.#mustBeWhole();
  }

  #mustBeWhole(): void {
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
    const updates = this.document.versionNumber === 0 ? [] : [encodeWhole(this.document.content)];
    return { ...this.#bookkeeping(), updates };
  }

  /** The same, the text being encoded in steps: commits may go on in between. */
  inSteps(): EntryInSteps {
    const text = this.document.versionNumber === 0 ? undefined : encodeStateInSlices(this.document.content);
    return { bookkeeping: this.#bookkeeping(), text };
  }

  #bookkeeping(): Omit<DocumentEntry, "updates"> {
    return {
      bindings: [...this.bindings],
      arrivals: this.arrivals.copy(),
      messages: [...this.messages],
      names: [...this.names],
      requests: [...this.requests],
      access: [...this.access],
      retired: [], // A tombstone stands on its own: nothing is put in its place but another one.
    };
  }

  /**
   * Takes in an entry behind all that stand before it. One that says something that an earlier one has said otherwise is void: a message or
   * a request that was carried out before, or another operation under an id that is taken. Nothing of it holds, and nobody was told of it.
   * @param isWhole It says what others have said.
   * @param apply Takes an update into the document.
   * @returns whether it holds.
   * @throws {DocumentError} `DAMAGED` when an update does not fit.
   */
  take(entry: DocumentEntry, isWhole: boolean, apply: (update: Uint8Array) => unknown): boolean {
    if (!isWhole && this.#repeats(entry)) return false;
    if (!this.#apply(entry, isWhole, apply)) return false;
    const { bindings, arrivals, messages, names, requests, access, retired } = entry;
    for (const binding of bindings) this.bindings.add(binding);
    for (const arrival of arrivals) this.arrivals.add(arrival, arrival.atMs);
    for (const message of messages) this.messages.accept(message);
    for (const name of names) this.names.add(name);
    for (const request of requests) this.requests.add(request);
    for (const rule of access) if (this.access.add(rule)) this.accessRead(rule);
    for (const replica of retired) this.#retired.add(replica);
    return true;
  }

  #repeats({ messages, requests }: DocumentEntry): boolean {
    return (
      messages.some(({ user, client, id }) => id <= this.messages.highest(user, client)) ||
      requests.some(({ user, key }) => this.requests.has(user, key))
    );
  }

  #apply(
    { arrivals, updates }: DocumentEntry,
    isWhole: boolean,
    apply: (update: Uint8Array) => unknown,
  ): boolean {
    const comesAgain = arrivals.some(({ replica, from }) => from <= this.arrivals.seen(replica));
    try {
      // In one piece where something in it may not fit, so that all of it holds or nothing.
      const pieces = comesAgain && updates.length > 1 ? [mergeUpdates(updates)] : updates;
      for (const update of pieces) apply(update);
      return true;
    } catch (cause) {
      const isConflict = (cause as { code?: unknown } | null)?.code === "CONFLICT";
      if (isConflict && comesAgain && !isWhole) return false;
      throw new DocumentError("DAMAGED", "an update of the document's log does not fit it", { cause });
    }
  }
}
