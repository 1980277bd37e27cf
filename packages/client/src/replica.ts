import { type ItemId, type ReplicaId, Update, VersionVector } from "@motet/crdt-core";
import {
  Document,
  type DocumentChange,
  type DocumentId,
  type LoggedOperation,
  type Operation,
  UndoStack,
} from "@motet/document";
import type { ReplicaChangesFrame, ReplicaStateFrame } from "@motet/transport";
import { documentDifference, unchanged } from "./document-difference.js";
import { drawIdentity, type Identity, type RandomBytes } from "./identity.js";
import type { Kept, Whole } from "./journal.js";
import { inParts } from "./long-insertion.js";
import { Outbox, type Piece, pieceOf } from "./outbox.js";
import { rebase } from "./rebase.js";

/** Operations that travel as one piece at most, however many are made in one go. */
const PIECE_OPERATIONS_MAX = 16_384;

/** Bytes of small pieces that are put together. */
const BUNDLE_BYTES_MAX = 65_536;

/** Refusals without an acknowledgement between them, after which everything is given back: the server wants nothing. */
const REFUSALS_MAX = 3;

/** What is right under another id or with another stamp; everything else that is refused is given back. */
const CURABLE: ReadonlySet<string> = new Set(["CLOCK_AHEAD", "CONFLICT", "REPLICA_TAKEN", "REPLICA_REFUSED"]);

/** What the server would not take. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  /** The first operation that it would not take. */
  readonly first: ItemId;
}

/** What became of refused operations. */
export interface Rebased {
  readonly change: DocumentChange;
  readonly refusal: Refusal;
  /** What was not done again, as operations on the text as it is now, each after the one before it. */
  readonly givenBack: readonly Operation[];
}

/** What a server has, and what of it was not here. */
interface State {
  readonly vector: VersionVector;
  readonly update: Update | undefined;
}

/** Refused operations that wait for the server's state, on which they can be done again. */
interface Waiting {
  readonly refusal: Refusal;
  readonly pieces: Piece[];
}

/**
 * A document as one instance of a client has it, and what of it the server does not have yet. Knows nothing of lines and
 * stores.
 */
export class Replica {
  readonly #id: DocumentId;
  readonly #random: RandomBytes;
  readonly #outbox = new Outbox();
  #document: Document;
  #undo: UndoStack;
  #identity: Identity;
  /** The identity with which refused operations will be done again. */
  #next: Identity | undefined;
  #waiting: Waiting | undefined;
  #refusals = 0;
  /** Operations made and not yet put into a piece. */
  #loose = 0;

  constructor(id: DocumentId, random: RandomBytes) {
    this.#id = id;
    this.#random = random;
    this.#identity = drawIdentity(random);
    this.#document = new Document({ id, replica: this.#identity.replica });
    this.#undo = new UndoStack(this.#document);
  }

  /** The document. Another object after a rebase. */
  get document(): Document {
    return this.#document;
  }

  /** What takes back what was made here. Another object, and empty, after a rebase. */
  get undo(): UndoStack {
    return this.#undo;
  }

  get outbox(): Outbox {
    return this.#outbox;
  }

  /** How many operations made here the server has not acknowledged. */
  get unsaved(): number {
    const waiting = this.#waiting?.pieces.flatMap(({ ranges }) => ranges) ?? [];
    const refused = waiting.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    return this.#outbox.unsaved + this.#loose + refused;
  }

  /** Whether refused operations wait to be done again. */
  get isRebasing(): boolean {
    return this.#waiting !== undefined;
  }

  /** Who joins next. While a rebase is due, that is somebody who has never written. */
  greeter(): Identity {
    if (this.#waiting === undefined) return this.#identity;
    this.#next = drawIdentity(this.#random);
    return this.#next;
  }

  /** What the server need not send: what is here; nothing while a rebase is due, as that needs the whole state. */
  version(): VersionVector {
    return this.#waiting === undefined ? this.#document.version : new VersionVector();
  }

  /**
   * Makes operations here, one step for undo, and adds what changed to `changes`. @throws as `Document.apply` does; those
   * before it have been made then.
   */
  make(operations: readonly Operation[], nowMs: number, changes: DocumentChange[]): void {
    this.#undo.together(() => {
      for (const part of operations.flatMap(inParts)) {
        changes.push(this.#made(this.#undo.apply(part, nowMs)));
      }
    });
  }

  /** Takes the last step back, or does it again, and adds what changed to `changes`. */
  step(direction: "undo" | "redo", nowMs: number, changes: DocumentChange[]): void {
    for (const change of this.#undo[direction](nowMs)) changes.push(this.#made(change));
  }

  /** What was made since the last call, as a piece that is now in the outbox. */
  take(): Piece | undefined {
    const update = this.#document.takeUpdate();
    this.#loose = 0;
    if (update === undefined) return undefined;
    const piece = pieceOf(update);
    if (this.#waiting === undefined) this.#outbox.add(piece);
    else this.#waiting.pieces.push(piece);
    return piece;
  }

  /** Whether so much was made in one go that it has to be taken now. */
  get isFull(): boolean {
    return this.#loose >= PIECE_OPERATIONS_MAX;
  }

  /** What an earlier page load has left. Returns what changed, and how many updates were of no use. */
  restore({ updates, pieces }: Kept): { readonly changes: DocumentChange[]; readonly damaged: number } {
    const changes: DocumentChange[] = [];
    let damaged = 0;
    for (const update of updates) {
      try {
        changes.push(this.#document.receive(update));
      } catch {
        damaged++;
      }
    }
    for (const piece of pieces) this.#outbox.add(piece);
    return { changes, damaged };
  }

  /** Everything there is, for the store. */
  whole(): Whole {
    this.#outbox.bundle(BUNDLE_BYTES_MAX);
    const pieces = [...this.#outbox.pieces, ...(this.#waiting?.pieces ?? [])];
    return { state: this.#document.encode(), pieces };
  }

  /** Takes in the server's state. @throws when it makes no sense; nothing has changed then. */
  join(frame: ReplicaStateFrame, nowMs: number): DocumentChange | Rebased {
    const state = stateOf(frame);
    if (this.#waiting !== undefined) return this.#rebaseOnto(state, this.#waiting, nowMs);
    const change = this.#receive(state.update);
    this.#outbox.restart(state.vector);
    this.#sendAgain(state.vector);
    return change;
  }

  /** Takes in an acknowledgement and what others did. @throws as {@link join}. */
  takeIn(frame: ReplicaChangesFrame): DocumentChange {
    const change = this.#receive(frame.update && Update.decode(frame.update));
    if (frame.vector.size > 0) this.#refusals = 0;
    this.#outbox.acknowledge(frame.vector);
    return change;
  }

  /**
   * The server has refused an operation. It and all that follow are taken out of the outbox, and will be done again on
   * the state with which the next line begins. False when it is not in the outbox: there is nothing to do.
   */
  refuse(refusal: Refusal): boolean {
    this.take();
    const pieces = this.#outbox.cut(refusal.first.replica, refusal.first.seq);
    if (pieces.length === 0) return false;
    this.#refusals++;
    this.#waiting = { refusal, pieces: [...pieces, ...(this.#waiting?.pieces ?? [])] };
    this.renew();
    return true;
  }

  /** Whatever is made from here on is made under another id: the server does not know this one for ours. */
  renew(): void {
    this.take();
    this.#identity = drawIdentity(this.#random);
    this.#document.writeAs(this.#identity.replica);
  }

  /** The replica under which operations are made here now. */
  get replica(): ReplicaId {
    return this.#identity.replica;
  }

  #made(change: DocumentChange): DocumentChange {
    for (const { from, to } of change.applied) this.#loose += to - from + 1;
    return change;
  }

  #receive(update: Update | undefined): DocumentChange {
    return update === undefined ? unchanged(this.#document.versionNumber) : this.#document.receive(update);
  }

  /** A server that was set back to an older state gets again what it had acknowledged to us. */
  #sendAgain(vector: VersionVector): void {
    const { replica, document } = this;
    const pending = this.#outbox.pieces.flatMap(({ ranges }) => ranges).find((it) => it.replica === replica);
    const acknowledged = (pending?.from ?? document.version.get(replica) - this.#loose + 1) - 1;
    if (vector.get(replica) >= acknowledged) return;
    this.take();
    const entries = [...document.version].map(
      ([name, seq]) => [name, name === replica ? vector.get(replica) : seq] as const,
    );
    const lacking = new VersionVector(entries.filter(([, seq]) => seq > 0));
    this.#outbox.add(pieceOf(document.encode(lacking)));
  }

  /** All or nothing: whatever throws, throws before anything is put in place. */
  #rebaseOnto(state: State, { refusal, pieces }: Waiting, nowMs: number): Rebased {
    this.take();
    const identity = this.#next ?? drawIdentity(this.#random);
    const onto = new Document({ id: this.#id, replica: identity.replica });
    if (state.update !== undefined) onto.receive(state.update);
    for (const { update } of this.#outbox.pieces) onto.receive(update);
    const isGivenBack = this.#judgement(refusal);
    const givenBack = rebase({ from: this.#document, onto, refused: pieces, isGivenBack, nowMs });
    const change = documentDifference(this.#document.snapshot(), onto.snapshot());
    this.#identity = identity;
    this.#document = onto;
    this.#undo = new UndoStack(onto);
    this.#waiting = undefined;
    this.#outbox.restart(state.vector);
    this.take();
    return { change, refusal, givenBack };
  }

  #judgement({ code, first }: Refusal): (logged: LoggedOperation) => boolean {
    if (this.#refusals >= REFUSALS_MAX) return () => true;
    if (CURABLE.has(code)) return () => false;
    return ({ id, length }) =>
      id.replica === first.replica && id.seq <= first.seq && first.seq < id.seq + length;
  }
}

/** A state as it came, read once. @throws {CrdtError} when it makes no sense. */
function stateOf({ vector, update: bytes }: ReplicaStateFrame): State {
  const update = bytes && Update.decode(bytes);
  const held = update?.ranges.map(({ replica, to }) => [replica, to] as const);
  return { vector: vector ?? new VersionVector(held), update };
}
