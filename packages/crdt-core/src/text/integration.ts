import * as row from "../codec/row-codec.js";
import type { Update } from "../codec/update.js";
import { CrdtError, type CrdtErrorCode, malformed } from "../errors.js";
import type { ItemId, OperationRange, ReplicaId } from "../ids.js";
import { Incoming } from "../log/incoming.js";
import type { OpaqueRow } from "../log/operation.js";
import { deletionsMax, ELEMENTS_MAX, LOGGED_SEQ_MAX, missingMax } from "../log/operation-log.js";
import { Pending, WAITING_BYTES_MAX, WAITING_ROWS_MAX } from "../log/pending.js";
import { NONE, type ReplicaLog } from "../log/replica-log.js";
import { deleteTargets, elementOf } from "./apply-row.js";
import { refuseConflict } from "./duplicates.js";
import type { Sequence } from "./sequence.js";

/** An operation that was held back and turned out, once freed, to be one that no honest replica makes. */
export interface RefusedOperation {
  readonly id: ItemId;
  readonly code: CrdtErrorCode;
}

/** In the place of an element that is not here yet. */
const AWAITED = -2;

/**
 * One update on its way into a text: all of it or, when it throws, nothing. Rows are applied replica by replica; one
 * that needs what is not here yet waits, with all behind it, for exactly that id, so nothing is tried twice in vain.
 */
export class Integration {
  readonly #sequence: Sequence;
  readonly #pending: Pending;
  readonly #fillsIn: boolean;
  /** Who got new operations, and from which seq on. */
  readonly #advanced = new Map<ReplicaLog, number>();
  readonly #elementsBefore: number;
  /** Elements whose characters were left out, `[first, count]`: to be dead in the end. */
  readonly #leftOut: number[] = [];
  /** Characters that were missing and came as duplicates, `[element, code point]`. */
  readonly #filled: number[] = [];
  #awaited: ItemId | undefined;
  #isFreed = false;
  #deletions = 0;
  /** How many more elements without characters may come. */
  #missingRoom = 0;
  readonly rows: OpaqueRow[] = [];
  readonly refused: RefusedOperation[] = [];

  /** `fillsIn`: characters that are missing here are taken from what comes again. */
  constructor(sequence: Sequence, pending: Pending, fillsIn: boolean) {
    this.#sequence = sequence;
    this.#pending = pending;
    this.#fillsIn = fillsIn;
    this.#elementsBefore = sequence.log.elements;
  }

  /** Applies or holds what `update` holds, then whatever it has freed. @throws {CrdtError} and nothing has changed. */
  run(update: Update): void {
    this.#missingRoom = missingMax(update.bytes.length);
    try {
      this.#hold(this.#applyAll(Incoming.of(update)));
      this.#refuseReadableWithoutCharacters();
    } catch (error) {
      this.#sequence.rewind(this.#advanced, this.#elementsBefore);
      throw error;
    }
    if (this.#fillsIn) this.#fillIn();
    if (this.#pending.rows > 0) this.#applyFreed();
  }

  /** The operations that were applied. */
  applied(): OperationRange[] {
    const ranges = [...this.#advanced].map(([log, from]) => ({
      replica: log.replica,
      from,
      to: log.next - 1,
    }));
    return ranges.filter(({ from, to }) => from <= to);
  }

  #fillIn(): void {
    const { characters } = this.#sequence;
    for (let at = 0; at < this.#filled.length; at += 2) {
      characters.fill(this.#filled[at], this.#filled[at + 1]);
    }
  }

  /** Applies what can be applied, and returns what has to wait. */
  #applyAll(stretches: Incoming[]): Pending {
    const waiting = new Pending();
    const queue = stretches.reverse();
    for (let incoming = queue.pop(); incoming !== undefined; incoming = queue.pop()) {
      const from = this.#sequence.log.find(incoming.replica)?.next ?? 1;
      const isBlocked = this.#apply(incoming);
      const to = (this.#sequence.log.find(incoming.replica)?.next ?? 1) - 1;
      if (to >= from && waiting.rows > 0) {
        for (const freed of waiting.take(incoming.replica, from, to)) queue.push(freed);
      }
      if (isBlocked) waiting.hold(this.#awaited!, incoming);
    }
    return waiting;
  }

  /** Keeps what waits until what it waits for has come. */
  #hold(waiting: Pending): void {
    if (waiting.rows === 0) return;
    const rows = waiting.rows + this.#pending.rows;
    if (rows > WAITING_ROWS_MAX || waiting.bytes + this.#pending.bytes > WAITING_BYTES_MAX) {
      throw new CrdtError("LIMIT", "too many operations wait");
    }
    for (const [awaited, incoming] of waiting.all()) this.#pending.holdOnce(awaited, incoming.detached());
  }

  #applyFreed(): void {
    this.#isFreed = true;
    const queue = [...this.#advanced].flatMap(([log, from]) =>
      this.#pending.take(log.replica, from, log.next - 1),
    );
    for (let incoming = queue.pop(); incoming !== undefined; incoming = queue.pop()) {
      const from = this.#sequence.log.find(incoming.replica)?.next ?? 1;
      this.#applyHeld(incoming);
      const to = (this.#sequence.log.find(incoming.replica)?.next ?? 1) - 1;
      if (to >= from) queue.push(...this.#pending.take(incoming.replica, from, to));
    }
  }

  /** Applies a stretch that had waited. Nobody is there to be told of an error: what is bad is dropped and noted. */
  #applyHeld(incoming: Incoming): void {
    try {
      if (this.#apply(incoming)) this.#pending.holdOnce(this.#awaited!, incoming);
    } catch (error) {
      /* v8 ignore next -- Anything else would be a fault of ours. @preserve */
      if (!(error instanceof CrdtError)) throw error;
      this.refused.push({ id: { replica: incoming.replica, seq: incoming.rows.seq }, code: error.code });
    }
  }

  /** Applies the rows of one stretch, as many as can be. Returns whether the next one waits, for `#awaited`. */
  #apply(incoming: Incoming): boolean {
    for (; incoming.left > 0; incoming.left--) {
      incoming.read();
      if (this.#applyRow(incoming)) continue;
      incoming.unread();
      return true;
    }
    return false;
  }

  #applyRow(incoming: Incoming): boolean {
    const { rows } = incoming;
    const log = incoming.logOf(rows.own, this.#sequence.log);
    const known = (log?.next ?? 1) - rows.seq;
    if (known < 0) return this.#await(incoming.replica, rows.seq - 1);
    if (known > 0) refuseConflict(this.#sequence, log!, incoming, Math.min(known, rows.length), this.#filled);
    if (known >= rows.length) return true;
    if (rows.isInsert) return this.#insert(incoming, known);
    if (rows.kind === row.OPAQUE) return this.#append(incoming);
    return this.#delete(incoming, known);
  }

  #insert(incoming: Incoming, known: number): boolean {
    const { rows } = incoming;
    const sequence = this.#sequence;
    const continues = known > 0 || rows.kind === row.CONTINUED;
    const left = continues
      ? this.#find(incoming, rows.own, rows.seq + known - 1)
      : this.#find(incoming, rows.left, rows.leftSeq);
    if (left === AWAITED) return false;
    const right = continues ? sequence.log.right(left) : this.#find(incoming, rows.right, rows.rightSeq);
    if (right === AWAITED) return false;
    const count = rows.length - known;
    /* v8 ignore next -- It takes 2^26 characters to see. @preserve */
    if (sequence.log.elements + count > ELEMENTS_MAX) throw new CrdtError("LIMIT", "too many characters");
    const log = this.#advance(incoming);
    if (rows.kind === row.LEFT_OUT) this.#noteLeftOut(count);
    const inside = sequence.enterGap(log.replica, left, right);
    if (rows.kind === row.LEFT_OUT) sequence.characters.appendMissing(count);
    else sequence.characters.read(incoming.reader, count);
    sequence.insertHere(log, left, right, inside);
    return true;
  }

  /** Notes that the next `count` elements have no characters. */
  #noteLeftOut(count: number): void {
    if (this.#isFreed) throw malformed("characters missing");
    this.#missingRoom -= count;
    if (this.#missingRoom < 0) throw new CrdtError("LIMIT", "too many elements");
    this.#leftOut.push(this.#sequence.log.elements, count);
  }

  #delete(incoming: Incoming, known: number): boolean {
    const { rows } = incoming;
    const highest = rows.kind === row.DELETED_UP ? rows.targetSeq + rows.length - 1 : rows.targetSeq - known;
    const target = incoming.logOf(rows.target, this.#sequence.log);
    if (target === undefined || target.next <= highest)
      return this.#await(incoming.name(rows.target), highest);
    this.#deletions += rows.length - known;
    if (this.#deletions > deletionsMax(this.#sequence.log.elements) && !this.#isFreed) {
      throw new CrdtError("LIMIT", "too many deletions");
    }
    deleteTargets(this.#sequence, this.#advance(incoming), target, rows, known);
    return true;
  }

  #append(incoming: Incoming): boolean {
    const { seq, opaqueKind, opaqueLength } = incoming.rows;
    const bytes = incoming.reader.bytes(opaqueLength);
    this.#advance(incoming).row(opaqueKind, bytes);
    this.rows.push({ id: { replica: incoming.replica, seq }, kind: opaqueKind, bytes });
    return true;
  }

  /** The element that a row names; AWAITED when it is not here yet. */
  #find(incoming: Incoming, index: number, seq: number): number {
    if (index === row.NO_REPLICA) return NONE;
    const log = incoming.logOf(index, this.#sequence.log);
    if (log === undefined || log.next <= seq) {
      this.#await(incoming.name(index), seq);
      return AWAITED;
    }
    return elementOf(log, seq);
  }

  /** Notes what a row waits for. */
  #await(replica: ReplicaId, seq: number): false {
    this.#awaited = { replica, seq };
    return false;
  }

  /** The log that gets the row that was read, with its length before this update noted. */
  #advance(incoming: Incoming): ReplicaLog {
    /* v8 ignore next -- It takes 2^31 operations to see. @preserve */
    if (incoming.rows.next > LOGGED_SEQ_MAX) throw new CrdtError("LIMIT", "seq too high");
    const log = this.#sequence.log.of(incoming.replica);
    if (!this.#advanced.has(log)) this.#advanced.set(log, log.next);
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
