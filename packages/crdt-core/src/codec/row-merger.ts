import { CrdtError } from "../errors.js";
import { Heap } from "./heap.js";
import * as row from "./row-codec.js";
import type { RowJoiner } from "./row-joiner.js";
import { ownerOf, RowSource, type RowStretch } from "./row-source.js";

/**
 * Passes along many stretches side by side, and adds each operation once. Where several hold it they must say the same.
 * A row of a few bytes may stand for a million operations: one of two that say the same is passed over up to its end, so
 * that no more than one or two are compared with each row of the others. O(bytes + stretches log stretches).
 */
export class RowMerger {
  readonly #stretches: readonly RowStretch[];
  readonly #joiner: RowJoiner;
  /** The first stretch that is not begun. */
  #begun = 0;
  /** Those that hold the next operation, by what there is to read of it; the first readable one says the most about it. */
  readonly #readable: RowSource[] = [];
  readonly #compact: RowSource[] = [];
  /** Those that were passed over, at the row behind. */
  readonly #ahead = new Heap<RowSource>((a, b) => a.rows.seq < b.rows.seq);
  /** Those that are at their end, to be used again. */
  readonly #spare: RowSource[] = [];
  /** The next operation. */
  #owner = row.NO_REPLICA;
  #seq = 0;

  /** @param stretches In ascending order of owners and seqs. */
  constructor(stretches: readonly RowStretch[], joiner: RowJoiner) {
    this.#stretches = stretches;
    this.#joiner = joiner;
  }

  /** @throws {CrdtError} `CONFLICT`; what is wrong with a row. */
  run(): void {
    while (this.#enterAll()) {
      const entry = this.#nextEntry();
      const alone = this.#readable.length + this.#compact.length === 1 ? this.#first : undefined;
      if (alone !== undefined && alone.rows.next <= entry) this.#takeAlone(alone, entry);
      else this.#take(this.#countUpTo(entry));
    }
  }

  /** Goes to the next operation, and lets everybody in who begins there. Returns whether there is one. */
  #enterAll(): boolean {
    if (this.#readable.length + this.#compact.length === 0) {
      const next = this.#stretches[this.#begun];
      if (this.#ahead.first === undefined && next === undefined) return false;
      if (this.#ahead.first === undefined) this.#owner = ownerOf(next);
      this.#seq = this.#nextEntry();
    }
    while (this.#ahead.first?.rows.seq === this.#seq) this.#enter(this.#ahead.pop());
    for (
      let next = this.#stretches[this.#begun];
      next?.seq === this.#seq && ownerOf(next) === this.#owner;
      next = this.#stretches[++this.#begun]
    )
      this.#enter((this.#spare.pop() ?? new RowSource()).begin(next));
    return true;
  }

  /** Where the next one comes in; Infinity when nobody does. */
  #nextEntry(): number {
    const next = this.#stretches[this.#begun];
    const isOurs = next !== undefined && ownerOf(next) === this.#owner;
    const begins = isOurs ? next.seq : Number.POSITIVE_INFINITY;
    return Math.min(begins, this.#ahead.first?.rows.seq ?? begins);
  }

  /** Who says the most about the next operation. */
  get #first(): RowSource {
    return this.#readable[0] ?? this.#compact[0];
  }

  /** How many operations everybody holds in one row, before somebody comes in at `entry`. */
  #countUpTo(entry: number): number {
    let end = entry;
    for (const { rows } of [...this.#readable, ...this.#compact]) end = Math.min(end, rows.next);
    return end - this.#seq;
  }

  #enter(source: RowSource): void {
    if (source.isCompact) this.#enterCompact(source);
    else if (this.#readable.push(source) > 1 && source.rows.kind !== row.CONTINUED) {
      this.#readable[this.#readable.length - 1] = this.#readable[0];
      this.#readable[0] = source;
    }
  }

  #enterCompact(source: RowSource): void {
    const others = this.#compact;
    for (let at = 0; at < others.length; at++) {
      const other = others[at];
      refuse(!source.agreesWith(other, 1));
      const [mine, theirs] = [source.rows.next, other.rows.next];
      if (!source.agreesWith(other, Math.min(mine, theirs) - this.#seq)) continue;
      if (mine > theirs) others[at] = source;
      this.#passOver(mine > theirs ? other : source);
      return;
    }
    others.push(source);
  }

  /** Goes to the next row of `source`, of whose last row another says all. */
  #passOver(source: RowSource): void {
    if (source.next()) this.#ahead.push(source);
    else this.#spare.push(source);
  }

  /** Adds all rows of the only one that holds the next operation which end before somebody comes in, of which there is one. */
  #takeAlone(source: RowSource, entry: number): void {
    const { rows } = source;
    this.#readable.length = 0;
    this.#compact.length = 0;
    while (rows.next <= entry) {
      const count = rows.length - source.done;
      this.#joiner.add(source, count, rows.kind === row.LEFT_OUT);
      rows.copyContent(this.#joiner.content, count);
      this.#seq = rows.next;
      if (!source.next()) {
        this.#spare.push(source);
        return;
      }
    }
    this.#enter(source);
  }

  /** Adds the next `count` operations, of one row each. */
  #take(count: number): void {
    const source = this.#first;
    for (const other of [...this.#readable, ...this.#compact]) refuse(!source.agreesWith(other, count));
    // Text that goes on from an operation does not say what its right origin is; the same left out does.
    const teller = source.rows.isInsert && !source.tellsRight ? (this.#compact[0] ?? source) : source;
    this.#joiner.add(teller, count, source.rows.kind === row.LEFT_OUT);
    if (source.rows.kind === row.OPAQUE) this.#takeContent(source.rows.opaqueLength, false);
    else if (this.#readable.length > 0) this.#takeContent(count, true);
    this.#seq += count;
    this.#advance(count);
  }

  /** Adds `count` characters, or bytes, which all who are readable must have alike. */
  #takeContent(count: number, isText: boolean): void {
    const { content } = this.#joiner;
    const [{ reader }, ...others] = this.#readable;
    for (let left = count; left > 0; left--) {
      const unit = isText ? reader.point() : reader.u8();
      for (const other of others) refuse((isText ? other.reader.point() : other.reader.u8()) !== unit);
      if (isText) content.point(unit);
      else content.u8(unit);
    }
  }

  /** Goes behind `count` operations. Who has come to the end of a row goes to its next one. */
  #advance(count: number): void {
    const finished: RowSource[] = [];
    for (const sources of [this.#readable, this.#compact]) {
      let kept = 0;
      for (const source of sources) {
        source.done += count;
        if (source.done < source.rows.length) sources[kept++] = source;
        else finished.push(source);
      }
      sources.length = kept;
    }
    for (const source of finished) {
      if (source.next()) this.#enter(source);
      else this.#spare.push(source);
    }
  }
}

function refuse(isOther: boolean): void {
  if (isOther) throw new CrdtError("CONFLICT", "one id, two operations");
}
