import type { ReplicaId } from "../ids.js";
import type { Stretch } from "../log/operation-log.js";
import { NONE, type ReplicaLog } from "../log/replica-log.js";
import type { Characters } from "../text/characters.js";
import type { Sequence } from "../text/sequence.js";
import { BY_ID, BY_OWN_ID } from "./layout.js";
import { USUAL_LENGTH, writeName, writeNames } from "./replica-names.js";
import * as row from "./row-codec.js";
import { RunWalker } from "./run-walker.js";
import { Writer } from "./writer.js";

/**
 * Writes operations straight from the logs, in the layout by id. Keeps its buffer from one update to the next, so
 * that the update of a keystroke allocates its own bytes and nothing else.
 */
export class UpdateEncoder {
  readonly #out = new Writer();
  readonly #sequence: Sequence;

  constructor(sequence: Sequence) {
    this.#sequence = sequence;
  }

  /** The update that holds `stretches`, which are in ascending order of replica and seq, as few as possible. */
  encode(stretches: readonly Stretch[]): Uint8Array {
    const named = new Set<ReplicaLog>();
    const counts = stretches.map((stretch) => this.#survey(stretch, named));
    const out = this.#out.clear();
    if (stretches.length === 1 && named.size === 0 && stretches[0].log.replica.length === USUAL_LENGTH) {
      const { log, from } = stretches[0];
      writeName(out.u8(BY_OWN_ID), log.replica);
      this.#writeRows(out.varint(from), stretches[0], 0, () => 0);
    } else this.#writeStretches(out.u8(BY_ID), stretches, counts, named);
    return out.finish();
  }

  #writeStretches(
    out: Writer,
    stretches: readonly Stretch[],
    counts: number[],
    named: Set<ReplicaLog>,
  ): void {
    for (const { log } of stretches) named.add(log);
    const names = [...named].map((log) => log.replica).sort(); // By UTF-16 code unit, which is the order of ids.
    const indices = new Map<ReplicaId, number>(names.map((name, index) => [name, index]));
    const indexOf = (log: ReplicaLog) => indices.get(log.replica)!;
    writeNames(out, names);
    out.varint(stretches.length);
    stretches.forEach((stretch, number) => {
      const own = indexOf(stretch.log);
      out.varint(own).varint(stretch.from).varint(counts[number]);
      this.#writeRows(out, stretch, own, indexOf);
    });
  }

  /** Counts the rows of a stretch, and notes the other replicas that they refer to. */
  #survey({ log, from, to }: Stretch, named: Set<ReplicaLog>): number {
    const walker = new RunWalker(this.#sequence, log, from, to);
    let count = 0;
    for (; walker.next(); count++) {
      if (walker.kind === row.CONTINUED || walker.kind === row.OPAQUE) continue;
      this.#note(walker.isInsert ? walker.left : walker.target, log, named);
      if (walker.isInsert) this.#note(walker.right, log, named);
    }
    return count;
  }

  #note(element: number, own: ReplicaLog, named: Set<ReplicaLog>): void {
    if (element === NONE) return;
    const owner = this.#sequence.log.owner(element);
    if (owner !== own) named.add(owner);
  }

  #writeRows(
    out: Writer,
    { log, from, to }: Stretch,
    own: number,
    indexOf: (log: ReplicaLog) => number,
  ): void {
    const walker = new RunWalker(this.#sequence, log, from, to);
    const reference = (element: number): void => {
      if (element === NONE) {
        out.u8(0);
        return;
      }
      const owner = this.#sequence.log.owner(element);
      row.writeReference(
        out,
        own,
        walker.seq,
        owner === log ? own : indexOf(owner),
        this.#sequence.log.seq(element),
      );
    };
    while (walker.next()) {
      row.writeHead(out, walker.kind, walker.kind === row.OPAQUE ? walker.row!.bytes.length : walker.length);
      if (walker.kind === row.OPAQUE) out.varint(walker.row!.kind).bytes(walker.row!.bytes);
      else if (!walker.isInsert) reference(walker.target);
      else {
        if (walker.kind !== row.CONTINUED) reference(walker.left);
        if (walker.kind === row.BETWEEN || walker.kind === row.LEFT_OUT) reference(walker.right);
        if (walker.kind !== row.LEFT_OUT) writeCharacters(out, this.#sequence.characters, log, walker);
      }
    }
  }
}

/** Writes the characters of a run of ids, which may be several runs of elements. */
function writeCharacters(out: Writer, characters: Characters, log: ReplicaLog, run: RunWalker): void {
  for (let seq = run.seq; seq < run.seq + run.length; ) {
    const { element, length } = log.runFrom(seq);
    const count = Math.min(length, run.seq + run.length - seq);
    for (let i = 0; i < count; i++) out.point(characters.at(element + i));
    seq += count;
  }
}
