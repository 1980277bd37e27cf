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
 * Nothing leaves before it is durable. One gate for the whole store, with one batch of each document in the store at a time: what comes for
 * that document meanwhile gathers for the next, and nobody waits for another document's disk. Writing starts at the end of the event loop's
 * turn, so that all that arrived in a turn shares a commit, and no timer adds its length to every edit. Under load batches grow by themselves.
 */
export class CommitGate {
  readonly #schedule: (work: () => void) => void;
  /** Something gathers, and nothing is in the store. */
  #dirty = new Set<Gated>();
  /** What is in the store, and whether something gathers behind it. */
  readonly #writing = new Map<Gated, boolean>();
  #scheduled = false;
  #idle: (() => void)[] = [];

  /** @param schedule Runs its argument once, at the end of this turn of the event loop. */
  constructor(schedule: (work: () => void) => void) {
    this.#schedule = schedule;
  }

  /** The document has something in its gathering batch. */
  queue(document: Gated): void {
    if (this.#writing.has(document)) {
      this.#writing.set(document, true);
      return;
    }
    this.#dirty.add(document);
    this.#wake();
  }

  /** Resolves when nothing gathers and nothing is in the store; at once if that is so now. */
  async drained(): Promise<void> {
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  get #isIdle(): boolean {
    return this.#dirty.size === 0 && this.#writing.size === 0;
  }

  #wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      this.#commit();
    });
  }

  /** All writes begin in one synchronous loop, or the store could spread them over two commits. */
  #commit(): void {
    const documents = this.#dirty;
    this.#dirty = new Set();
    for (const document of documents) {
      this.#writing.set(document, false);
      document.seal();
    }
    for (const document of documents) void this.#write(document);
  }

  async #write(document: Gated): Promise<void> {
    const unsaved = await document.write();
    if (unsaved === undefined) document.publish();
    else document.fail(unsaved.cause);
    const isDirty = this.#writing.get(document);
    this.#writing.delete(document);
    if (isDirty) this.queue(document);
    else if (this.#isIdle) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
