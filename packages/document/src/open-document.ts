import { type ReplicaId, Update } from "@motet/crdt-core";
import { Admission } from "./admission.js";
import { Batch, isolated } from "./batch.js";
import type { ChangeContext, Commit, Duplicate } from "./commit.js";
import type { Gated } from "./commit-gate.js";
import type { Document } from "./document.js";
import type { DocumentChange } from "./document-change.js";
import { type DocumentEntry, encodeEntry } from "./document-entry.js";
import type { DocumentLog } from "./document-log.js";
import type { DocumentRecord } from "./document-record.js";
import { applyIn } from "./edit-in-view.js";
import { DocumentError } from "./errors.js";
import { DocumentHistory } from "./history.js";
import type { DocumentKey, UserId } from "./ids.js";
import type { DocumentLimits } from "./limits.js";
import type { Operation } from "./operation.js";
import type { NamedVersion } from "./version-names.js";
import { resolveVersion, type VersionReference } from "./version-reference.js";
import { sameRanges, ViewRing, without } from "./view-ring.js";

/** What an open document needs of the manager that opened it. */
export interface OpenDocumentHost {
  readonly limits: DocumentLimits;
  /** This node, under the name that says which replicas it may go on writing under. */
  node(): ReplicaId;
  newReplicaId(): ReplicaId;
  /** The document has something to be stored or told. */
  queue(document: OpenDocument): void;
  published(document: OpenDocument, commits: readonly Commit[]): void;
  /** Nothing of the document is in flight any more. */
  quiet(document: OpenDocument): void;
  /** The store refused these, or something before them: this object serves nobody any more. */
  lost(document: OpenDocument, commits: readonly Commit[], error: DocumentError): void;
  released(document: OpenDocument): void;
}

/**
 * One of the server's documents, in memory. Changes are applied at once, because the next one is checked against them, and
 * everything that leaves goes through the commit gate: commits to the manager's `published`, all else by {@link afterCommit}.
 */
export class OpenDocument implements Gated {
  readonly id: DocumentKey;
  readonly #record: DocumentRecord;
  readonly #log: DocumentLog;
  readonly #host: OpenDocumentHost;
  readonly #views: ViewRing;
  readonly #admission: Admission;
  #open = new Batch();
  #sealed: Batch | undefined;
  /** Who waits for trimmed text to be gone from the store as well. */
  readonly #trimming: Trimming[] = [];
  /** Everything up to the sealed batch, read when it was sealed: ready to take the place of its entries once it is durable. */
  #captured: DocumentEntry | undefined;
  #compaction: Promise<void> | undefined;
  #isLeaving = false;
  #lost: DocumentError | undefined;

  /** Made by the manager, from a record that has read its log. */
  constructor(id: DocumentKey, record: DocumentRecord, log: DocumentLog, host: OpenDocumentHost) {
    this.id = id;
    this.#record = record;
    this.#log = log;
    this.#host = host;
    this.#views = new ViewRing(record.document.versionNumber, host.limits.viewStepsMax);
    this.#admission = new Admission(record, host.limits);
  }

  /** The document, which may hold operations that are not durable yet: show nothing of it but in {@link afterCommit}. */
  get document(): Document {
    return this.#record.document;
  }

  /** The user to whom a replica is bound; `undefined` while it is nobody's. */
  userOf(replica: ReplicaId): UserId | undefined {
    return this.#record.bindings.userOf(replica);
  }

  /** What the document was, and who wrote what. */
  get history(): DocumentHistory {
    return new DocumentHistory(this.#record);
  }

  /** Whether nothing gathers and nothing is in the store: then everything in memory is durable. */
  get isSettled(): boolean {
    return this.#sealed === undefined && this.#open.waiting.length === 0;
  }

  /** Whether the manager may forget it: settled, and not being put together. */
  get isQuiet(): boolean {
    return this.isSettled && this.#compaction === undefined && this.#trimming.length === 0;
  }

  /** Resolves when the log is not being put together, or no more. */
  get compacted(): Promise<void> {
    return this.#compaction ?? Promise.resolve();
  }

  /** Bytes of updates on their way into the store. */
  get queuedBytes(): number {
    return this.#open.bytes + (this.#sealed?.bytes ?? 0);
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
    return this.#make(operation, context);
  }

  /**
   * Takes in an update from a client's replica: all of it, or nothing when it throws. Operations that are known change nothing;
   * those that depend on others not here yet wait in memory, neither stored nor told, until these come.
   * @throws {CrdtError} as `TextCRDT.receive`. @throws {DocumentError} `REPLICA_TAKEN` for operations of somebody else's
   * replica that are new here; `CLOCK_AHEAD`, `LIMIT`, `MALFORMED` (also for text without its characters); `NOT_SAVED` when the document was lost and must be opened again.
   */
  receive(update: Uint8Array | Update, context: ChangeContext): Commit {
    this.#mustLive();
    const decoded = "ranges" in update ? update : Update.decode(update);
    this.#admission.checkContext(context);
    if (decoded.leavesOut) throw new DocumentError("MALFORMED", "text without its characters");
    const { ranges } = decoded;
    const claimed = this.#admission.checkRanges(ranges, context.user);
    const change = this.document.receive(decoded, context.nowMs);
    for (const replica of claimed) this.#claim(replica, context.user);
    return this.#accept(
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
    return operations.map((operation) => this.#make(operation, context));
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
    this.#record.names.add(named);
    this.#open.names.push(named);
    this.#wait(
      () => {},
      () => {},
    );
    return named;
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
        const forgotten = this.document.forgetBefore(version);
        this.#trimming.push({ done: () => resolve(forgotten), failed: reject });
        this.#captured = undefined; // It may hold what has just gone.
        if (this.isSettled) this.#compactIfDue();
      }, reject);
    });
  }

  /**
   * Runs `publish` once everything applied so far is durable, in order with the commits; at once if that is so already.
   * What it shows must have been read before the call: by the time it runs, newer operations may be in memory.
   * @param failed Runs instead when the store refused, and the document was thrown away.
   */
  afterCommit(publish: () => void, failed: (error: DocumentError) => void = () => {}): void {
    if (this.#lost !== undefined) failed(this.#lost);
    else if (this.isSettled) publish();
    else this.#wait(publish, failed);
  }

  /** For the manager: nobody holds it any more. A log that has grown is put together now, so that the next opener finds it short. */
  leave(): void {
    this.#isLeaving = true;
    if (this.isSettled) this.#compactIfDue();
  }

  /** For the manager: somebody holds it again. */
  enter(): void {
    this.#isLeaving = false;
  }

  /** The caller is done with the document. After the last release the manager forgets it, once nothing is in flight. */
  release(): void {
    this.#host.released(this);
  }

  /** For the gate. */
  seal(): void {
    this.#sealed = this.#open;
    this.#open = new Batch();
    // Under steady load there is never a quiet moment: when it is overdue, this is the one where memory is what the log will be.
    this.#captured = this.#shouldCompact(OVERDUE) ? this.#record.asEntry() : undefined;
  }

  /** For the gate. */
  async write(): Promise<void> {
    const batch = this.#sealed;
    if (batch === undefined) return;
    if (batch.claims.length > 0) await this.#log.claim(batch.claims);
    if (batch.hasEntry) await this.#log.append(encodeEntry(batch));
  }

  /** For the gate. */
  publish(): void {
    // Sealed until everybody has heard: what a listener asks to be told next comes behind the rest of this batch.
    this.#sealed?.publish((commits) => this.#host.published(this, commits));
    this.#sealed = undefined;
    if (this.#captured !== undefined) this.#compact(this.#captured);
    else if (this.isSettled) this.#compactIfDue();
    this.#captured = undefined;
    if (this.isQuiet) this.#host.quiet(this);
  }

  /** For the gate. What is in memory is on no disk, or nobody knows: this object serves nobody any more. */
  fail(cause: unknown): void {
    const error = new DocumentError("NOT_SAVED", "the store refused: the change was not accepted", { cause });
    this.#lost = error;
    this.#captured = undefined;
    for (const one of this.#trimming.splice(0)) one.failed(error);
    const batches = [this.#sealed ?? new Batch(), this.#open];
    this.#sealed = undefined;
    this.#open = new Batch();
    const commits = batches.flatMap((batch) => batch.commits);
    isolated(() => this.#host.lost(this, commits, error));
    for (const batch of batches) batch.fail(error);
  }

  #shouldCompact(factor: number): boolean {
    if (this.#compaction !== undefined || this.#lost !== undefined) return false;
    return this.#trimming.length > 0 || this.#log.isDue(this.#host.limits, factor);
  }

  #compactIfDue(): void {
    if (this.#shouldCompact(this.#isLeaving ? ON_LEAVING : 1)) this.#compact(this.#record.asEntry());
  }

  #compact(whole: DocumentEntry): void {
    const trimmed = this.#trimming.splice(0);
    const settle = (tell: (one: Trimming) => void) => () => {
      this.#compaction = undefined;
      for (const one of trimmed) tell(one);
      if (this.isSettled && this.#trimming.length > 0) this.#compactIfDue();
      if (this.isQuiet) this.#host.quiet(this);
    };
    this.#compaction = this.#log.compact(whole).then(
      settle((one) => one.done()),
      (error: unknown) => settle((one) => one.failed(error))(),
    );
  }

  #make(operation: Operation, context: ChangeContext): Commit {
    const { document } = this;
    const { user, nowMs, view } = context;
    const placed = operation.type === "insert" || operation.type === "delete" ? operation : undefined;
    const seen = placed && view && this.#views.resolve(view, user, () => document.version);
    document.writeAs(this.#serverReplica(user));
    const change = seen ? applyIn(document, seen, placed!) : document.apply(operation, nowMs);
    return this.#accept(change, document.takeUpdate() ?? NOTHING, context);
  }

  #wait(publish: () => void, failed: (error: DocumentError) => void): void {
    this.#open.waiting.push({ publish, failed });
    this.#host.queue(this);
  }

  #accept(change: DocumentChange, update: Uint8Array, context: ChangeContext): Commit {
    const { user, nowMs: atMs, origin, message } = context;
    const { before, version, applied } = change;
    const commit: Commit = { change, update, user, origin, message, version, atMs };
    for (const range of applied) this.#record.arrivals.add(range, atMs);
    if (message !== undefined) this.#record.messages.accept({ user, ...message });
    const client = context.client ?? context.view?.client ?? message?.client;
    this.#views.push({ before, after: version, ranges: applied, user, client });
    this.#open.addCommit(commit);
    this.#host.queue(this);
    return commit;
  }

  #serverReplica(user: UserId): ReplicaId {
    const node = this.#host.node();
    const known = this.#record.bindings.servedBy(node, user);
    if (known !== undefined) return known;
    const binding = { replica: this.#host.newReplicaId(), user, node };
    this.#record.bindings.add(binding);
    this.#open.bindings.push(binding);
    return binding.replica;
  }

  #claim(replica: ReplicaId, user: UserId): void {
    this.#record.bindings.add({ replica, user });
    this.#open.claims.push({ replica, user });
  }

  // What is stored and told is what took effect, whatever else the sender's update held or freed.
  #encodeApplied({ applied }: DocumentChange): Uint8Array {
    if (applied.length === 0) return NOTHING;
    return this.document.encode(without(this.document.version, applied));
  }

  #mustLive(): void {
    if (this.#lost !== undefined) throw this.#lost;
  }
}

/** Somebody who waits for a log without the characters that they had trimmed. */
interface Trimming {
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** How many times the limits a log may grow while there is no quiet moment to put it together. */
const OVERDUE = 2;

/** The part of the limits that a log may have grown to when the last one leaves. */
const ON_LEAVING = 1 / 16;

const NOTHING = new Uint8Array(0);
