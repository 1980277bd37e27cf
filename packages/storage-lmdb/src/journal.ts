import { randomBytes } from "node:crypto";
import { constants, type FileHandle, open } from "node:fs/promises";
import { constants as system } from "node:os";
import { dirname } from "node:path";
import { syncFolder } from "./disk.js";
import type { Write } from "./environment.js";
import { EPOCH_BYTES, type JournalMark } from "./format.js";
import { encodeRecord } from "./journal-record.js";

/** Size of each of the journal's two halves, and so a bound of what is behind, in memory and at the next start. */
const HALF_BYTES = 4_194_304;

// On Linux a file that is opened with O_DSYNC syncs by itself what is written: one call and one turn in the pool of threads instead of
// two, 0.8 x the processor time of a write and a fdatasync. Elsewhere O_DSYNC may stop at the drive's cache.
const SYNCS_BY_ITSELF = process.platform === "linux";
const FLAGS = constants.O_RDWR | constants.O_CREAT | (SYNCS_BY_ITSELF ? constants.O_DSYNC : 0);

/**
 * A file of commits. Several may be on their way to the disk at once, and count in the order in which they were begun: one is durable when
 * it is on disk and so are all before it.
 *
 *     | 41 42 43 44 ~ 17 18 ~ | 37 38 39 40 ~ ... |     ~ space that is used again
 *       half that is written    half that the database is taking over
 *
 * It has two halves, written in turn: while the database takes over what one holds, the next commits go into the other.
 */
export class Journal {
  readonly #path: string;
  #file: FileHandle | undefined;
  #mark: JournalMark | undefined;
  #half: 0 | 1 = 0;
  #end = 0;
  /** The last record that is known to be durable. */
  #durable = 0;
  /** As {@link append} of the last record. */
  #last: Promise<void> = Promise.resolve();

  /** @param mark up to where an earlier process has used it, where it is to be gone on with. */
  constructor(path: string, mark?: JournalMark) {
    this.#path = path;
    this.#mark = mark;
  }

  /** The last number that was given away; `undefined` before {@link begin}. */
  get mark(): JournalMark | undefined {
    return this.#mark;
  }

  /** Makes the file, and begins an epoch in it where there is none to go on with. */
  async open(): Promise<void> {
    this.#file ??= await open(this.#path, FLAGS, 0o644);
    if (this.#mark === undefined) await this.begin();
  }

  /** Empties the file and begins a new epoch, which holds once the database knows of it. Nothing that it holds may be needed any more. */
  async begin(): Promise<void> {
    const file = this.#file!;
    await file.truncate(0);
    await file.sync();
    await syncFolder(dirname(this.#path));
    this.#mark = { epoch: randomBytes(EPOCH_BYTES), number: 0 };
    this.#half = 1; // The first turn leads to the start of the file, where a reader looks for the epoch.
  }

  hasRoomFor(bytes: number): boolean {
    return this.#end + bytes <= HALF_BYTES;
  }

  /** From now on the other half is written, from its start on. What it holds must be in the database. */
  turn(): void {
    this.#half = this.#half === 0 ? 1 : 0;
    this.#end = 0;
  }

  /** Everything up to the mark is in the database, whatever became of it here, and nothing is under way. Begins with the other half. */
  restart(): void {
    this.#durable = this.#mark!.number;
    this.#last = Promise.resolve();
    this.turn();
  }

  /**
   * Resolves when the writes are durable, as one record, which is put together in `out` and stays there until then. Its number is used up in
   * any case. When one is rejected, so are all that were begun behind it, and the file takes nothing more before {@link restart}.
   */
  append(writes: Iterable<Write>, out: Buffer): Promise<void> {
    const { epoch, number: before } = this.#mark!;
    this.#mark = { epoch, number: before + 1 };
    const length = encodeRecord(out, { ...this.#mark, beside: before - this.#durable }, writes);
    const at = this.#half * HALF_BYTES + this.#end;
    this.#end += length;
    this.#last = this.#inOrder(before + 1, at, this.#last, writeDurably(this.#file!, out, length, at));
    return this.#last;
  }

  async #inOrder(number: number, at: number, earlier: Promise<void>, own: Promise<void>): Promise<void> {
    const failure = (await Promise.allSettled([earlier, own])).find(({ status }) => status === "rejected");
    if (failure === undefined) {
      this.#durable = number;
      return;
    }
    await this.#strike(at);
    throw (failure as PromiseRejectedResult).reason;
  }

  /** Leaves an empty file behind, once the database says that it needs none. */
  async empty(): Promise<void> {
    await this.#file?.truncate(0);
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  /**
   * Makes a record unreadable that was rejected: it may stand there all the same, and its callers are about to hear that it was not stored.
   * Where that fails, too, the next commit puts the number behind us.
   */
  async #strike(at: number): Promise<void> {
    await writeDurably(this.#file!, Buffer.alloc(EPOCH_BYTES), EPOCH_BYTES, at).catch(() => undefined);
  }
}

async function writeDurably(file: FileHandle, bytes: Buffer, length: number, at: number): Promise<void> {
  const { bytesWritten } = await file.write(bytes, 0, length, at);
  // As lmdb says it, when there was room for a part only.
  if (bytesWritten < length) throw Object.assign(new Error("a short write"), { errno: -system.errno.EIO });
  if (!SYNCS_BY_ITSELF) await file.datasync();
}
