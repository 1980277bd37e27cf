import type { Anchor, LineColumn, Side } from "@motet/crdt-core";
import type { Document, DocumentId, DocumentSnapshot, FieldValue, Operation } from "@motet/document";
import type { Status } from "@motet/transport";
import { ActivityWatch } from "./activity.js";
import { ClientError } from "./errors.js";
import { Emitter, type Unsubscribe } from "./events.js";
import type { ClientLimits } from "./limits.js";
import type { PresenceUpdate, Selection } from "./own-presence.js";
import type { Person, PersonCursor } from "./people.js";
import type { RemoteDocumentEvents, Session } from "./remote-document-events.js";
import { Sync } from "./sync.js";
import type { SyncOptions } from "./sync-options.js";
import type { SyncState } from "./sync-state.js";

/**
 * A document that lives on a server and can be edited here at once, without a line too. What is made here shows at
 * once, is kept over page loads, and is `saved` when the server says that it is on its disk.
 */
export class RemoteDocument {
  readonly #sync: Sync;
  readonly #emitter: Emitter<RemoteDocumentEvents>;
  readonly #limits: ClientLimits;
  readonly #loaded: Promise<void>;
  readonly #activity: ActivityWatch | undefined;

  /** Made by `connect`. @internal */
  constructor(options: SyncOptions) {
    this.#emitter = new Emitter((cause) => this.#listenerFailed(cause));
    this.#limits = options.limits;
    this.#sync = new Sync(options, this.#emitter);
    this.#loaded = this.#sync.start();
    this.#activity = this.#watch(options);
  }

  /** Which document this is. */
  get id(): DocumentId {
    return this.#document.id;
  }

  /** What the server made of this user when it last let them in: who they are, their colour, their rights. */
  get session(): Session | undefined {
    return this.#sync.membership.session;
  }

  /** How far what was done here has come. */
  get state(): SyncState {
    return this.#sync.state;
  }

  /** How many operations made here the server has not acknowledged; each character counts. */
  get unsaved(): number {
    return this.#sync.replica.unsaved;
  }

  /** The visible text. Cost: O(length). */
  get text(): string {
    return this.#document.text;
  }

  /** The length of the visible text in UTF-16 code units. */
  get length(): number {
    return this.#document.length;
  }

  /** The title; empty until there is one. */
  get title(): string {
    return this.#document.title;
  }

  /** The counter of that name; 0 until somebody counts. */
  counter(name = "default"): number {
    return this.#document.counter(name);
  }

  /** Every field that has a value, by name. */
  get fields(): ReadonlyMap<string, FieldValue> {
    return this.#document.fields;
  }

  /** What the document says now, as a value. */
  snapshot(): DocumentSnapshot {
    return this.#document.snapshot();
  }

  /** Who is in the document, this user included, by user id; nobody while there is no line. */
  get people(): ReadonlyMap<string, Person> {
    return this.#sync.people.all;
  }

  /**
   * The cursors of the other users, in the text as it is now; whose text has not come yet is left out. Cost: O(people).
   */
  cursors(): readonly PersonCursor[] {
    return this.#sync.cursors;
  }

  /** Whether the user may only read. It may change with each line, and while one stands: listen to `session` and `state`. */
  get isReadOnly(): boolean {
    return !this.#sync.membership.mayWrite;
  }

  /**
   * Does something to the document. It shows at once, and is sent at the end of the turn. Several operations, each on the
   * text as those before it have left it, are taken back as one.
   * @throws {ClientError} `READ_ONLY`, `QUEUE_FULL`, `CLOSED`. @throws {CrdtError} `OUT_OF_RANGE` for a position that is
   * not in the text. @throws {DocumentError} `MALFORMED`. That operation and those after it have not been done then.
   */
  apply(...operations: readonly Operation[]): void {
    this.#sync.edit((changes) => this.#sync.replica.make(operations, this.#sync.nowMs, changes));
  }

  /** Puts `text` at `position`, in UTF-16 units. @throws as {@link apply}. */
  insert(position: number, text: string): void {
    this.apply({ type: "insert", position, text });
  }

  /** Takes out `length` units at `position`. @throws as {@link apply}. */
  delete(position: number, length: number): void {
    this.apply({ type: "delete", position, length });
  }

  /** @throws as {@link apply}. */
  setTitle(title: string): void {
    this.apply({ type: "set_title", title });
  }

  /** Adds `amount`, an integer but 0, to a counter. @throws as {@link apply}. */
  increment(counter = "default", amount = 1): void {
    this.apply({ type: "increment_counter", counter, amount });
  }

  /** Sets a field; `null` takes it away. @throws as {@link apply}. */
  setField(field: string, value: FieldValue): void {
    this.apply({ type: "set_field", field, value });
  }

  /** Takes back the last step made here, and nobody else's. @throws as {@link apply}. */
  undo(): void {
    this.#sync.edit((changes) => this.#sync.replica.step("undo", this.#sync.nowMs, changes));
  }

  /** Does again what was taken back last. @throws as {@link apply}. */
  redo(): void {
    this.#sync.edit((changes) => this.#sync.replica.step("redo", this.#sync.nowMs, changes));
  }

  /** What is made next is taken back as a step of its own, however soon it comes: the caret was moved, say. */
  endUndoStep(): void {
    this.#sync.replica.undo.endStep();
  }

  /** Whether there is something to take back, or to do again. */
  get canUndo(): { readonly undo: boolean; readonly redo: boolean } {
    const { canUndo: undo, canRedo: redo } = this.#sync.replica.undo;
    return { undo, redo };
  }

  /** A position that stays with the character on that side of `offset`. @throws {CrdtError} `OUT_OF_RANGE`. */
  anchorAt(offset: number, side: Side): Anchor {
    return this.#document.anchorAt(offset, side);
  }

  /** Where an anchor stands now. @throws {CrdtError} `UNKNOWN_ID` for one of a character that is not here. */
  offsetOf(anchor: Anchor): number {
    return this.#document.offsetOf(anchor);
  }

  /** Line and column, from 0, of an offset. @throws {CrdtError} `OUT_OF_RANGE`. */
  lineColumnAt(offset: number): LineColumn {
    return this.#document.lineColumnAt(offset);
  }

  /** The offset of a line and column. @throws {CrdtError} `OUT_OF_RANGE`. */
  offsetAt(position: LineColumn): number {
    return this.#document.offsetAt(position);
  }

  /**
   * Shows the others what this user has selected, or where the cursor is; nothing with `undefined`. It stays with its
   * characters, whatever is done to the text. The newest of a turn is sent, and again on each new line.
   * @throws {CrdtError} `OUT_OF_RANGE` for what is not in the text or inside a character.
   */
  setSelection(selection: Selection | undefined): void {
    this.#sync.show((own) => own.select(selection, this.#document));
  }

  /** As {@link setSelection}, a cursor by line and column, which the server places in its text; beyond the end is its end. */
  moveCursor(cursor: LineColumn): void {
    this.#sync.show((own) => own.move(cursor));
  }

  /**
   * Shows the others how this user is. What is absent stays as it was.
   * @throws {ClientError} `BAD_PAYLOAD` for a state that is not JSON, or more than 1 KiB of it.
   */
  setPresence(update: PresenceUpdate): void {
    if (update.state !== undefined) mustFit("state", update.state, this.#limits.stateBytesMax);
    this.#sync.show((own) => own.say(update));
  }

  /**
   * Sends something of the application's own to everyone else who is in the document now. It is kept nowhere.
   * @returns whether it was sent: false while there is no line.
   * @throws {ClientError} `BAD_PAYLOAD` for what is not JSON, or more than 4 KiB of it.
   */
  broadcast(payload: unknown): boolean {
    mustFit("payload", payload, this.#limits.payloadBytesMax);
    return this.#sync.broadcast(payload);
  }

  /** Calls `listener` with every event of that type, until the returned function is called. */
  on<Type extends keyof RemoteDocumentEvents>(
    type: Type,
    listener: (event: RemoteDocumentEvents[Type]) => void,
  ): Unsubscribe {
    return this.#emitter.on(type, listener);
  }

  /** Resolves once what an earlier page load has left is here, or cannot be read. */
  whenLoaded(): Promise<void> {
    return this.#loaded;
  }

  /**
   * Resolves once the document is as the server has it, and keeps following it: at once where a line stands. While there is
   * none it waits. @throws {ClientError} (as a rejection) `REFUSED` when the server wants no other attempt, `CLOSED`.
   */
  whenSynced(): Promise<void> {
    return this.#sync.whenSynced();
  }

  /**
   * Resolves once everything made here before this call is on the server's disk. While there is no line it waits.
   * @throws {ClientError} (as a rejection) `REFUSED` when the server wants no other attempt, `REJECTED` when it does not
   * take an edit, `CLOSED`.
   */
  whenSaved(): Promise<void> {
    return this.#sync.whenSaved();
  }

  /**
   * Ends the line and asks for no other until {@link reconnect}: somebody wants to work offline. Edits go on, and are kept
   * here. @throws {ClientError} `CLOSED`.
   */
  disconnect(): void {
    this.#sync.disconnect();
  }

  /**
   * Connects at once, also after `disconnect`, and after a refusal: the user has logged in again.
   * @throws {ClientError} `CLOSED`.
   */
  reconnect(): void {
    this.#sync.reconnect();
  }

  /** Ends the line. Resolves once what is not saved is in the local store. Nothing can be made here afterwards. */
  close(): Promise<void> {
    this.#activity?.stop();
    return this.#sync.close();
  }

  #watch({ idleMs, platform: { activity, clock } }: SyncOptions): ActivityWatch | undefined {
    if (idleMs === undefined || activity === undefined) return undefined;
    const say = (status: Status) => this.setPresence({ status });
    return new ActivityWatch({ source: activity, clock, idleMs, say });
  }

  get #document(): Document {
    return this.#sync.replica.document;
  }

  #listenerFailed(cause: unknown): void {
    if (cause instanceof ClientError && cause.code === "LISTENER_FAILED") return; // Thrown while being told of itself.
    this.#emitter.emit("problem", new ClientError("LISTENER_FAILED", "a listener threw", { cause }));
  }
}

function mustFit(what: string, value: unknown, bytesMax: number): void {
  if (jsonBytes(value) <= bytesMax) return;
  throw new ClientError("BAD_PAYLOAD", `a ${what} is JSON of at most ${bytesMax} bytes`);
}

/** Infinity for what has no JSON: undefined, a cycle, a BigInt. */
function jsonBytes(value: unknown): number {
  try {
    const json = JSON.stringify(value) as string | undefined;
    return json === undefined ? Number.POSITIVE_INFINITY : new TextEncoder().encode(json).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
