import type { WatchedStore } from "./watched-store.js";

/** A write that has taken longer than this makes the store a slow one, in milliseconds. */
const SLOW_MS = 1_000;

/** For how long after a write failed nobody new is to be sent here, in milliseconds. Then the next write tells. */
const FAILED_MS = 10_000;

/** What may be wrong with a server that lives. */
export type Problem = "draining" | "store slow" | "store failing" | "bus lost";

/** How the server is, for whoever decides whether to send it anybody. */
export class Health {
  readonly #store: WatchedStore;
  readonly #hearsOthers: () => boolean;
  #isDraining = false;

  /** @param hearsOthers whether the other nodes of a cluster are heard, where there are any. */
  constructor(store: WatchedStore, hearsOthers: () => boolean = () => true) {
    this.#store = store;
    this.#hearsOthers = hearsOthers;
  }

  /** From now on nobody new is to come. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Everything that is wrong now. */
  get problems(): readonly Problem[] {
    const { waitingMs, failedMsAgo = Number.POSITIVE_INFINITY } = this.#store;
    return [
      ...(this.#isDraining ? ["draining" as const] : []),
      ...(waitingMs > SLOW_MS ? ["store slow" as const] : []),
      ...(failedMsAgo < FAILED_MS ? ["store failing" as const] : []),
      ...(this.#hearsOthers() ? [] : ["bus lost" as const]),
    ];
  }

  /**
   * Whether clients are to be sent here. A slow store is no reason to send them elsewhere: they would all be slow there. Nor is a lost bus:
   * what the others store is found in the store.
   */
  get isReady(): boolean {
    return this.problems.every((problem) => problem === "store slow" || problem === "bus lost");
  }
}
