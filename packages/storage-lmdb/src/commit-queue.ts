import type { DocumentKey } from "@motet/document";
import type { Write } from "./environment.js";

/** What one commit carries. */
export interface Batch {
  readonly documents: ReadonlyMap<DocumentKey, readonly Write[]>;
  /** How many writes. */
  readonly writes: number;
  /** Size of the keys and values to be written. */
  readonly bytes: number;
}

/** How the queue gets things done. */
export interface Committer {
  /**
   * Begins a commit beside those that are under way. Resolves when it and all before it are on disk, or with false when that cannot be said;
   * `undefined` where it cannot be made beside others. Then it is for {@link commit}. Never rejects.
   */
  record(batch: Batch): Promise<boolean> | undefined;
  /** Makes a commit while no other is under way. Resolves when all of it is on disk, rejects when that is not certain. */
  commit(batch: Batch): Promise<void>;
  /** Called for each batch that was given up, before any of its callers hears of it. */
  abandoned(batch: Batch): void;
}

/** How many commits may be under way: while the disk takes long over one, what comes meanwhile need not wait for its turn. */
const UNDER_WAY_MAX = 2;

/**
 * Group commit: whatever is asked for in one turn of the event loop, or while no more commits may begin, goes into the next one.
 * There is no timer: the commit itself is the window, so one lone write waits for nobody and a thousand share a sync.
 *
 *     add, add, add ... -> open batch --end of turn--> under way --on disk, and all before it--> readers, callers
 *
 * A batch is done when all before it are. When one has failed, all behind it are given up too, those under way and those that wait:
 * they were asked for in the belief that it had been done.
 */
export class CommitQueue {
  readonly #committer: Committer;
  /** In the order in which they will be committed. The last is open; those before it are under way, or wait. */
  readonly #batches: PendingBatch[] = [new PendingBatch()];
  /** What becomes of the first batches, which are under way. */
  readonly #recorded: Promise<boolean>[] = [];
  /** Documents with uncommitted writes, and the batch that holds the last of them. */
  readonly #lastOf = new Map<DocumentKey, PendingBatch>();
  #isScheduled = false;
  /** Whether what is under way is committed one by one. */
  #isAlone = false;

  constructor(committer: Committer) {
    this.#committer = committer;
  }

  /** Resolves when these writes, which are the queue's from now on, are on disk. They are committed together, behind all earlier ones. */
  add(id: DocumentKey, writes: Write[]): Promise<void> {
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
      writes += batch.writes;
      bytes += batch.bytes;
    }
    return { writes, bytes };
  }

  /** Resolves when nothing waits any more, whatever became of it. */
  async idle(): Promise<void> {
    for (;;) {
      const last = this.#batches.findLast((batch) => batch.writes > 0);
      if (last === undefined) return;
      await last.settled.catch(() => undefined);
    }
  }

  get #open(): PendingBatch {
    return this.#batches.at(-1)!;
  }

  /** The first batch that is not under way. */
  get #next(): PendingBatch {
    return this.#batches[this.#recorded.length]!;
  }

  #start(): void {
    if (this.#isScheduled || !this.#mayBegin) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#mayBegin) this.#begin();
    });
  }

  get #mayBegin(): boolean {
    return !this.#isAlone && this.#recorded.length < UNDER_WAY_MAX && this.#next.writes > 0;
  }

  #begin(): void {
    const batch = this.#next;
    const isFirst = this.#recorded.length === 0;
    const recorded = this.#committer.record(batch);
    if (recorded === undefined && !isFirst) return; // Alone, when those before it are done.
    if (batch === this.#open) this.#batches.push(new PendingBatch());
    this.#isAlone = recorded === undefined;
    this.#recorded.push(recorded ?? Promise.resolve(false));
    if (isFirst) void this.#settleAll();
    this.#start();
  }

  /** Settles what is under way, in order. Never rejects: its callers hear of failures. */
  async #settleAll(): Promise<void> {
    while (this.#recorded.length > 0) {
      try {
        await this.#settleFirst();
      } catch (error) {
        await Promise.all(this.#recorded);
        this.#giveUp(error);
      }
      if (this.#recorded.length === 0) this.#isAlone = false;
      this.#start();
    }
  }

  async #settleFirst(): Promise<void> {
    const batch = this.#batches[0]!;
    if (!(await this.#recorded[0])) {
      this.#isAlone = true; // Those behind it have not been recorded either.
      await this.#committer.commit(batch);
    }
    this.#batches.shift();
    this.#recorded.shift();
    this.#finish(batch);
  }

  #finish(batch: PendingBatch): void {
    for (const id of batch.documents.keys()) if (this.#lastOf.get(id) === batch) this.#lastOf.delete(id);
    batch.settle();
  }

  #giveUp(error: unknown): void {
    const batches = this.#batches.splice(0, Number.POSITIVE_INFINITY, new PendingBatch());
    this.#recorded.length = 0;
    this.#lastOf.clear();
    for (const batch of batches) this.#committer.abandoned(batch);
    for (const batch of batches) batch.settle(error);
  }
}

class PendingBatch implements Batch {
  readonly documents = new Map<DocumentKey, Write[]>();
  /** Each runs once, as soon as this batch is settled. None of them throws. */
  readonly readers: (() => void)[] = [];
  /** One promise for everybody in the batch. */
  readonly settled: Promise<void>;
  writes = 0;
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

  add(id: DocumentKey, writes: Write[]): void {
    const earlier = this.documents.get(id);
    if (earlier === undefined) this.documents.set(id, writes);
    this.writes += writes.length;
    for (const write of writes) {
      earlier?.push(write);
      this.bytes += write.key.length + (write.value?.length ?? 0);
    }
  }

  settle(error?: unknown): void {
    if (error === undefined) this.#resolve();
    else this.#reject(error);
    for (const read of this.readers) read();
  }
}
