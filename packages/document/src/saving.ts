import type { Announcement } from "./announcement.js";
import { Batch, isolated } from "./batch.js";
import type { Commit } from "./commit.js";
import type { Gated, Unsaved } from "./commit-gate.js";
import { encodeEntry } from "./document-entry.js";
import type { DocumentLog } from "./document-log.js";
import { DocumentError, notSaved } from "./errors.js";

/** What {@link Saving} works with. */
export interface SavingOptions {
  readonly log: DocumentLog;
  /** There is something to be stored or told: asks the gate for its turn. */
  readonly queue: () => void;
  /** Reads what other nodes have stored. */
  readonly catchUp: () => Promise<void>;
  /** Entries of this node are in the store: the others may be told. */
  readonly stored: (news: Announcement) => void;
  readonly published: (commits: readonly Commit[]) => void;
  /** A batch is about to be written: memory is what the log will be. */
  readonly sealed: () => void;
  /** The sealed batch is durable, and told. */
  readonly settled: () => void;
  /** Nobody may change anything from here on. */
  readonly stopped: () => void;
  /** The document serves nobody any more; of these commits nothing is known. */
  readonly lost: (commits: readonly Commit[], error: DocumentError) => void;
}

/**
 * A document's way into its log: what gathers, what is being written, and who waits to be told that it is durable. It ends
 * when the store refuses, or when something else is put in the place of the document.
 */
export class Saving implements Gated {
  readonly #options: SavingOptions;
  /** Made when there is something to gather: one that waited for it, as long as nobody types, would have been moved to the old generation by then, and with it, for the collector, all that it came to hold. */
  #open: Batch | undefined;
  #sealed: Batch | undefined;
  #lost: DocumentError | undefined;

  constructor(options: SavingOptions) {
    this.#options = options;
  }

  /** What gathers for the next entry. */
  get gathering(): Batch {
    this.#open ??= new Batch();
    return this.#open;
  }

  /** What was accepted and is not known to be durable. */
  get pending(): readonly Batch[] {
    return [this.#sealed, this.#open].filter((batch) => batch !== undefined);
  }

  /** Whether nothing gathers and nothing is in the store: then everything in memory is durable. */
  get isSettled(): boolean {
    return this.#sealed === undefined && (this.#open?.waiting.length ?? 0) === 0;
  }

  /** Why the document serves nobody any more; `undefined` while it does. */
  get lost(): DocumentError | undefined {
    return this.#lost;
  }

  /** Bytes of updates on their way into the store. */
  get queuedBytes(): number {
    return (this.#open?.bytes ?? 0) + (this.#sealed?.bytes ?? 0);
  }

  /** Runs `publish` when everything accepted so far is durable, in order with the commits; at once if that is so already. */
  after(publish: () => void, failed: (error: DocumentError) => void): void {
    if (this.#lost !== undefined) failed(this.#lost);
    else if (this.isSettled) publish();
    else this.wait(publish, failed);
  }

  /** As {@link after}, and goes through the gate also when nothing else does: something was added to {@link gathering}. */
  wait(publish: () => void, failed: (error: DocumentError) => void = () => {}): void {
    this.gathering.addWaiting({ publish, failed });
    this.#options.queue();
  }

  seal(): void {
    this.#sealed = this.gathering;
    this.#open = undefined;
    this.#options.sealed();
  }

  async write(): Promise<Unsaved | undefined> {
    const { log, catchUp } = this.#options;
    const batch = this.#sealed;
    if (batch === undefined) return undefined;
    try {
      if (batch.claims.length > 0 && !(await log.claim(batch.claims))) await catchUp();
      if (batch.hasEntry) {
        const bytes = encodeEntry(batch);
        await (batch.isCreation ? log.create(bytes) : log.append(bytes));
      }
      // What stands before it in the store decides whether it holds: nothing is told before that is known.
      if (log.hasGap) await catchUp();
      return undefined;
    } catch (cause) {
      return { cause };
    }
  }

  publish(): void {
    if (this.#lost !== undefined) return;
    const { log, stored, published, settled } = this.#options;
    stored(log.takeNews());
    // Sealed until everybody has heard: what a listener asks to be told next comes behind the rest of this batch.
    this.#sealed?.publish(published);
    this.#sealed = undefined;
    settled();
  }

  /** What is in memory is on no disk, or nobody knows. */
  fail(cause: unknown): void {
    if (this.#lost !== undefined) return;
    const batches = this.pending;
    [this.#sealed, this.#open] = [undefined, undefined];
    const isDeleted = (cause as { code?: unknown } | null)?.code === "DELETED";
    this.#giveUp(batches, isDeleted ? (cause as DocumentError) : notSaved(cause));
  }

  /**
   * Once all is durable, lets `store` put something else in the document's place.
   * @param end What everybody is told who still uses it.
   * @throws what `store` throws; then they are told that nothing more was saved.
   */
  async replace(store: () => Promise<void>, end: DocumentError): Promise<void> {
    const late = await new Promise<Batch>((resolve, reject) => {
      this.after(() => resolve(this.#stop()), reject);
    });
    try {
      await store();
      this.#options.stored(this.#options.log.takeNews());
    } catch (error) {
      this.#giveUp([late], notSaved(error));
      throw error;
    }
    this.#giveUp([late], end);
  }

  /** Lets nobody change anything from here on. What has come meanwhile goes nowhere. */
  #stop(): Batch {
    const late = this.gathering;
    this.#open = undefined;
    this.#lost = new DocumentError("NOT_SAVED", "the document is being replaced: nothing was accepted");
    this.#options.stopped();
    return late;
  }

  #giveUp(batches: readonly Batch[], error: DocumentError): void {
    this.#lost = error;
    const commits = batches.flatMap((batch) => batch.commits);
    isolated(() => this.#options.lost(commits, error));
    for (const batch of batches) batch.fail(error);
  }
}
