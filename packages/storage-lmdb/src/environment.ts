import { join } from "node:path";
import { type Database, NEW_DATABASE_BYTES, openDatabase } from "./database.js";
import { syncFile, syncFolder, tryToWrite } from "./disk.js";
import { asDocumentError, type Cause, causeOf } from "./failure.js";

/** A value to store under a key, or, without a value, a key to remove. */
export interface Write {
  readonly key: Uint8Array;
  readonly value?: Uint8Array;
}

/** A stretch of keys: `start` belongs to it, `end` does not. */
export interface Range {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
}

/** A key and what is stored under it. Both are the reader's own. */
export interface Item {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** What was committed at one moment. Keeps its pages from being used again until it is released. */
export interface Snapshot {
  items(range: Range): Iterable<Item>;
  release(): void;
}

const FILE = "documents.mdb";
const LARGEST_TEST_BYTES = 8_388_608;

/** lmdb's file of the documents. Reading is synchronous; of writing at most one commit may be under way at a time. */
export class Environment {
  readonly #database: Database;
  readonly #folder: string;
  /** Always there. After a write to its first pages failed, lmdb reads everything as absent and says nothing: this tells. */
  readonly #witness: Uint8Array;

  private constructor(database: Database, folder: string, witness: Uint8Array) {
    this.#database = database;
    this.#folder = folder;
    this.#witness = witness;
  }

  /** Opens the documents of `folder`; `witness` is a key that {@link settle} will have written. Throws as {@link openDatabase} does. */
  static async open(folder: string, witness: Uint8Array): Promise<Environment> {
    return new Environment(await openDatabase(folder, FILE), folder, witness);
  }

  /**
   * Everything in one transaction, all or nothing; resolves when it is on disk. Not to be called again before it has
   * settled, nor after a failure unless {@link isReadable} says so: lmdb would never answer.
   * @throws lmdb's own error, with its number as `code`.
   */
  async commit(writes: Iterable<Write>): Promise<void> {
    try {
      await this.#database.batch(() => {
        for (const write of writes) this.#issue(write);
      });
    } catch (error) {
      // lmdb says "commit failed", and hands out what has failed as a promise that rejects.
      await (error as { commitError?: Promise<never> }).commitError;
      throw error;
    }
  }

  /**
   * Commits `writes`, the witness among them, and thereby makes durable whatever can be read. What a process before this one left in the
   * system's memory when it was killed looks stored and may be on no disk; repeating its sync would not do, for after a failed sync
   * the next one says yes without writing. Only where there is no room for a commit, a sync has to do: then it says false.
   * @throws {DocumentError} `STORE_FULL` or `STORE_UNAVAILABLE`.
   */
  async settle(writes: Iterable<Write>): Promise<boolean> {
    const isCommitted = await this.commit(writes).then(
      () => true,
      async (error) => {
        const cause = await this.whyFailed(error, 0);
        if (cause !== "full" || !this.isReadable) throw asDocumentError(error, cause);
        await syncFile(join(this.#folder, FILE));
        return false;
      },
    );
    await syncFolder(this.#folder);
    return isCommitted;
  }

  /**
   * Why a commit of about `bytes` bytes failed. A write for which the disk had room only in part is reported by lmdb as
   * EIO, as is a disk that fails: another write, into a file that is taken away again, tells them apart. Never `corrupted`:
   * a commit meets the pages of many documents, and none of them is to be blamed.
   */
  async whyFailed(error: unknown, bytes: number): Promise<Cause> {
    const cause = causeOf(error);
    if (cause === "corrupted") return "unknown";
    if (cause !== "input_output") return cause;
    const size = Math.min(Math.max(bytes, NEW_DATABASE_BYTES), LARGEST_TEST_BYTES);
    const again = await tryToWrite(this.#folder, size, false).then(() => cause, causeOf);
    return again === "full" ? again : cause;
  }

  /** Whether reading sees what was committed, and writing may be tried. */
  get isReadable(): boolean {
    try {
      return this.get(this.#witness) !== undefined;
    } catch {
      return false;
    }
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#database.getBinary(key);
  }

  /** The first `limit` keys of `range`, as they are committed now; all of them by default. */
  keys(range: Range, limit = Number.POSITIVE_INFINITY): Uint8Array[] {
    this.#mustBeReadable();
    return [...this.#database.getKeys({ ...range, limit })];
  }

  snapshot(): Snapshot {
    this.#mustBeReadable();
    const transaction = this.#database.useReadTransaction();
    return {
      items: (range) => this.#database.getRange({ ...range, transaction }),
      release: () => transaction.done(),
    };
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  #issue({ key, value }: Write): void {
    if (value === undefined) void this.#database.remove(key);
    else void this.#database.put(key, value);
  }

  #mustBeReadable(): void {
    if (!this.isReadable) throw new Error("the database lost its first pages");
  }
}
