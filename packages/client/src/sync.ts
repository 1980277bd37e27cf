import type { DocumentChange } from "@motet/document";
import type {
  ErrorMessage,
  ReplicaChangesFrame,
  ReplicaStateFrame,
  Rights,
  SessionMessage,
  Socket,
  SocketListener,
} from "@motet/transport";
import { Conversation, type ConversationListener, type Greeting } from "./conversation.js";
import { ClientError, type ClientErrorCode, closed } from "./errors.js";
import type { Emitter } from "./events.js";
import { Journal } from "./journal.js";
import { Membership } from "./membership.js";
import { OwnPresence } from "./own-presence.js";
import { People, type PersonCursor } from "./people.js";
import { refusalOf } from "./refusal.js";
import type { ChangeOrigin, RemoteDocumentEvents } from "./remote-document-events.js";
import { type Rebased, Replica } from "./replica.js";
import type { SyncOptions } from "./sync-options.js";
import { nextSyncState, type SyncEvent, type SyncState } from "./sync-state.js";
import { Waiters } from "./waiters.js";

/** How long others have to bring what they made to a server that has lost it, in milliseconds. */
const PATIENCE_MS = 30_000;

/**
 * Keeps a replica, its server and its local store in step. What is made here is put down and sent at the end of the
 * turn; one frame is on its way at a time, and what is made meanwhile is put together in the next.
 */
export class Sync {
  readonly replica: Replica;
  readonly people = new People();
  readonly membership: Membership;
  readonly #options: SyncOptions;
  readonly #emitter: Emitter<RemoteDocumentEvents>;
  readonly #conversation: Conversation;
  readonly #journal: Journal;
  readonly #presence = new OwnPresence();
  readonly #arrivals = new Waiters();
  readonly #savings = new Waiters();
  #state: SyncState = "offline";
  #serverAheadMs = 0;
  #endWait: () => void = () => {};
  #isFlushDue = false;
  #isClosed = false;
  /** What was refused is being replaced in the store: nothing is sent before, or a crash could do it twice. */
  #isReplacing = false;

  constructor(options: SyncOptions, emitter: Emitter<RemoteDocumentEvents>) {
    const { platform, limits, store, bag, document } = options;
    this.#options = options;
    this.#emitter = emitter;
    this.membership = new Membership(options);
    this.replica = new Replica(document, platform.randomBytes);
    this.#journal = new Journal({
      store,
      bag,
      entriesMax: limits.localEntriesMax,
      whole: () => this.replica.whole(),
      failed: (cause) =>
        this.#problem("STORE_FAILED", "the local store failed; edits live in this page only", cause),
    });
    this.#conversation = new Conversation({
      open: (listener) => this.#open(listener),
      random: platform.random,
      clock: platform.clock,
      wakeUps: platform.wakeUps,
      limits,
      listener: this.#listener(),
      heartbeat: () => ({ type: "heartbeat", ...this.membership.address }),
    });
  }

  get state(): SyncState {
    return this.#state;
  }

  /** Milliseconds since 1970 by the server's clock, as far as that is known. */
  get nowMs(): number {
    return Math.floor(this.#options.platform.clock.now() + this.#serverAheadMs);
  }

  /** Reads what is kept, then connects. Resolves once that has been read, or cannot be. */
  async start(): Promise<void> {
    await this.#restore();
    if (!this.#isClosed) this.#conversation.start();
  }

  /**
   * Makes operations here: `make` adds what it changes to the list that it is given.
   * @throws {ClientError} `CLOSED`, `READ_ONLY`, `QUEUE_FULL`; and what `make` throws, when what it made before that is told.
   */
  edit(make: (changes: DocumentChange[]) => void): void {
    this.#mustBeWritable();
    const changes: DocumentChange[] = [];
    try {
      make(changes);
    } finally {
      if (changes.length > 0) this.#made(changes);
    }
  }

  /** The cursors of the others. */
  get cursors(): readonly PersonCursor[] {
    return this.people.cursors(this.membership.address.user_id, this.replica.document);
  }

  /** Changes what the others are told of this user. */
  show(change: (own: OwnPresence) => void): void {
    change(this.#presence);
    this.#schedule();
  }

  /** Whether it was sent: nothing is kept for later. */
  broadcast(payload: unknown): boolean {
    return this.#conversation.say({ type: "broadcast", ...this.membership.address, payload });
  }

  whenSaved(): Promise<void> {
    if (this.#isClosed) return Promise.reject(closed());
    this.#collect();
    const saved = this.#savings.wait(this.replica.outbox.made);
    this.#settle();
    return saved;
  }

  whenSynced(): Promise<void> {
    if (this.#isClosed) return Promise.reject(closed());
    const synced = this.#arrivals.wait();
    if (this.#conversation.isJoined) this.#arrivals.settle();
    return synced;
  }

  /** @throws {ClientError} `CLOSED`. */
  reconnect(): void {
    if (this.#isClosed) throw closed();
    if (this.#state === "refused") this.replica.renew(); // Somebody else may go on under our id.
    this.#conversation.start();
  }

  /** Ends the line until `reconnect`. @throws {ClientError} `CLOSED`. */
  disconnect(): void {
    if (this.#isClosed) throw closed();
    this.#flush();
    this.#conversation.stop();
    this.#offline();
  }

  /** Ends it; resolves once everything is in the local store. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#flush();
    this.#isClosed = true;
    this.#conversation.stop();
    this.#offline();
    for (const waiters of [this.#arrivals, this.#savings]) waiters.fail(closed());
    await this.#journal.idle();
    if (this.#options.ownsStore) await this.#options.store.close();
  }

  async #restore(): Promise<void> {
    try {
      const kept = await this.#journal.load();
      const { changes, damaged } = this.replica.restore(kept);
      for (const change of changes) this.#changed(change, "store");
      const count = damaged + kept.damaged;
      if (count > 0) this.#problem("STORE_DAMAGED", `${count} entries of the local store cannot be read`);
    } catch (cause) {
      this.#problem("STORE_FAILED", "the local store cannot be read", cause);
    }
  }

  async #open(listener: SocketListener): Promise<Socket> {
    this.#step("attempt");
    await this.membership.fetchToken();
    return this.#options.platform.open(this.#options.url, listener);
  }

  #listener(): ConversationListener {
    return {
      greeting: () => this.#greeting(),
      session: (message) => this.#admitted(message),
      joined: (frame) => this.#joined(frame),
      changes: (frame) => this.#told(frame),
      people: (message) => {
        this.people.hear(message, this.replica.document);
        this.#emitter.emit("people", this.people.all);
      },
      broadcast: ({ user_id: user, name, payload }) =>
        this.#emitter.emit("broadcast", { user, name, payload }),
      refresh: () => void this.#refresh(),
      rights: (rights) => this.#allow(rights),
      heartbeat: (serverTimeMs) => this.#setClock(serverTimeMs),
      error: (message) => this.#heardError(message),
      problem: (error) => this.#emitter.emit("problem", error),
      lost: () => this.#offline(),
      refused: (error) => this.#refused(error),
    };
  }

  #greeting(): Greeting {
    this.#step("opened");
    this.#collect();
    return { join: this.membership.join(this.replica.greeter()), version: this.replica.version() };
  }

  #admitted(message: SessionMessage): void {
    const session = this.membership.admit(message);
    this.#setClock(message.session.server_time_ms);
    this.people.restart(message.users, this.replica.document);
    this.#emitter.emit("session", session);
    this.#emitter.emit("people", this.people.all);
  }

  /** A token for the line as it stands. Where there is none to be had, the server asks again. */
  async #refresh(): Promise<void> {
    try {
      const token = await this.membership.fetchToken();
      if (token !== undefined) this.#conversation.say({ type: "refresh", ...this.membership.address, token });
    } catch (cause) {
      this.#emitter.emit("problem", cause as ClientError); // There was no token.
    }
  }

  /** The user may do this from now on, on this line. */
  #allow(rights: Rights): void {
    const session = this.membership.allow(rights);
    if (session === undefined) return;
    this.#emitter.emit("session", session);
    this.#stepIn();
    this.#send();
  }

  /** The document is there: what follows from what the user may do, and from sequence numbers. */
  #stepIn(): void {
    if (!this.membership.mayWrite) this.#step("readOnly");
    else this.#step(this.replica.unsaved > 0 ? "joinedUnsaved" : "joinedSaved");
  }

  #joined(frame: ReplicaStateFrame): void {
    const outcome = this.replica.join(frame, this.nowMs);
    this.#waitForOthers();
    if (frame.update !== undefined) this.#journal.noteTheirs(frame.update.slice());
    this.#presence.restart();
    this.#schedule();
    this.#stepIn();
    if ("refusal" in outcome) this.#rebased(outcome);
    else this.#changed(outcome, "remote");
    this.#arrivals.settle();
    this.#settle();
  }

  /** A server that lacks others' operations is asked again once they have had the time to bring them. */
  #waitForOthers(): void {
    this.#endWait();
    if (!this.replica.isAheadOfServer) return;
    this.#problem(
      "SERVER_BEHIND",
      "the server lacks what it had before: it gets it again from those who have it",
    );
    const patienceMs = this.replica.lacksCharacters ? 2 * PATIENCE_MS : PATIENCE_MS;
    this.#endWait = this.#options.platform.clock.after(patienceMs, () => {
      if (!this.replica.isAheadOfServer) return;
      this.replica.endPatience();
      this.#conversation.restart("the server lacks operations of others");
    });
  }

  #told(frame: ReplicaChangesFrame): void {
    const change = this.replica.takeIn(frame);
    if (frame.update !== undefined) this.#journal.noteTheirs(frame.update.slice());
    this.#send();
    this.#settle();
    this.#changed(change, "remote");
  }

  #rebased({ change, refusal: { code, message: reason }, givenBack, isOursLost }: Rebased): void {
    this.#isReplacing = true;
    this.#presence.letGo();
    void this.#journal.rewrite().then(() => {
      this.#isReplacing = false;
      this.#send();
    });
    this.#changed(change, "rebase");
    if (!isOursLost) this.#savings.retarget(this.replica.outbox.made);
    else
      this.#savings.fail(new ClientError("REJECTED", `the server did not take an edit (${code}): ${reason}`));
    if (givenBack.length > 0) this.#emitter.emit("rejected", { code, reason, operations: givenBack });
  }

  #heardError(message: ErrorMessage): void {
    const refusal = refusalOf(message, this.replica);
    if (refusal === "forbidden") this.#allow("read");
    else if (refusal === "passing") this.#conversation.restart("nothing of the update was taken");
    else if (refusal !== undefined) {
      if (!this.replica.refuse(refusal)) this.replica.renew();
      this.#conversation.restart("another replica takes over");
    }
    this.#problem("SERVER_ERROR", `${message.code}: ${message.message}`);
  }

  #refused(error: ClientError): void {
    this.people.restart([], this.replica.document);
    this.#step("refused");
    for (const waiters of [this.#arrivals, this.#savings]) waiters.fail(error);
    this.#emitter.emit("refused", error);
  }

  #offline(): void {
    this.#endWait();
    this.people.restart([], this.replica.document);
    this.#step("lost");
    this.#emitter.emit("people", this.people.all);
  }

  #setClock(serverTimeMs: number): void {
    this.#serverAheadMs = serverTimeMs - this.#options.platform.clock.now();
  }

  #schedule(): void {
    if (this.#isFlushDue || this.#isClosed) return;
    this.#isFlushDue = true;
    this.#options.platform.endOfTurn(() => this.#flush());
  }

  #flush(): void {
    this.#isFlushDue = false;
    if (this.#isClosed) return;
    this.#collect();
    this.#send();
    if (!this.#conversation.isJoined) return;
    for (const message of this.#presence.take(this.membership.address)) this.#conversation.say(message);
  }

  /** Puts what was made since the last time into the outbox and into the store. */
  #collect(): void {
    const piece = this.replica.take();
    if (piece !== undefined) this.#journal.noteOurs(piece);
  }

  #send(): void {
    if (!this.#conversation.isJoined || this.#isReplacing || !this.membership.mayWrite) return;
    const update = this.replica.outbox.next(this.#options.limits.updateBytesMax);
    if (update !== undefined) this.#conversation.sendUpdate(update);
  }

  /** What sequence numbers say, everybody is told. */
  #settle(): void {
    const { replica } = this;
    if (replica.isRebasing) return;
    this.#savings.settle((target) => replica.outbox.hasAcknowledged(target));
    if (!this.#conversation.isJoined || replica.unsaved > 0) return;
    if (this.#step("allSaved")) this.#journal.noteAcknowledged(replica.outbox.made);
  }

  /** Takes a step, and says so if it led anywhere. */
  #step(event: SyncEvent): boolean {
    const previous = this.#state;
    const state = nextSyncState[previous][event];
    if (state === previous) return false;
    this.#state = state;
    this.#emitter.emit("state", { state, previous });
    return true;
  }

  #made(changes: readonly DocumentChange[]): void {
    if (this.replica.isFull) this.#collect();
    this.#schedule();
    if (this.replica.unsaved > 0) this.#step("unsaved"); // Deleting nothing makes nothing.
    for (const change of changes) this.#changed(change, "local");
  }

  #changed(change: DocumentChange, origin: ChangeOrigin): void {
    if (!change.isEmpty) this.#emitter.emit("change", { change, origin });
  }

  #mustBeWritable(): void {
    if (this.#isClosed) throw closed();
    if (!this.membership.mayWrite) throw new ClientError("READ_ONLY", "this user may only read");
    const { unsavedOperationsMax } = this.#options.limits;
    if (this.replica.unsaved < unsavedOperationsMax) return;
    const error = new ClientError("QUEUE_FULL", `more than ${unsavedOperationsMax} operations are not saved`);
    this.#emitter.emit("problem", error);
    throw error;
  }

  #problem(code: ClientErrorCode, message: string, cause?: unknown): void {
    this.#emitter.emit("problem", new ClientError(code, message, { cause }));
  }
}
