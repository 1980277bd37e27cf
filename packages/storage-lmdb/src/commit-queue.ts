import type { DocumentKey } from "@motet/document";
import type { Write } from "./environment.js";

/** What one commit carries: everything that was asked for while the last one was under way. */
export interface Batch {
  readonly writes: readonly Write[];
  /** Size of the keys and values to be written. */
  readonly bytes: number;
  /** The same writes, by document. */
  readonly documents: ReadonlyMap<DocumentKey, readonly Write[]>;
}

/** How the queue gets things done. */
export interface Committer {
  /** Resolves when all of it is on disk, rejects when that is not certain. */
  commit(batch: Batch): Promise<void>;
  /** Called for each batch that was given up, before any of its callers hears of it. */
  abandoned(batch: Batch): void;
}

/**
 * Group commit: whatever is asked for in one turn of the event loop, or while a commit is under way, goes into the next one.
 * There is no timer: the commit itself is the window, so one lone write waits for nobody and a thousand share two syncs.
 *
 *     add, add, add ... -> open batch --end of turn--> in flight --on disk--> readers, callers, next batch
 *
 * One commit at a time, for a second one must not start after the first has failed. Then all that waits is given up too:
 * it was asked for in the belief that the first had been done.
 */
export class CommitQueue {
  readonly #committer: Committer;
  /** In the order in which they will be committed. The last is open; those before it wait, or are in flight. */
  readonly #batches: PendingBatch[] = [new PendingBatch()];
  /** Documents with uncommitted writes, and the batch that holds the last of them. */
  readonly #lastOf = new Map<DocumentKey, PendingBatch>();
  #running = false;

  constructor(committer: Committer) {
    this.#committer = committer;
  }

  /** Resolves when these writes are on disk. They are committed together, behind all earlier ones. */
  add(id: DocumentKey, writes: readonly Write[]): Promise<void> {
    const batch = this.#open;
    batch.add(id, writes);
    this.#lastOf.set(id, batch);
    this.#start();
    return batch.settled;
  }

  /** Resolves when all writes of a document are on disk that were added until now; at once where there are none. */
  async written(id: DocumentKey): Promise<void> {
    await this.#lastOf.get(id)?.settled;
  }

  /**
   * Runs `read` at the moment when all writes of a document that were added until now have been committed or given up,
   * and none that is added from now on.
   */
  read<T>(id: DocumentKey, read: () => T): Promise<T> {
    const batch = this.#lastOf.get(id);
    if (batch === undefined) return new Promise((resolve) => resolve(read()));
    if (batch === this.#open) this.#batches.push(new PendingBatch());
    return new Promise((resolve, reject) => {
      batch.readers.push(() => {
        try {
          resolve(read());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  isPending(id: DocumentKey): boolean {
    return this.#lastOf.has(id);
  }

  /** Writes and bytes that have not been committed yet. */
  get waiting(): { readonly writes: number; readonly bytes: number } {
    let writes = 0;
    let bytes = 0;
    for (const batch of this.#batches) {
      writes += batch.writes.length;
      bytes += batch.bytes;
    }
    return { writes, bytes };
  }

  /** Resolves when nothing waits any more, whatever became of it. */
  async idle(): Promise<void> {
    for (;;) {
      const last = this.#batches.findLast((batch) => batch.writes.length > 0);
      if (last === undefined) return;
      await last.settled.catch(() => undefined);
    }
  }

  get #open(): PendingBatch {
    return this.#batches.at(-1)!;
  }

  #start(): void {
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => void this.#run());
  }

  /** Commits one batch. Never rejects: its callers hear of failures. */
  async #run(): Promise<void> {
    const batch = this.#batches[0]!;
    if (batch === this.#open) this.#batches.push(new PendingBatch());
    try {
      await this.#committer.commit(batch);
      this.#batches.shift();
      this.#finish(batch);
    } catch (error) {
      this.#giveUp(error);
    }
    this.#running = false;
    if (this.#batches.some((next) => next.writes.length > 0)) this.#start();
  }

  #finish(batch: PendingBatch): void {
    for (const id of batch.documents.keys()) if (this.#lastOf.get(id) === batch) this.#lastOf.delete(id);
    batch.settle();
  }

  #giveUp(error: unknown): void {
    const batches = this.#batches.splice(0, Number.POSITIVE_INFINITY, new PendingBatch());
    this.#lastOf.clear();
    for (const batch of batches) this.#committer.abandoned(batch);
    for (const batch of batches) batch.settle(error);
  }
}

class PendingBatch implements Batch {
  readonly writes: Write[] = [];
  readonly documents = new Map<DocumentKey, Write[]>();
  /** Each runs once, as soon as this batch is settled. None of them throws. */
  readonly readers: (() => void)[] = [];
  /** One promise for everybody in the batch. */
  readonly settled: Promise<void>;
  bytes = 0;
  #resolve!: () => void;
  #reject!: (error: unknown) => void;

  constructor() {
    this.settled = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Each caller handles it; a batch that only readers wait for has none.
    this.settled.catch(() => undefined);
  }

  add(id: DocumentKey, writes: readonly Write[]): void {
    const ofDocument = this.documents.get(id) ?? [];
    this.documents.set(id, ofDocument);
    for (const write of writes) {
      ofDocument.push(write);
      this.writes.push(write);
      this.bytes += write.key.length + (write.value?.length ?? 0);
    }
  }

  settle(error?: unknown): void {
    if (error === undefined) this.#resolve();
    else this.#reject(error);
    for (const read of this.readers) read();
  }
}
