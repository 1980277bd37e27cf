import { NONE, type ReplicaLog } from "../log/replica-log.js";
import type { Picture } from "./picture.js";
import { OPAQUE } from "./row-codec.js";
import { RunWalker } from "./run-walker.js";
import { Turns } from "./turns.js";

/** Runs between two yields: some 0.3 ms of work, ten times that before the code is optimised. */
const RUNS_A_SLICE = 2048;

/** An element that has no number yet, and for which nobody waits. */
const UNNUMBERED = -1;

/**
 * Numbers the elements of a document so that everybody who holds the same operations numbers alike, and whatever a row
 * refers to has a lower number: stay with a replica until its next row refers to what has no number yet, then go to the
 * next one, in ascending order of ids, that can go on, round and round.
 *
 * Who has to wait is noted at the element that it waits for, and gets a turn again when that is numbered.
 */
export class CanonicalOrder {
  readonly #picture: Picture;
  /**
   * The number of each element; below UNNUMBERED, the last one in a list of replicas that wait for it. Undefined when
   * each element has the number of its arrival: there is one writer.
   */
  readonly #numbers: Int32Array | undefined;
  #numbered = 0;
  /** For each replica that waits, the one that had begun to wait for the same element before it. */
  readonly #waitingBefore: number[] = [];

  constructor(picture: Picture) {
    this.#picture = picture;
    if (picture.logs.length > 1) this.#numbers = new Int32Array(picture.elements).fill(UNNUMBERED);
  }

  /** The canonical number of `element`, once it is reached; NONE for NONE. */
  number(element: number): number {
    return this.#numbers === undefined || element === NONE ? element : this.#numbers[element];
  }

  /**
   * Visits every run of everybody in canonical order, its elements numbered, and yields after every few of them.
   * O(elements + runs log replicas).
   * @param visit Gets a walker that stands at the run, and the place of the replica.
   */
  *walk(visit: (walker: RunWalker, place: number) => void): Generator<void> {
    const { logs, lasts, sequence } = this.#picture;
    const walkers = logs.map((log, place) => new RunWalker(sequence, false).start(log, 1, lasts[place]));
    let visited = 0;
    for (const walker of walkers) walker.next();
    const turns = new Turns(walkers.length);
    for (let place = turns.next(); place !== undefined; place = turns.next()) {
      const walker = walkers[place];
      let awaited = this.#awaitedBy(walker);
      while (awaited === NONE) {
        if (walker.isInsert) this.#assign(logs[place], walker, turns);
        visit(walker, place);
        if (++visited % RUNS_A_SLICE === 0) yield;
        if (!walker.next()) break;
        awaited = this.#awaitedBy(walker);
      }
      if (awaited !== NONE) this.#wait(place, awaited);
    }
  }

  /** An element that has no number yet and that the run refers to; NONE when there is none. */
  #awaitedBy(walker: RunWalker): number {
    if (this.#numbers === undefined || walker.kind === OPAQUE) return NONE;
    const first = walker.isInsert ? walker.left : walker.target;
    if (!this.#isNumbered(first)) return first;
    const second = walker.isInsert ? walker.right : this.#lastTarget(walker);
    return this.#isNumbered(second) ? NONE : second;
  }

  #isNumbered(element: number): boolean {
    return element === NONE || this.#numbers![element] > UNNUMBERED;
  }

  #wait(place: number, element: number): void {
    this.#waitingBefore[place] = this.#numbers![element];
    this.#numbers![element] = UNNUMBERED - 1 - place;
  }

  /** The target with the highest seq, which is numbered last. */
  #lastTarget(walker: RunWalker): number {
    if (walker.isDescending) return walker.target;
    if (walker.isOnePiece) return walker.target + walker.length - 1;
    const { log } = this.#picture.sequence;
    return log.owner(walker.target).elementAt(log.seq(walker.target) + walker.length - 1);
  }

  /** Numbers the elements of a run, and gives those who waited for them their turns. */
  #assign(log: ReplicaLog, { seq, length: count, lastElement, isOnePiece }: RunWalker, turns: Turns): void {
    if (this.#numbers === undefined) return;
    if (isOnePiece) {
      this.#number(this.#numbers, lastElement - count + 1, count, turns);
      return;
    }
    for (let left = count, next = seq; left > 0; ) {
      const { element, length } = log.runFrom(next);
      const taken = Math.min(left, length);
      this.#number(this.#numbers, element, taken, turns);
      next += taken;
      left -= taken;
    }
  }

  #number(numbers: Int32Array, first: number, count: number, turns: Turns): void {
    let number = this.#numbered;
    this.#numbered += count;
    for (let element = first; element < first + count; element++) {
      if (numbers[element] < UNNUMBERED) this.#wake(numbers[element], turns);
      numbers[element] = number++;
    }
  }

  #wake(last: number, turns: Turns): void {
    for (let waiting = last; waiting < UNNUMBERED; ) {
      const place = UNNUMBERED - 1 - waiting;
      turns.add(place);
      waiting = this.#waitingBefore[place];
    }
  }
}
