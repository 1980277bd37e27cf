/**
 * Who did something last, in the order of when. A `Map` iterates in the order of insertion, so the one who has been
 * quiet longest is always first, and looking for the quiet costs O(those found).
 */
export class Activity<T> {
  readonly #lastMs = new Map<T, number>();
  #nowMs = Number.NEGATIVE_INFINITY;

  /** Records that `who` did something. A clock that goes back counts as standing still, so that the order holds. */
  touch(who: T, nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    this.#lastMs.delete(who);
    this.#lastMs.set(who, this.#nowMs);
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
