/**
 * Who did something last, in the order of when. A `Map` iterates in the order of insertion, so the one who has been
 * quiet longest is always first, and looking for the quiet costs O(those found).
 */
export class Activity<T> {
  readonly #lastMs = new Map<T, number>();
  #latest: T | undefined;

  /**
   * Records that `who` did something at `nowMs`. Times are expected to grow; after a clock has gone back, those before
   * that moment hold up those after it, so that some are found quiet late, and none early.
   */
  touch(who: T, nowMs: number): void {
    // Who types on stands last already: a key taken out and put in again makes the map grow, and be built anew.
    if (this.#latest !== who) this.#lastMs.delete(who);
    this.#lastMs.set(who, nowMs);
    this.#latest = who;
  }

  /** No longer watches `who`; not an error if it never did. */
  forget(who: T): void {
    this.#lastMs.delete(who);
  }

  /** Stops watching those who have done nothing for `quietMs` or longer as of `nowMs`, and returns them, longest first. */
  takeQuiet(nowMs: number, quietMs: number): T[] {
    const quiet: T[] = [];
    for (const [who, lastMs] of this.#lastMs) {
      if (nowMs - lastMs < quietMs) break;
      quiet.push(who);
      this.#lastMs.delete(who);
    }
    return quiet;
  }
}
