import type { Stretch } from "../log/operation-log.js";
import { NONE, type ReplicaLog } from "../log/replica-log.js";
import type { Sequence } from "../text/sequence.js";
import { BY_ID, BY_OWN_ID } from "./layout.js";
import { USUAL_LENGTH, writeName, writeNames } from "./replica-names.js";
import * as row from "./row-codec.js";
import { RunWalker } from "./run-walker.js";
import { Writer } from "./writer.js";

/**
 * Writes operations straight from the logs, in the layout by id. Keeps its buffer and its walker from one update to
 * the next, so that the update of a keystroke allocates its own bytes and little else.
 */
export class UpdateEncoder {
  readonly #out = new Writer();
  readonly #walker: RunWalker;
  readonly #sequence: Sequence;
  /** The table index of each replica, by its index in the log; undefined while no table is made. */
  #indices: number[] | undefined;
  /** Replicas that rows refer to which have no table index: what was written is of no use then. */
  #foreign: Set<ReplicaLog> | undefined;

  constructor(sequence: Sequence) {
    this.#sequence = sequence;
    this.#walker = new RunWalker(sequence, true);
  }

  /** The update that holds `stretches`, which are in ascending order of replica and seq, as few as possible. */
  encode(stretches: readonly Stretch[]): Uint8Array {
    this.#foreign = undefined;
    this.#indices = undefined;
    const first = stretches[0];
    const isOwn = stretches.length === 1 && first.log.replica.length === USUAL_LENGTH;
    // What turns out to refer to others was written to count its rows, and to learn whom they refer to.
    this.#out.clear();
    if (isOwn) this.#out.bytes(frontOf(first.log)).varint(first.from);
    const count = first === undefined ? 0 : this.#writeRows(first, 0);
    if (!isOwn || this.#foreign !== undefined) this.#writeByTable(stretches, count);
    return this.#out.take();
  }

  #writeByTable(stretches: readonly Stretch[], countOfFirst: number): void {
    const counts = stretches.map((stretch, at) => (at === 0 ? countOfFirst : this.#writeRows(stretch, 0)));
    const named = [...new Set([...stretches.map(({ log }) => log), ...(this.#foreign ?? [])])];
    named.sort((a, b) => (a.replica < b.replica ? -1 : 1));
    const indices: number[] = [];
    named.forEach((log, index) => {
      indices[log.index] = index;
    });
    const out = this.#out.clear().u8(BY_ID);
    writeNames(
      out,
      named.map((log) => log.replica),
    );
    out.varint(stretches.length);
    this.#indices = indices;
    stretches.forEach((stretch, number) => {
      const own = indices[stretch.log.index];
      out.varint(own).varint(stretch.from).varint(counts[number]);
      this.#writeRows(stretch, own);
    });
  }

  /** Returns how many rows there are. */
  #writeRows({ log, from, to }: Stretch, own: number): number {
    const out = this.#out;
    const walker = this.#walker.start(log, from, to);
    let count = 0;
    for (; walker.next(); count++) {
      if (walker.isInsert) this.#writeInsert(out, walker, log, own);
      else if (walker.kind === row.OPAQUE) {
        row.writeHead(out, row.OPAQUE, walker.row!.bytes.length);
        out.varint(walker.row!.kind).bytes(walker.row!.bytes);
      } else {
        row.writeHead(out, walker.kind, walker.length);
        this.#writeReference(out, walker, log, own, walker.target);
      }
    }
    return count;
  }

  #writeInsert(out: Writer, walker: RunWalker, log: ReplicaLog, own: number): void {
    const { kind } = walker;
    row.writeHead(out, kind, walker.length);
    if (kind !== row.CONTINUED) this.#writeReference(out, walker, log, own, walker.left);
    if (kind === row.BETWEEN || kind === row.LEFT_OUT)
      this.#writeReference(out, walker, log, own, walker.right);
    if (kind === row.LEFT_OUT) row.writeZeros(out, walker.length);
    else this.#writeCharacters(out, walker, log);
  }

  #writeReference(out: Writer, { seq }: RunWalker, log: ReplicaLog, own: number, element: number): void {
    if (element === NONE) {
      out.u8(0);
      return;
    }
    const owner = this.#sequence.log.owner(element);
    const target = owner.seqOf(element);
    if (owner === log) row.writeReference(out, own, seq, own, target);
    else if (this.#indices !== undefined)
      row.writeReference(out, own, seq, this.#indices[owner.index], target);
    else {
      this.#foreign ??= new Set();
      this.#foreign.add(owner);
    }
  }

  /** Writes the characters of a run of ids, which may be several runs of elements. */
  #writeCharacters(out: Writer, { seq, length, lastElement }: RunWalker, log: ReplicaLog): void {
    const { characters } = this.#sequence;
    if (length === 1) {
      out.point(characters.at(lastElement));
      return;
    }
    for (let at = seq; at < seq + length; ) {
      const { element, length: inRun } = log.runFrom(at);
      const count = Math.min(inRun, seq + length - at);
      characters.writeTo(out, element, count);
      at += count;
    }
  }
}

/** The front of what only `log` did and refers to. */
function frontOf(log: ReplicaLog): Uint8Array {
  log.updateFront ??= writeName(new Writer().u8(BY_OWN_ID), log.replica).finish();
  return log.updateFront;
}
