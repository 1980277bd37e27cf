import { type OperationRange, type ReplicaId, Update, type VersionVector, type View } from "@motet/crdt-core";
import type { Access, ReadonlyAccessList } from "./access-list.js";
import { Admission } from "./admission.js";
import type { Announcement } from "./announcement.js";
import { Bookkeeping } from "./bookkeeping.js";
import { CatchingUp } from "./catching-up.js";
import type { BatchContext, BatchOutcome, ChangeContext, Commit, Duplicate } from "./commit.js";
import { Compaction } from "./compaction.js";
import type { Document } from "./document.js";
import type { DocumentChange } from "./document-change.js";
import { type DocumentEntry, encodeEntry } from "./document-entry.js";
import type { DocumentLog } from "./document-log.js";
import type { DocumentRecord } from "./document-record.js";
import { applyIn } from "./edit-in-view.js";
import { DocumentError, exists } from "./errors.js";
import { DocumentHistory } from "./history.js";
import type { DocumentKey, UserId } from "./ids.js";
import type { OpenDocumentHost } from "./open-document-host.js";
import type { Operation } from "./operation.js";
import { Saving } from "./saving.js";
import type { NamedVersion } from "./version-names.js";
import { resolveVersion, type VersionReference } from "./version-reference.js";
import { sameRanges, without } from "./view-ring.js";

/**
 * One of the server's documents, in memory. Changes are applied at once, because the next one is checked against them, and
 * everything that leaves goes through the commit gate: commits to the manager's `published`, all else by {@link afterCommit}.
 */
export class OpenDocument {
  readonly id: DocumentKey;
  readonly #record: DocumentRecord;
  readonly #log: DocumentLog;
  readonly #host: OpenDocumentHost;
  readonly #books: Bookkeeping;
  readonly #admission: Admission;
  readonly #compaction: Compaction;
  readonly #others: CatchingUp;
  readonly #saving: Saving;

  /** Made by the manager, from a record that has read its log. */
  constructor(id: DocumentKey, record: DocumentRecord, log: DocumentLog, host: OpenDocumentHost) {
    this.id = id;
    this.#record = record;
    this.#log = log;
    this.#host = host;
    record.accessRead = (rule) => host.accessChanged(this, rule);
    this.#admission = new Admission(record, host.limits);
    const queue = () => host.queue(this.#saving);
    const relearn = () => this.#others.relearn();
    this.#saving = this.#makeSaving(queue);
    this.#books = new Bookkeeping({ ...host, record, batch: () => this.#saving.gathering, accepted: queue });
    this.#others = new CatchingUp({
      record,
      log,
      pending: () => this.#saving.pending,
      accept: (change, update, arrivals) => this.#books.acceptForeign(change, update, arrivals),
      lost: (error) => this.#saving.fail(error),
    });
    this.#compaction = new Compaction({
      ...{ record, log, limits: host.limits, isSettled: () => this.isSettled, relearn },
      over: () => this.#compacted(),
    });
  }

  /** The document, which may hold operations that are not durable yet: show nothing of it but in {@link afterCommit}. */
  get document(): Document {
    return this.#record.document;
  }

  /** The user to whom a replica is bound; `undefined` while it is nobody's. */
  userOf(replica: ReplicaId): UserId | undefined {
    return this.#record.bindings.userOf(replica);
  }

  /** Whether `version` holds operations of an earlier document of this name, which was deleted. */
  recalls(version: VersionVector): boolean {
    return [...version].some(([replica]) => this.#record.isRetired(replica));
  }

  /** What the document was, and who wrote what. */
  get history(): DocumentHistory {
    return new DocumentHistory(this.#record);
  }

  /** How often characters were forgotten here: what was encoded before that is out of date, though the version is the same. */
  get trims(): number {
    return this.#record.trims;
  }

  /** Whether nothing gathers and nothing is in the store: then everything in memory is durable. */
  get isSettled(): boolean {
    return this.#saving.isSettled;
  }

  /** Whether the manager may forget it: settled, and not being put together. */
  get isQuiet(): boolean {
    return this.isSettled && this.#compaction.isQuiet;
  }

  /** Resolves when the log is not being put together, or no more. */
  get compacted(): Promise<void> {
    return this.#compaction.finished;
  }

  /** Entries of its log that this node knows of. */
  get logEntries(): number {
    return this.#log.size;
  }

  /** Bytes of updates on their way into the store. */
  get queuedBytes(): number {
    return this.#saving.queuedBytes;
  }

  /** The highest message number accepted of that client; 0 when there is none. */
  lastMessageId(user: UserId, client: string): number {
    return this.#record.messages.highest(user, client);
  }

  /**
   * Makes an operation on behalf of a user. Synchronous: it is applied when this returns, and stored and published later.
   * A duplicate applies nothing; answer it in {@link afterCommit}, as its first acceptance may not be durable yet.
   * @throws {CrdtError} `OUT_OF_RANGE`, `MALFORMED`. @throws {DocumentError} `MALFORMED`, `STALE_VERSION`, `UNKNOWN_VERSION`,
   * `LIMIT`, and what {@link receive} throws when the document is lost. Nothing has changed then.
   */
  apply(operation: Operation, context: ChangeContext): Commit | Duplicate {
    this.#mustLive();
    this.#admission.checkContext(context);
    const { user, message } = context;
    if (message !== undefined && message.id <= this.lastMessageId(user, message.client)) {
      return { duplicate: true, message };
    }
    this.#admission.checkRoom([operation]);
    return this.#make(operation, context, this.#books.viewOf(operation, context));
  }

  /**
   * Makes several operations on behalf of a user, all of them or none, which share one entry of the store. A request that was carried out
   * before is not carried out again, also after a restart.
   * @throws {CrdtError} `OUT_OF_RANGE`. @throws {DocumentError} `MALFORMED`, `LIMIT`, `UNKNOWN_VERSION`, `KEY_REUSED`, `NOT_SAVED`.
   */
  applyAll(operations: readonly Operation[], context: BatchContext): BatchOutcome {
    this.#mustLive();
    this.#admission.checkContext(context);
    const { user, request, base } = context;
    const known = request && this.#record.requests.find(user, request);
    if (known !== undefined) return { version: known.version, repeated: true };
    const from = base && resolveVersion(this.#record, base);
    this.#admission.checkAll(operations, from ? this.document.content.textAt(from) : this.document.text);
    const own: OperationRange[] = [];
    for (const operation of operations) {
      const view: View | undefined = from && { version: from, own: [...own] };
      own.push(...this.#make(operation, context, view).change.applied);
    }
    const { versionNumber: version } = this.document;
    if (request !== undefined) this.#books.carriedOut({ ...request, user, version });
    return { version, repeated: false };
  }

  /** Whether {@link applyAll} was asked for this before. @throws {DocumentError} `KEY_REUSED`. */
  knows({ user, request }: Pick<BatchContext, "user" | "request">): boolean {
    return request !== undefined && this.#record.requests.find(user, request) !== undefined;
  }

  /**
   * As {@link applyAll}, for what the document begins with. Of all who try, on whatever node, one succeeds.
   * @throws {DocumentError} `EXISTS` when something was written to the document before; `NOT_SAVED` with `EXISTS` as its cause
   * when another node was faster.
   */
  create(operations: readonly Operation[], context: Omit<BatchContext, "base">): BatchOutcome {
    this.#mustLive();
    const isRepeated = this.knows(context);
    if (!isRepeated && this.document.versionNumber > 0) throw exists();
    const outcome = this.applyAll(operations, context);
    if (!isRepeated) this.#saving.gathering.isCreation = true;
    return outcome;
  }

  /**
   * Takes in an update from a client's replica: all of it, or nothing when it throws. Operations that are known change nothing;
   * those that depend on others not here yet wait in memory, neither stored nor told, until these come. Text may come without its
   * characters where it is deleted in the same update: from who joined when it was deleted already, for a server that was set back.
   * @throws {CrdtError} as `TextCRDT.receive`. @throws {DocumentError} `REPLICA_TAKEN` for operations of somebody else's
   * replica that are new here; `CLOCK_AHEAD`, `LIMIT`, `MALFORMED`; `NOT_SAVED` when the document was lost and must be opened again.
   */
  receive(update: Uint8Array | Update, context: ChangeContext): Commit {
    this.#mustLive();
    const decoded = "ranges" in update ? update : Update.decode(update);
    this.#admission.checkContext(context);
    const { ranges } = decoded;
    const claimed = this.#admission.checkRanges(ranges, context.user);
    const change = this.document.receive(decoded, context.nowMs);
    for (const replica of claimed) this.#books.claim(replica, context.user);
    return this.#books.accept(
      change,
      sameRanges(change.applied, ranges) ? decoded.bytes : this.#encodeApplied(change),
      context,
    );
  }

  /**
   * Makes the document say again what it said in an earlier state, as new operations on behalf of a user; everything that
   * was written since stays in its history. All commits share one entry of the store.
   * @throws {DocumentError} `UNKNOWN_VERSION`, and what {@link apply} throws.
   */
  restore(reference: VersionReference, context: Omit<ChangeContext, "view" | "message">): readonly Commit[] {
    this.#mustLive();
    const operations = this.history.restoring(reference);
    this.#admission.checkContext(context);
    this.#admission.checkRoom(operations);
    return operations.map((operation) => this.#make(operation, context, undefined));
  }

  /**
   * Gives a state a name, for ever; the state as it is without `reference`. Durable when {@link afterCommit} says so.
   * @throws {DocumentError} `NAME_TAKEN`, `MALFORMED` for what is no name, `UNKNOWN_VERSION`, `LIMIT`.
   */
  nameVersion(
    name: string,
    context: Pick<ChangeContext, "user" | "nowMs">,
    reference: VersionReference = { version: this.document.version },
  ): NamedVersion {
    this.#mustLive();
    this.#admission.checkContext(context);
    this.#record.names.check(name);
    const version = resolveVersion(this.#record, reference).copy();
    const named = { name, user: context.user, atMs: context.nowMs, version };
    this.#books.named(named);
    this.#saving.wait(() => {});
    return named;
  }

  /** What the document itself says of who may do what with it. */
  get access(): ReadonlyAccessList {
    return this.#record.access;
  }

  /**
   * Says what a user may do with this document from now on, whatever they may do with others; `undefined` takes it back. The
   * manager's `accessChanged` hears of it once it is durable. @throws {DocumentError} `LIMIT`.
   */
  setAccess(user: UserId, access: Access | undefined, context: Pick<ChangeContext, "user" | "nowMs">): void {
    this.#mustLive();
    const rule = this.#record.access.next({ user, access, by: context.user, atMs: context.nowMs });
    this.#books.ruled(rule);
    this.#saving.wait(() => this.#host.accessChanged(this, rule));
  }

  /**
   * Lets the characters go of all text that was written and deleted by that state, here and in the store; resolves when they are
   * gone from both. Ids stay, and so do text, authors and times; history that would show those characters throws `TRIMMED`. Not a change: no operation is made.
   * A replica that is a client's keeps what it holds, and is asked for nothing.
   * @returns how many characters went.
   * @throws {DocumentError} `UNKNOWN_VERSION`; what the store throws when it could not put the log together: the characters are
   * gone from memory then and may not be from the store, so ask again.
   */
  forgetBefore(reference: VersionReference): Promise<number> {
    this.#mustLive();
    const version = resolveVersion(this.#record, reference).copy();
    // After the commit, so that nothing that is still to be told needs what goes.
    return new Promise((resolve, reject) => {
      this.afterCommit(() => {
        const forgotten = this.#record.forgetBefore(version);
        this.#compaction.trim({ done: () => resolve(forgotten), failed: reject });
      }, reject);
    });
  }

  /**
   * Deletes the document: nothing of it is left in the store but the ids of its replicas, so that nobody brings it back. This object
   * serves nobody any more; who opens the document again finds an empty one. Resolves when that is durable.
   * @throws {DocumentError} what the store throws; the document is as it was then, and has to be opened again.
   */
  erase(): Promise<void> {
    const tombstone = () => this.#log.bury(this.#record.asTombstone());
    return this.#replaced(tombstone, new DocumentError("DELETED", "the document was deleted"));
  }

  /**
   * Gives the document, which must be an empty one, a log from elsewhere. This object serves nobody any more. Resolves when that is durable.
   * @throws {DocumentError} `EXISTS`, and what the store throws.
   * @internal
   */
  adopt(whole: DocumentEntry): Promise<void> {
    const store = async () => {
      if (this.document.versionNumber > 0) throw exists();
      await this.#log.create(encodeEntry(whole));
    };
    return this.#replaced(store, new DocumentError("NOT_SAVED", "the document was put in: read it anew"));
  }

  /** Everything as one entry, once that is durable. @internal */
  export(): Promise<DocumentEntry> {
    const whole = this.#record.asEntry();
    return new Promise((resolve, reject) => this.afterCommit(() => resolve(whole), reject));
  }

  /**
   * Runs `publish` once everything applied so far is durable, in order with the commits; at once if that is so already.
   * What it shows must have been read before the call: by the time it runs, newer operations may be in memory.
   * @param failed Runs instead when the store refused, and the document was thrown away.
   */
  afterCommit(publish: () => void, failed: (error: DocumentError) => void = () => {}): void {
    this.#saving.after(publish, failed);
  }

  /** For the manager: another node says that it has stored something. */
  heard(announcement: Announcement): void {
    if (this.#saving.lost === undefined) this.#others.heard(announcement);
  }

  /**
   * Resolves once everything has been read that was in the store when this was called. What it brought is told like any commit.
   * @throws {DocumentError} what the store throws; `NOT_SAVED` or `DELETED` when the document has to be opened again.
   */
  async catchUp(): Promise<void> {
    if (this.#saving.lost === undefined) await this.#others.catchUp();
  }

  /** As {@link catchUp}, and finds out as well whether what was read is still there. */
  async relearn(): Promise<void> {
    if (this.#saving.lost === undefined) await this.#others.relearn();
  }

  /** For the manager: nobody holds it any more. */
  leave(): void {
    this.#compaction.leave();
  }

  /** For the manager: somebody holds it again. */
  enter(): void {
    this.#compaction.enter();
  }

  /** The caller is done with the document. After the last release the manager forgets it, once nothing is in flight. */
  release(): void {
    this.#host.released(this);
  }

  /** Once all is durable, lets `store` put something else in its place; `end` is what everybody is told who still uses this object. */
  async #replaced(store: () => Promise<void>, end: DocumentError): Promise<void> {
    this.#mustLive();
    await this.#saving.replace(async () => {
      await this.#compaction.finished;
      await store();
    }, end);
  }

  #makeSaving(queue: () => void): Saving {
    const host = this.#host;
    return new Saving({
      log: this.#log,
      queue,
      catchUp: () => this.#others.catchUp(),
      stored: (news) => host.stored(this, news),
      published: (commits) => host.published(this, commits),
      sealed: () => this.#compaction.sealed(),
      settled: () => {
        this.#compaction.published();
        this.#lookQuiet();
      },
      stopped: () => this.#compaction.stop(),
      lost: (commits, error) => {
        this.#others.stop();
        this.#compaction.fail(error);
        host.lost(this, commits, error);
      },
    });
  }

  #compacted(): void {
    this.#host.stored(this, this.#log.takeNews());
    if (this.#log.hasGap) void this.catchUp().catch(() => undefined);
    this.#lookQuiet();
  }

  #lookQuiet(): void {
    if (this.isQuiet) this.#host.quiet(this);
  }

  #make(operation: Operation, context: ChangeContext, view: View | undefined): Commit {
    const { document } = this;
    const placed = operation.type === "insert" || operation.type === "delete" ? operation : undefined;
    document.writeAs(this.#books.serverReplica(context.user));
    const change =
      view && placed ? applyIn(document, view, placed) : document.apply(operation, context.nowMs);
    return this.#books.accept(change, document.takeUpdate() ?? new Uint8Array(), context);
  }

  // What is stored and told is what took effect, whatever else the sender's update held or freed.
  #encodeApplied({ applied }: DocumentChange): Uint8Array {
    if (applied.length === 0) return new Uint8Array();
    return this.document.encode(without(this.document.version, applied));
  }

  #mustLive(): void {
    if (this.#saving.lost !== undefined) throw this.#saving.lost;
  }
}
