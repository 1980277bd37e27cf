import { NONE, type ReplicaLog } from "../log/replica-log.js";
import type { Sequence } from "../text/sequence.js";
import { OPAQUE } from "./row-codec.js";
import { RunWalker } from "./run-walker.js";

/** An element that has no number yet. */
const UNNUMBERED = -1;

/** Runs of one replica that follow each other; infinitely many are all there are. */
export interface Segment {
  readonly log: ReplicaLog;
  rows: number;
}

/**
 * Numbers the elements of a document so that everybody who holds the same operations numbers alike, and whatever a row
 * refers to has a lower number: stay with a replica until its next row refers to what has no number yet, then go to the
 * next one, in ascending order of ids, that can go on, round and round.
 * O(elements + rows); for a single writer the numbers are those of arrival, and nothing is done.
 */
export class CanonicalOrder {
  readonly #sequence: Sequence;
  /** The number of each element; undefined when each has the number of its arrival. */
  readonly #numbers: Int32Array | undefined;
  #numbered = 0;
  readonly segments: Segment[] = [];

  constructor(sequence: Sequence) {
    this.#sequence = sequence;
    const logs = sequence.log.sorted();
    if (logs.length === 1) {
      this.segments.push({ log: logs[0], rows: Number.POSITIVE_INFINITY });
      return;
    }
    this.#numbers = new Int32Array(sequence.log.elements).fill(UNNUMBERED);
    const walkers = logs.map((log) => ({
      log,
      walker: new RunWalker(sequence, false).start(log, 1, log.next - 1),
    }));
    let waiting = walkers.filter(({ walker }) => walker.next());
    while (waiting.length > 0) waiting = waiting.filter(({ log, walker }) => this.#walk(log, walker));
  }

  /** The canonical number of `element`; NONE for NONE. */
  number(element: number): number {
    return this.#numbers === undefined || element === NONE ? element : this.#numbers[element];
  }

  /** Numbers rows until one has to wait. Returns whether there are more. */
  #walk(log: ReplicaLog, walker: RunWalker): boolean {
    const segment = { log, rows: 0 };
    let goesOn = true;
    while (goesOn && this.#isReady(walker)) {
      if (walker.isInsert) this.#assign(log, walker.seq, walker.length);
      segment.rows++;
      goesOn = walker.next();
    }
    if (segment.rows > 0) this.segments.push(segment);
    return goesOn;
  }

  #isReady(walker: RunWalker): boolean {
    if (this.#numbers === undefined || walker.kind === OPAQUE) return true;
    if (walker.isInsert) return this.#isNumbered(walker.left) && this.#isNumbered(walker.right);
    return this.#isNumbered(walker.target) && this.#isNumbered(this.#lastTarget(walker));
  }

  #isNumbered(element: number): boolean {
    return element === NONE || this.#numbers![element] !== UNNUMBERED;
  }

  /** The target with the highest seq, which is numbered last. */
  #lastTarget(walker: RunWalker): number {
    if (walker.isDescending || walker.length === 1) return walker.target;
    const { log } = this.#sequence;
    return log.owner(walker.target).elementAt(log.seq(walker.target) + walker.length - 1);
  }

  #assign(log: ReplicaLog, seq: number, count: number): void {
    if (this.#numbers === undefined) return;
    for (let left = count, next = seq; left > 0; ) {
      const { element, length } = log.runFrom(next);
      const taken = Math.min(left, length);
      for (let i = 0; i < taken; i++) this.#numbers[element + i] = this.#numbered++;
      next += taken;
      left -= taken;
    }
  }
}
