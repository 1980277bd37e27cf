import { Heap } from "./heap.js";

/**
 * Whose turn it is, round and round in ascending order of places: who comes in behind the place that had the last turn gets
 * one in the same round, everybody else in the next. O(log places) for each turn.
 */
export class Turns {
  readonly #places: number;
  /** The turns to come: `round * places + place`. */
  readonly #turns = new Heap<number>((a, b) => a < b);
  #now = -1;

  /** Every place gets a turn in the first round. */
  constructor(places: number) {
    this.#places = places;
    for (let place = 0; place < places; place++) this.#turns.push(place);
  }

  /** Gives `place`, which has none to come, another turn. */
  add(place: number): void {
    const inThisRound = this.#now - (this.#now % this.#places) + place;
    this.#turns.push(inThisRound > this.#now ? inThisRound : inThisRound + this.#places);
  }

  /** The place whose turn is next; undefined when nobody has one. */
  next(): number | undefined {
    if (this.#turns.first === undefined) return undefined;
    this.#now = this.#turns.pop();
    return this.#now % this.#places;
  }
}
