/**
 * Lets one at a time begin, each in a turn of the event loop of its own. Reading a long history holds the loop up; between two of
 * them, however many are wanted, everybody who types is served. Who waits is bounded by whoever lets them in.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is the caller's turn. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#last;
  }
}
