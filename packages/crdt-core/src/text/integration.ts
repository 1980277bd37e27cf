import * as row from "../codec/row-codec.js";
import { UpdateReader } from "../codec/update-reader.js";
import { CrdtError, type CrdtErrorCode, malformed } from "../errors.js";
import { formatId, type ItemId, type OperationRange, type ReplicaId } from "../ids.js";
import { Incoming } from "../log/incoming.js";
import type { OpaqueRow } from "../log/operation.js";
import { deletionsMax, ELEMENTS_MAX, LOGGED_SEQ_MAX } from "../log/operation-log.js";
import { Pending, WAITING_BYTES_MAX, WAITING_ROWS_MAX } from "../log/pending.js";
import { NONE, ReplicaLog } from "../log/replica-log.js";
import { ChangeList } from "./change-list.js";
import { refuseConflict } from "./duplicates.js";
import type { Caret, Sequence } from "./sequence.js";

/** An operation that was held back and turned out, once freed, to be one that no honest replica makes. */
export interface RefusedOperation {
  readonly id: ItemId;
  readonly code: CrdtErrorCode;
}

/** In the place of an element that is not here yet. */
const AWAITED = -2;

/**
 * Updates by id on their way into a text: all of one or, when it throws, nothing. Rows are applied replica by replica; one
 * that needs what is not here yet waits, with all behind it, for exactly that id, so nothing is tried twice in vain.
 * For what typing makes no object is made, but for what it changes: automerge-paper, one by one, 180 ns an edit.
 */
export class Integration {
  readonly #sequence: Sequence;
  readonly #pending: Pending;
  readonly #fillsIn: boolean;
  readonly #updates = new UpdateReader();
  /** The log of whoever has done nothing yet. */
  readonly #nobody = new ReplicaLog("nobody" as ReplicaId, -1);
  /** The stretch that is being read. */
  readonly #stretch = new Incoming(this.#updates.reader, this.#updates.rows);
  /** Who got new operations, so many of these; their logs know from which seq on. An array that shrinks is made anew. */
  readonly #advanced: ReplicaLog[] = [];
  #advancedCount = 0;
  #elementsBefore = 0;
  #replicasBefore = 0;
  /** Elements whose characters were left out, `[first, count]`: to be dead in the end. */
  #leftOut: number[] = [];
  /** Characters that were missing and came as duplicates, `[element, code point]`. */
  #filled: number[] = [];
  #awaited: ItemId | undefined;
  #isFreed = false;
  /** Whether there is anything in the fields that only some updates use. */
  #hasSeldom = false;
  #deletions = 0;
  /** What the last update had to refuse of what had waited. */
  refused: RefusedOperation[] = [];

  /** `fillsIn`: characters that are missing here are taken from what comes again. */
  constructor(sequence: Sequence, pending: Pending, fillsIn: boolean) {
    this.#sequence = sequence;
    this.#pending = pending;
    this.#fillsIn = fillsIn;
  }

  /**
   * Applies or holds what `update` holds, then whatever it has freed. Returns what that changes.
   * @param isChecked Whether it was decoded before.
   * @throws {CrdtError} and nothing has changed.
   */
  run(update: Uint8Array, isChecked: boolean): ChangeList {
    this.#updates.open(update);
    if (!isChecked) this.#updates.check();
    this.#begin();
    const changes = new ChangeList(this.#sequence);
    this.#sequence.listener = changes;
    try {
      this.#applyAll();
    } catch (error) {
      this.#sequence.rewind(this.#advancedNow(), this.#elementsBefore, this.#replicasBefore);
      this.#updates.forget();
      throw error;
    } finally {
      this.#sequence.listener = undefined;
    }
    return changes;
  }

  /** The operations that the last update has brought. */
  applied(): OperationRange[] {
    return this.#advancedNow()
      .filter(({ before, next }) => before < next)
      .map(({ replica, before, next }) => ({ replica, from: before, to: next - 1 }));
  }

  /** The opaque rows that it has brought. */
  rows(): OpaqueRow[] {
    return this.#hasSeldom ? this.#advancedNow().flatMap((log) => log.opaqueRows(log.before)) : [];
  }

  #advancedNow(): ReplicaLog[] {
    return this.#advanced.slice(0, this.#advancedCount);
  }

  #begin(): void {
    for (let at = 0; at < this.#advancedCount; at++) this.#advanced[at].before = 0;
    this.#advancedCount = 0;
    this.#elementsBefore = this.#sequence.log.elements;
    this.#replicasBefore = this.#sequence.log.replicas.length;
    this.#deletions = 0;
    if (this.#hasSeldom) this.#forgetSeldom();
    this.#stretch.names = this.#updates.table.names;
    this.#stretch.logs = this.#updates.table.logs;
  }

  /** Forgets what few updates leave here: it costs a tenth of a keystroke to ask for each of them. */
  #forgetSeldom(): void {
    this.#hasSeldom = false;
    this.#isFreed = false;
    this.#leftOut = [];
    this.#filled = [];
    this.refused = [];
  }

  #applyAll(): void {
    const waiting = this.#applyStretches();
    if (this.#hasSeldom) this.#refuseReadableWithoutCharacters();
    if (waiting !== undefined) this.#hold(waiting);
    if (this.#hasSeldom && this.#fillsIn) this.#fillIn();
    if (this.#pending.rows > 0) this.#applyFreed();
  }

  #fillIn(): void {
    const { characters } = this.#sequence;
    for (let at = 0; at < this.#filled.length; at += 2) {
      characters.fill(this.#filled[at], this.#filled[at + 1]);
    }
    characters.sortWide();
  }

  /** Applies what can be applied, and returns what has to wait. */
  #applyStretches(): Pending | undefined {
    const updates = this.#updates;
    const stretch = this.#stretch;
    if (updates.reread() && this.#applyRow(stretch)) return undefined;
    updates.restart();
    let waiting: Pending | undefined;
    while (updates.nextStretch()) {
      const from = stretch.rows.next;
      const isBlocked = this.#apply(stretch);
      if (!isBlocked && waiting === undefined) continue;
      waiting ??= new Pending();
      const freed = waiting.take(stretch.replica, from, this.#last(stretch));
      if (isBlocked) waiting.hold(this.#awaited!, stretch.split());
      this.#free(waiting, freed);
    }
    return waiting;
  }

  /** Applies what was freed, and what that frees. What has to wait on is held in `waiting` again. */
  #free(waiting: Pending, freed: Incoming[]): void {
    for (let incoming = freed.pop(); incoming !== undefined; incoming = freed.pop()) {
      const from = this.#last(incoming) + 1;
      const isBlocked = this.#isFreed ? this.#applyHeld(incoming) : this.#apply(incoming);
      for (const next of waiting.take(incoming.replica, from, this.#last(incoming))) freed.push(next);
      if (isBlocked) waiting.hold(this.#awaited!, incoming);
    }
  }

  /** The last seq that is here of the replica of a stretch. */
  #last(incoming: Incoming): number {
    return (incoming.logOf(incoming.rows.own, this.#sequence.log)?.next ?? 1) - 1;
  }

  /** Keeps what waits until what it waits for has come. */
  #hold(waiting: Pending): void {
    const rows = waiting.rows + this.#pending.rows;
    if (rows > WAITING_ROWS_MAX || waiting.bytes + this.#pending.bytes > WAITING_BYTES_MAX) {
      throw new CrdtError("LIMIT", "too many operations wait");
    }
    for (const [awaited, incoming] of waiting.all()) this.#pending.holdOnce(awaited, incoming);
  }

  #applyFreed(): void {
    this.#hasSeldom = true;
    this.#isFreed = true;
    const freed = this.#advancedNow().flatMap(({ replica, before, next }) =>
      this.#pending.take(replica, before, next - 1),
    );
    this.#free(this.#pending, freed);
  }

  /** Applies a stretch that had waited. Nobody is there to be told of an error: what is bad is dropped and noted. */
  #applyHeld(incoming: Incoming): boolean {
    try {
      return this.#apply(incoming);
    } catch (error) {
      /* v8 ignore next -- Anything else would be a fault of ours. @preserve */
      if (!(error instanceof CrdtError)) throw error;
      this.refused.push({ id: { replica: incoming.replica, seq: incoming.rows.seq }, code: error.code });
      return false;
    }
  }

  /** Applies the rows of one stretch, as many as can be. Returns whether the next one waits, for `#awaited`. */
  #apply(incoming: Incoming): boolean {
    while (incoming.read()) {
      if (this.#applyRow(incoming)) continue;
      incoming.unread();
      return true;
    }
    return false;
  }

  #applyRow(incoming: Incoming): boolean {
    const { rows } = incoming;
    const log = incoming.logOf(rows.own, this.#sequence.log) ?? this.#nobody;
    const known = log.next - rows.seq;
    if (known < 0) return this.#await(incoming, rows.own, rows.seq - 1);
    if (known > 0) this.#compare(incoming, log, known);
    if (known >= rows.length) return true;
    if (rows.isInsert) return this.#insert(incoming, log, known);
    if (rows.kind === row.OPAQUE) return this.#append(incoming, log);
    return this.#delete(incoming, log, known);
  }

  #compare(incoming: Incoming, log: ReplicaLog, known: number): void {
    this.#hasSeldom = true;
    refuseConflict(this.#sequence, log, incoming, Math.min(known, incoming.rows.length), this.#filled);
  }

  /** What refers to its own replica refers to what is here: only references to others are looked up. */
  #insert(incoming: Incoming, log: ReplicaLog, known: number): boolean {
    const { rows } = incoming;
    if (known > 0 || rows.kind === row.CONTINUED) {
      const left = elementOf(log, rows.seq + known - 1);
      return this.#place(incoming, log, { left, right: log.rightOf(left) }, rows.length - known);
    }
    const isOwn = rows.left === rows.own;
    const left = isOwn ? elementOf(log, rows.leftSeq) : this.#find(incoming, rows.left, rows.leftSeq);
    if (left === AWAITED) return false;
    const isOwnRight = rows.right === rows.own;
    const right = isOwnRight
      ? elementOf(log, rows.rightSeq)
      : this.#find(incoming, rows.right, rows.rightSeq);
    return right !== AWAITED && this.#place(incoming, log, { left, right }, rows.length);
  }

  /** Places the next `count` elements between two others, which are here. */
  #place(incoming: Incoming, known: ReplicaLog, { left, right }: Caret, count: number): true {
    const sequence = this.#sequence;
    const { characters } = sequence;
    /* v8 ignore next -- It takes 2^26 characters to see. @preserve */
    if (sequence.log.elements + count > ELEMENTS_MAX) throw new CrdtError("LIMIT", "too many characters");
    const isLeftOut = incoming.rows.kind === row.LEFT_OUT;
    if (isLeftOut) this.#noteLeftOut(count);
    const inside = sequence.enterGap(incoming.replica, left, right);
    const log = this.#advance(incoming, known);
    if (isLeftOut) characters.appendMissing(count);
    else characters.read(incoming.reader, count);
    sequence.insertHere(log, left, right, inside);
    return true;
  }

  /** Notes that the next `count` elements have no characters. */
  #noteLeftOut(count: number): void {
    if (this.#isFreed) throw malformed("characters missing");
    this.#hasSeldom = true;
    this.#leftOut.push(this.#sequence.log.elements, count);
  }

  #delete(incoming: Incoming, log: ReplicaLog, known: number): boolean {
    const { kind, targetSeq, length, target: index, own } = incoming.rows;
    const highest = kind === row.DELETED_UP ? targetSeq + length - 1 : targetSeq - known;
    const target = index === own ? log : incoming.logOf(index, this.#sequence.log);
    if (target === undefined || target.next <= highest) return this.#await(incoming, index, highest);
    this.#deletions += length - known;
    if (this.#deletions > deletionsMax(this.#sequence.log.elements) && !this.#isFreed) {
      throw new CrdtError("LIMIT", "too many deletions");
    }
    refuseOthers(target, highest - length + known + 1, highest);
    this.#deleteTargets(this.#advance(incoming, log), target, incoming.rows, known);
    return true;
  }

  /** Applies the deletions of a row, but for the first `known`, all of whose targets are here. */
  #deleteTargets(
    log: ReplicaLog,
    target: ReplicaLog,
    { kind, targetSeq, length }: row.RowReader,
    known: number,
  ): void {
    const step = kind === row.DELETED_UP ? 1 : -1;
    const first = targetSeq + step * known;
    const end = first + step * (length - known);
    for (let seq = first; seq !== end; ) {
      const run = insertionAt(target, seq);
      const inRun = step > 0 ? target.endOfRun(run) - seq : seq - target.startOfRun(run) + 1;
      const count = Math.min(inRun, Math.abs(end - seq));
      this.#sequence.deleteElements(log, target.elementAt(seq), step * count);
      seq += step * count;
    }
  }

  #append(incoming: Incoming, log: ReplicaLog): true {
    const { opaqueKind, opaqueLength } = incoming.rows;
    const bytes = incoming.reader.bytes(opaqueLength);
    this.#hasSeldom = true;
    this.#advance(incoming, log).row(opaqueKind, bytes);
    return true;
  }

  /** The element that a row names; AWAITED when it is not here yet. */
  #find(incoming: Incoming, index: number, seq: number): number {
    if (index === row.NO_REPLICA) return NONE;
    const log = incoming.logOf(index, this.#sequence.log);
    if (log !== undefined && seq < log.next) return elementOf(log, seq);
    this.#await(incoming, index, seq);
    return AWAITED;
  }

  /** Notes what a row waits for. */
  #await(incoming: Incoming, index: number, seq: number): false {
    this.#awaited = { replica: incoming.names[index], seq };
    return false;
  }

  /** The log that gets the row that was read, with how far it went before this update noted. */
  #advance(incoming: Incoming, known: ReplicaLog): ReplicaLog {
    /* v8 ignore next -- It takes 2^31 operations to see. @preserve */
    if (incoming.rows.next > LOGGED_SEQ_MAX) throw new CrdtError("LIMIT", "seq too high");
    const log = known === this.#nobody ? this.#sequence.log.of(incoming.replica) : known;
    if (log.before === 0) {
      log.before = log.next;
      this.#advanced[this.#advancedCount++] = log;
    }
    return log;
  }

  #refuseReadableWithoutCharacters(): void {
    for (let at = 0; at < this.#leftOut.length; at += 2) {
      const end = this.#leftOut[at] + this.#leftOut[at + 1];
      for (let element = this.#leftOut[at]; element < end; element++) {
        if (this.#sequence.isVisible(element)) throw malformed("characters missing");
      }
    }
  }
}

/** The element that `seq` of `log` inserted. @throws {CrdtError} as `insertionAt` does. */
function elementOf(log: ReplicaLog, seq: number): number {
  const element = log.elementAt(seq);
  return element === NONE ? insertionAt(log, seq) : element;
}

/** Refuses a deletion of anything but characters, before it has deleted one of them. */
function refuseOthers(log: ReplicaLog, from: number, to: number): void {
  for (let seq = from; seq <= to; ) seq = log.endOfRun(insertionAt(log, seq));
}

/** The run of inserts that holds `seq` of `log`. @throws {CrdtError} `FORGED_ORIGIN` when that inserted nothing. */
function insertionAt(log: ReplicaLog, seq: number): number {
  const run = log.runOfSeq(seq);
  if (run >= 0) return run;
  throw new CrdtError("FORGED_ORIGIN", `${formatId({ replica: log.replica, seq })} is no character`);
}
