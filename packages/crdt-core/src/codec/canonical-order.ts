import { grown, lastAtMost } from "../columns.js";
import { NONE, type ReplicaLog } from "../log/replica-log.js";
import { Heap } from "./heap.js";
import type { Picture } from "./picture.js";
import { OPAQUE } from "./row-codec.js";
import { RunWalker } from "./run-walker.js";
import { Turns } from "./turns.js";

/** Runs between two yields: some 0.3 ms of work, ten times that before the code is optimised. */
const RUNS_A_SLICE = 2048;

const NOTHING = new Int32Array();

/** The elements of one replica that have their numbers: all below `end`. */
class Numbered {
  /** `[first element, its number]` of each stretch whose numbers go on as its elements do, but for the elements in order. */
  rows = NOTHING;
  count = 0;
  readonly stride = 2;
  end = 0;
  /** Who waits for elements from `end` on. */
  waiting: Heap<Waiting> | undefined;

  add(element: number, number: number): void {
    const last = this.count * 2 - 2;
    if (last < 0 || element - this.rows[last] !== number - this.rows[last + 1]) {
      this.rows = grown(this.rows, last + 4);
      this.rows[last + 2] = element;
      this.rows[last + 3] = number;
      this.count++;
    }
  }

  /** The number of `element`, which has one. O(1) in the last stretch, where what rows refer to mostly is. */
  number(element: number): number {
    const { rows } = this;
    let at = this.count * 2 - 2;
    if (element < rows[at]) at = lastAtMost(this, 0, element) * 2;
    return rows[at + 1] + element - rows[at];
  }
}

interface Waiting {
  readonly element: number;
  readonly place: number;
}

/**
 * Numbers the elements of a document so that everybody who holds the same operations numbers alike, and whatever a row
 * refers to has a lower number: stay with a replica until its next row refers to what has no number yet, then go to the
 * next one, in ascending order of ids, that can go on, round and round.
 *
 * Who has to wait is noted at the element that it waits for, and gets a turn again when that is numbered.
 */
export class CanonicalOrder {
  readonly #picture: Picture;
  /** By the index of the log. */
  readonly #numbered: readonly Numbered[];
  #count = 0;
  /** The elements below have the numbers of their arrival here: all of one writer, or of what was loaded. */
  #inOrder = 0;
  /** Runs of this slice. */
  #visited = 0;

  constructor(picture: Picture) {
    this.#picture = picture;
    this.#numbered = picture.sequence.log.replicas.map(() => new Numbered());
  }

  /** The canonical number of `element`, once it is reached; NONE for NONE. */
  number(element: number): number {
    return element < this.#inOrder ? element : this.#of(element).number(element);
  }

  #of(element: number): Numbered {
    return this.#numbered[this.#picture.sequence.log.owner(element).index];
  }

  /**
   * Visits every run of everybody in canonical order, its elements numbered, and yields after every few of them.
   * O(elements + runs log replicas).
   * @param visit Gets a walker that stands at the run, and the place of the replica.
   */
  *walk(visit: (walker: RunWalker, place: number) => void): Generator<void> {
    const { logs, lasts, sequence } = this.#picture;
    const walkers = logs.map((log, place) => new RunWalker(sequence, false).start(log, 1, lasts[place]));
    for (const walker of walkers) walker.next();
    const turns = new Turns(walkers.length);
    for (let place = turns.next(); place !== undefined; place = turns.next()) {
      for (let hasMore = true; hasMore; ) {
        hasMore = this.#visitSome(walkers[place], place, turns, visit);
        if (this.#visited < RUNS_A_SLICE) continue;
        this.#visited = 0;
        yield;
      }
    }
  }

  /**
   * Visits what `place` can go on with, until the slice is full; returns whether there is more. A function of its own: what V8
   * optimises within a generator it throws away at the end of each.
   */
  #visitSome(
    walker: RunWalker,
    place: number,
    turns: Turns,
    visit: (walker: RunWalker, place: number) => void,
  ): boolean {
    while (this.#visited < RUNS_A_SLICE) {
      this.#visited++;
      const awaited = this.#awaitedBy(walker);
      if (awaited !== NONE) {
        this.#wait(place, awaited);
        return false;
      }
      if (walker.isInsert) this.#assign(this.#picture.logs[place], walker, turns);
      visit(walker, place);
      if (!walker.next()) return false;
    }
    return true;
  }

  /** An element that has no number yet and that the run refers to; NONE when there is none. */
  #awaitedBy(walker: RunWalker): number {
    if (walker.kind === OPAQUE) return NONE;
    const first = walker.isInsert ? walker.left : walker.target;
    if (!this.#isNumbered(first)) return first;
    const second = walker.isInsert ? walker.right : this.#lastTarget(walker);
    return this.#isNumbered(second) ? NONE : second;
  }

  #isNumbered(element: number): boolean {
    return element < this.#inOrder || element < this.#of(element).end;
  }

  #wait(place: number, element: number): void {
    const numbered = this.#of(element);
    numbered.waiting ??= new Heap((a, b) => a.element < b.element);
    numbered.waiting.push({ element, place });
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
    const numbered = this.#numbered[log.index];
    if (isOnePiece) this.#number(numbered, lastElement - count + 1, count);
    for (let left = isOnePiece ? 0 : count, next = seq; left > 0; ) {
      const { element, length } = log.runFrom(next);
      const taken = Math.min(left, length);
      this.#number(numbered, element, taken);
      next += taken;
      left -= taken;
    }
    const { waiting, end } = numbered;
    while (waiting?.first && waiting.first.element < end) turns.add(waiting.pop().place);
  }

  #number(numbered: Numbered, element: number, count: number): void {
    if (element === this.#inOrder && element === this.#count) this.#inOrder += count;
    else numbered.add(element, this.#count);
    numbered.end = element + count;
    this.#count += count;
  }
}
