/** Why a batch is not durable, or is not known to be. */
export interface Unsaved {
  readonly cause: unknown;
}

/** What the gate knows of a document: two batches, one gathering and one in the store. */
export interface Gated {
  /** Ends the gathering batch; what comes from now on goes into the next one. */
  seal(): void;
  /** Starts to write the sealed batch; resolves once it is durable, or with what kept it from being so. Never rejects. */
  write(): Promise<Unsaved | undefined>;
  /** Lets the sealed batch out: it is durable. */
  publish(): void;
  /** Gives the sealed batch and everything behind it up: it is not durable, or nobody knows whether it is. */
  fail(error: unknown): void;
}

/**
 * Nothing leaves before it is durable. One gate for the whole store, with one commit in flight: a commit carries the sealed batch
 * of every document that has one, and what comes meanwhile gathers for the next. It starts at the end of the event loop's
 * turn, so that all that arrived in a turn shares a commit, and no timer adds its length to every edit. Under load batches grow by themselves.
 */
export class CommitGate {
  readonly #schedule: (work: () => void) => void;
  #dirty = new Set<Gated>();
  #committing = false;
  #scheduled = false;
  #idle: (() => void)[] = [];

  /** @param schedule Runs its argument once, at the end of this turn of the event loop. */
  constructor(schedule: (work: () => void) => void) {
    this.#schedule = schedule;
  }

  /** The document has something in its gathering batch. */
  queue(document: Gated): void {
    this.#dirty.add(document);
    this.#wake();
  }

  /** Resolves when nothing gathers and nothing is in the store; at once if that is so now. */
  async drained(): Promise<void> {
    if (this.#dirty.size === 0 && !this.#committing) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #wake(): void {
    if (this.#committing || this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      void this.#commit();
    });
  }

  async #commit(): Promise<void> {
    const batch = [...this.#dirty];
    this.#dirty = new Set();
    this.#committing = true;
    for (const document of batch) document.seal();
    // All writes begin in one synchronous loop, or the store could spread them over two commits.
    const writes = batch.map((document) => document.write());
    const outcomes: (Unsaved | undefined)[] = [];
    for (const write of writes) outcomes.push(await write);
    this.#committing = false;
    batch.forEach((document, index) => {
      const unsaved = outcomes[index];
      if (unsaved === undefined) document.publish();
      else document.fail(unsaved.cause);
    });
    if (this.#dirty.size > 0) this.#wake();
    else for (const resolve of this.#idle.splice(0)) resolve();
  }
}
