import { type OperationRange, type ReplicaId, Update, VersionVector } from "@motet/crdt-core";
import { Document, type DocumentChange, type DocumentId, type Operation, UndoStack } from "@motet/document";
import type { ReplicaChangesFrame, ReplicaStateFrame } from "@motet/transport";
import { documentDifference, unchanged } from "./document-difference.js";
import { drawIdentity, type Identity, type RandomBytes } from "./identity.js";
import type { Kept, Whole } from "./journal.js";
import { Judge } from "./judge.js";
import { inParts } from "./long-insertion.js";
import { Outbox, type Piece, pieceOf } from "./outbox.js";
import { rebase } from "./rebase.js";
import type { Refusal } from "./refusal.js";
import { deliverable, isLeftOut, stagesOf } from "./stages.js";
import { before, clipped, common, gaps } from "./version-gaps.js";

/** Operations that travel as one piece at most, however many are made in one go. */
const PIECE_OPERATIONS_MAX = 16_384;

/** Bytes of small pieces that are put together. */
const BUNDLE_BYTES_MAX = 65_536;

/** Bytes at a time of what a server lacks that was set back. */
const STAGE_BYTES = 262_144;

/** What became of refused operations. */
export interface Rebased {
  readonly change: DocumentChange;
  readonly refusal: Refusal;
  /** What was not done again, as operations on the text as it is now, each after the one before it. */
  readonly givenBack: readonly Operation[];
  /** Whether something is among it that was made here. */
  readonly isOursLost: boolean;
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
  /** The ids under which operations were made here, or on an earlier page load of which some were left. */
  readonly #ours = new Set<ReplicaId>();
  /** The identity with which refused operations will be done again. */
  #next: Identity | undefined;
  #waiting: Waiting | undefined;
  #refusals = 0;
  /** What the server has while it lacks operations of others that are here. */
  #serverHas: VersionVector | undefined;
  /** Whether others still have time to bring what they made. */
  #isPatient = true;
  /** Operations made and not yet put into a piece. */
  #loose = 0;

  constructor(id: DocumentId, random: RandomBytes) {
    this.#id = id;
    this.#random = random;
    this.#identity = drawIdentity(random);
    this.#ours.add(this.#identity.replica);
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

  /** Whether the server lacks operations of others that are here, as far as is known. */
  get isAheadOfServer(): boolean {
    return this.#serverHas !== undefined && this.#lacksOthers(this.#serverHas);
  }

  /** Whether what the server lacks is here, but for characters of deleted text: who has these should come first. */
  get lacksCharacters(): boolean {
    return this.#document.operations(this.#serverHas ?? this.#document.version).some(isLeftOut);
  }

  /** Others had time enough to bring what they made: the next time we join, we do. */
  endPatience(): void {
    this.#isPatient = false;
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
    for (const piece of pieces) {
      this.#outbox.add(piece);
      for (const { replica } of piece.ranges) this.#ours.add(replica);
    }
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
    this.#bringBack(state.vector);
    return change;
  }

  /** Takes in an acknowledgement and what others did. @throws as {@link join}. */
  takeIn(frame: ReplicaChangesFrame): DocumentChange {
    const update = frame.update && Update.read(frame.update);
    const change = this.#receive(update);
    for (const { replica, to } of update?.ranges ?? []) this.#serverHas?.advance(replica, to);
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
    if (this.#ours.has(refusal.first.replica)) this.#refusals++;
    this.#waiting = { refusal, pieces: [...pieces, ...(this.#waiting?.pieces ?? [])] };
    this.renew();
    return true;
  }

  /** Whatever is made from here on is made under another id: the server does not know this one for ours. */
  renew(): void {
    this.take();
    this.#identity = drawIdentity(this.#random);
    this.#ours.add(this.#identity.replica);
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

  /**
   * A server that was set back to an older state gets again what it lacks: at once what was made here, and after a while also
   * what others made, who had time to bring it themselves.
   */
  #bringBack(vector: VersionVector): void {
    this.take();
    const { version } = this.#document;
    const since = common(version, this.#broughtBeside(vector));
    this.#serverHas = this.#lacksOthers(since) ? since.copy() : undefined;
    if (this.#isPatient) {
      for (const [replica, seq] of version) if (!this.#ours.has(replica)) since.advance(replica, seq);
    }
    this.#isPatient ||= this.#serverHas === undefined;
    if (!since.covers(version))
      for (const piece of this.#piecesSince(since).reverse()) this.#outbox.addFirst(piece);
  }

  /** What `since` lacks, in frames that a server takes and in an order in which each has what it builds on. */
  #piecesSince(since: VersionVector): Piece[] {
    const whole = this.#document.encode(since);
    if (whole.length <= STAGE_BYTES) return [pieceOf(whole)];
    const stages = stagesOf(this.#document, since, STAGE_BYTES);
    return stages.flatMap((to, at) => {
      const from = stages[at - 1] ?? since;
      return from.covers(to) ? [] : [pieceOf(this.#document.encode(from, to))];
    });
  }

  /** What the server has once it has what is in the outbox. */
  #broughtBeside(vector: VersionVector): VersionVector {
    const brought = vector.copy();
    for (const { replica, from, to } of this.#outbox.pieces.flatMap(({ ranges }) => ranges)) {
      if (from <= brought.get(replica) + 1) brought.advance(replica, to);
    }
    return brought;
  }

  #lacksOthers(has: VersionVector): boolean {
    return gaps(has, this.#document.version).some(({ replica }) => !this.#ours.has(replica));
  }

  /** All or nothing: whatever throws, throws before anything is put in place. */
  #rebaseOnto(state: State, { refusal, pieces: refusedPieces }: Waiting, nowMs: number): Rebased {
    this.take();
    const identity = this.#next ?? drawIdentity(this.#random);
    const onto = new Document({ id: this.#id, replica: identity.replica });
    if (state.update !== undefined) onto.receive(state.update);
    const isOthers = !this.#agreesWith(onto);
    for (const piece of this.#outbox.pieces) onto.receive(piece.update);
    this.#mend(onto, this.#doneAgain(refusal, refusedPieces));
    const kept =
      isOthers && onto.version.includes(refusal.first) ? before(onto.version, refusal.first) : onto.version;
    const all = [...this.#outbox.pieces, ...refusedPieces];
    const others = gaps(kept, this.#document.version).filter(({ replica }) => !this.#ours.has(replica));
    const refused = [{ ranges: others }, ...all.map(({ ranges }) => ({ ranges: clipped(kept, ranges) }))];
    const pieces = all.flatMap((piece) => keptOf(piece, kept, onto));
    const judge = new Judge(refusal, this.#refusals, this.#ours);
    const givenBack = rebase({ from: this.#document, onto, refused, judge, nowMs });
    const change = documentDifference(this.#document.snapshot(), onto.snapshot());
    this.#use(identity, onto);
    this.#outbox.takeFrom(0);
    this.#outbox.restart(state.vector);
    for (const piece of pieces) this.#outbox.add(piece);
    this.#bringBack(state.vector);
    return { change, refusal, givenBack, isOursLost: judge.hasTakenOurs };
  }

  #use(identity: Identity, document: Document): void {
    this.#identity = identity;
    this.#ours.add(identity.replica);
    this.#document = document;
    this.#undo = new UndoStack(document);
    this.#waiting = undefined;
  }

  /**
   * Gives the server's document everything that may be delivered as it is. Left out is what is done again, and what depends
   * on that.
   */
  #mend(onto: Document, doneAgain: readonly OperationRange[]): void {
    const { version } = this.#document;
    const since = common(version, onto.version);
    const until = doneAgain.reduce((kept, { replica, from: seq }) => before(kept, { replica, seq }), version);
    const told = deliverable(this.#document, since, until);
    if (!since.covers(told)) onto.receive(this.#document.encode(since, told));
  }

  /** What is not delivered as it is. What was made after a stamp that is ahead is ahead as well: all of ours is stamped anew. */
  #doneAgain({ code, first }: Refusal, refused: readonly Piece[]): readonly OperationRange[] {
    return refused
      .flatMap(({ ranges }) => ranges)
      .filter(
        ({ replica }) => replica === first.replica || (code === "CLOCK_AHEAD" && this.#ours.has(replica)),
      );
  }

  /**
   * Whether the server's document says the same under the same ids: if not, somebody else goes by one of ours. Gives it the
   * characters of deleted text that it was sent without.
   */
  #agreesWith(onto: Document): boolean {
    try {
      onto.receive(this.#document.encode(undefined, common(this.#document.version, onto.version)));
      return true;
    } catch {
      return false;
    }
  }
}

/** A state as it came, read once. @throws {CrdtError} when it makes no sense. */
function stateOf({ vector, update: bytes }: ReplicaStateFrame): State {
  const update = bytes && Update.read(bytes);
  const held = update?.ranges.map(({ replica, to }) => [replica, to] as const);
  return { vector: vector ?? new VersionVector(held), update };
}

/** What of a piece is in `kept`, as `document` has it, whose newest operations these are. */
function keptOf(piece: Piece, kept: VersionVector, document: Document): readonly Piece[] {
  if (clipped(kept, piece.ranges).length === 0) return [piece];
  const first = piece.ranges.filter(({ replica, from }) => from <= kept.get(replica));
  if (first.length === 0) return [];
  const since = first.reduce(
    (version, { replica, from: seq }) => before(version, { replica, seq }),
    document.version,
  );
  return [pieceOf(document.encode(since))];
}
