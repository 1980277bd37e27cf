/**
 * Whose turn it is, round and round in ascending order of places: who comes in behind the place that had the last turn gets
 * one in the same round, everybody else in the next. A binary heap: O(log places) for each turn.
 */
export class Turns {
  readonly #places: number;
  /** The turns to come: `round * places + place`, none higher than the two below it, at `2 i + 1` and `2 i + 2`. */
  readonly #heap: number[];
  #now = -1;

  /** Every place gets a turn in the first round. */
  constructor(places: number) {
    this.#places = places;
    this.#heap = Array.from({ length: places }, (_, place) => place);
  }

  /** Gives `place`, which has none to come, another turn. */
  add(place: number): void {
    const heap = this.#heap;
    const inThisRound = this.#now - (this.#now % this.#places) + place;
    const turn = inThisRound > this.#now ? inThisRound : inThisRound + this.#places;
    let at = heap.length;
    for (let above = (at - 1) >> 1; at > 0 && heap[above] > turn; above = (at - 1) >> 1) {
      heap[at] = heap[above];
      at = above;
    }
    heap[at] = turn;
  }

  /** The place whose turn is next; undefined when nobody has one. */
  next(): number | undefined {
    const heap = this.#heap;
    if (heap.length === 0) return undefined;
    this.#now = heap[0];
    const last = heap.pop()!;
    if (heap.length > 0) this.#sink(last);
    return this.#now % this.#places;
  }

  /** Puts `turn` in the place of the first one. */
  #sink(turn: number): void {
    const heap = this.#heap;
    let at = 0;
    for (let below = 1; below < heap.length; below = at * 2 + 1) {
      if (below + 1 < heap.length && heap[below + 1] < heap[below]) below++;
      if (heap[below] >= turn) break;
      heap[at] = heap[below];
      at = below;
    }
    heap[at] = turn;
  }
}
