import { join } from "node:path";
import type { DocumentError, DocumentKey } from "@motet/document";
import { Behind, overlay } from "./behind.js";
import type { Batch } from "./commit-queue.js";
import { syncFile } from "./disk.js";
import { Environment, type Range, type Snapshot, type Write } from "./environment.js";
import { asDocumentError } from "./failure.js";
import { FORMAT_KEY, formatOf, type JournalMark, parseFormat } from "./format.js";
import type { Generation } from "./generation.js";
import { Journal } from "./journal.js";
import { RECORD_BYTES_MAX, recordBytes, WRITES_AT } from "./journal-record.js";
import { documentOf, entriesOf } from "./record.js";
import { recover } from "./recovery.js";
import { eventOf, type StateEvent } from "./store-state.js";

const FILE = "journal";
// An entry is in the journal only for so long, while the disk keeps up. A checkpoint is 3 to 10 ms of writing beside the journal's, which the
// commits of that moment may feel: at this distance that is 0.5 % of the time at most.
const CHECKPOINT_MS = 2_000;
// What starts one earlier. To hand lmdb so many writes takes the event loop 0.3 to 1.3 ms.
const CHECKPOINT_WRITES = 1_000;
const CHECKPOINT_BYTES = 1_048_576;
// What gathers at most while lmdb is slow: no more than the event loop may be held up by when it is handed over.
const GATHERED_WRITES_MAX = 5_000;

/** What a failed commit comes to. */
export interface Failure {
  readonly error: DocumentError;
  readonly event: StateEvent;
}

/** How it went when the database took over so many writes of so many bytes, after so many milliseconds. */
export interface Checkpoint {
  readonly writes: number;
  readonly bytes: number;
  readonly durationMs: number;
  readonly failure?: Failure;
}

/**
 * The database with a journal in front of it. A commit is durable when the journal has it, for the price of one sync; the database takes over
 * what is behind in larger transactions, 2 s later at most, and in the same transaction says up to which record it has.
 * Reading sees both, and nothing that is not durable.
 *
 *     commit -> journal ----> durable: what is read, and what is behind
 *                                          | checkpoint: one transaction, with the number of its last record
 *                                          v
 *                                      database -> this half of the journal is used again
 *
 * Not every commit goes through the journal. One that is too large, the first of a process, and those that failed there go straight
 * into the database together with all that is behind, after which the journal is on safe ground, whatever it was before. Such a commit is
 * made alone; those that the journal takes may be under way beside each other.
 */
export class JournaledEnvironment {
  readonly #environment: Environment;
  readonly #journal: Journal;
  readonly #behind: Behind;
  /** Told of each checkpoint. */
  onCheckpoint: (checkpoint: Checkpoint) => void = () => undefined;
  /** Whether the database knows where the journal is, and the journal's last write went well. */
  #isJournaling = false;
  /** Whether a commit is made alone. */
  #isAlone = false;
  #isDue = false;
  #timer: NodeJS.Timeout | undefined;
  /** Why nothing may be written any more: lmdb would never answer. */
  #broken: DocumentError | undefined;
  /** What became of the last record. */
  #recorded: Promise<boolean> = Promise.resolve(true);
  /** Never rejects. */
  #checkpoint: Promise<void> | undefined;

  private constructor(environment: Environment, journal: Journal, behind: Behind) {
    this.#environment = environment;
    this.#journal = journal;
    this.#behind = behind;
  }

  /**
   * Opens the documents of `folder`, and brings into the database what the journal of an earlier process holds beyond it. Where there is no
   * room for that, it is read from memory until there is.
   * @throws {DocumentError} `DAMAGED`, `STORE_FULL` or `STORE_UNAVAILABLE`.
   */
  static async open(folder: string): Promise<JournaledEnvironment> {
    const environment = await Environment.open(folder, FORMAT_KEY);
    try {
      const path = join(folder, FILE);
      const mark = parseFormat(environment.get(FORMAT_KEY), folder);
      const recovered = mark && (await recover(path, mark));
      const isComplete = await environment.settle([...(recovered?.writes ?? []), formatWrite()]);
      if (recovered === undefined || isComplete) {
        return new JournaledEnvironment(environment, new Journal(path), new Behind());
      }
      await syncFile(path);
      const behind = new Behind();
      for (const write of recovered.writes) behind.open.put(documentOf(write.key)!, write);
      return new JournaledEnvironment(environment, new Journal(path, recovered.mark), behind);
    } catch (error) {
      await environment.close();
      throw error;
    }
  }

  /**
   * Begins to write a commit to the journal, beside those that are under way there. Resolves when it is durable: itself and all before it on
   * disk; or with false when one of them could not be written. `undefined` where the journal does not take it now. What the journal
   * has not taken is to be made by {@link commit}.
   */
  record(batch: Batch): Promise<boolean> | undefined {
    if (!this.#canRecord(batch)) return undefined;
    this.#recorded = this.#record(batch);
    return this.#recorded;
  }

  /**
   * Everything or nothing; resolves when it is on disk. Nothing else may be committed before it has settled; what it rejects
   * with is for {@link explain}.
   */
  async commit(batch: Batch): Promise<void> {
    this.#isAlone = true;
    try {
      await this.#recorded;
      await this.#checkpoint; // There may be room in the journal then.
      if (!(await this.record(batch))) await this.#commitToDatabase(batch);
    } catch (error) {
      this.#stopJournaling();
      throw error;
    } finally {
      this.#isAlone = false;
    }
    this.#checkpointIfDue();
  }

  /** What the failure of a commit of about `bytes` bytes comes to. Where nothing may be written any more, later commits are refused. */
  async explain(failure: unknown, bytes: number): Promise<Failure> {
    const cause = await this.#environment.whyFailed(failure, bytes);
    const event = eventOf(cause, this.#environment.isReadable);
    const error = asDocumentError(failure, cause);
    if (event === "broke") this.#broken ??= error;
    return { error, event };
  }

  /** The first `limit` keys of a document's entries, as they are durable now; all of them by default. */
  entryKeys(id: DocumentKey, limit = Number.POSITIVE_INFINITY): Uint8Array[] {
    const newer = this.#behind.of(id);
    const stored = this.#environment.keys(entriesOf(id), limit + newer.length);
    const items = overlay(
      stored.map((key) => ({ key, value: key })),
      newer,
    );
    return Array.from(items, ({ key }) => key).slice(0, limit);
  }

  /** The first key of `range` in the database. What is behind may have removed it, or come before it: see {@link documentsBehind}. */
  firstKey(range: Range): Uint8Array | undefined {
    return this.#environment.keys(range, 1)[0];
  }

  /** Documents that were written, or removed, since the last checkpoint. */
  documentsBehind(): Set<DocumentKey> {
    return this.#behind.documents();
  }

  /** What is durable of a document at this moment. */
  snapshot(id: DocumentKey): Snapshot {
    const newer = this.#behind.of(id);
    const snapshot = this.#environment.snapshot();
    return {
      items: (range) => {
        const inRange = newer.filter(({ key }) => Buffer.compare(key, range.start) >= 0);
        return overlay(snapshot.items(range), inRange);
      },
      release: () => snapshot.release(),
    };
  }

  /**
   * Brings everything into the database, and leaves an empty journal. Where a failure keeps it from that, what is behind stays in the journal.
   * No commit may be under way.
   */
  async close(): Promise<void> {
    while (this.#checkpoint !== undefined) await this.#checkpoint; // One may follow at the heels of another.
    if (this.#isJournaling) {
      this.#stopJournaling();
      if (await this.#takeOver(this.#behind.open)) await this.#journal.empty();
    }
    await this.#journal.close();
    await this.#environment.close();
  }

  /** Whether the journal takes it. Where one half is full, that is the other, if the database is not taking that over. */
  #canRecord(batch: Batch): boolean {
    const bytes = recordBytes(batch.writes, batch.bytes);
    if (!this.#isJournaling || bytes > RECORD_BYTES_MAX) return false;
    const { writes } = this.#behind.open;
    if (this.#journal.hasRoomFor(bytes) && writes + batch.writes <= GATHERED_WRITES_MAX) return true;
    if (this.#checkpoint !== undefined) return false;
    this.#startCheckpoint();
    return true;
  }

  async #record({ documents, writes, bytes }: Batch): Promise<boolean> {
    const generation = this.#behind.open;
    const length = recordBytes(writes, bytes);
    const at = generation.take(length);
    try {
      await this.#journal.append([...documents.values()].flat(), generation.room(at, length));
    } catch (error) {
      this.#stopJournaling();
      await this.explain(error, bytes); // Where more than room is missing, the database is not asked any more.
      return false;
    }
    generation.add(documents, at + WRITES_AT);
    this.#timer ??= setTimeout(() => {
      this.#isDue = true;
      this.#checkpointIfDue();
    }, CHECKPOINT_MS).unref();
    this.#checkpointIfDue();
    return true;
  }

  async #commitToDatabase({ documents }: Batch): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    await this.#journal.open();
    const { mark } = this.#journal;
    const writes = [...documents.values()].flat();
    await this.#environment.commit([...this.#behind.all(), ...writes, formatWrite(mark)]);
    this.#behind.clear();
    this.#journal.restart();
    this.#recorded = Promise.resolve(true);
    this.#disarm();
    this.#isJournaling = true;
  }

  #checkpointIfDue(): void {
    if (!this.#isJournaling || this.#isAlone || this.#checkpoint !== undefined) return;
    const { writes, bytes } = this.#behind.open;
    if (this.#isDue || writes >= CHECKPOINT_WRITES || bytes >= CHECKPOINT_BYTES) this.#startCheckpoint();
  }

  /** From now on the other half is written. What this one holds is taken over when the last record of it is durable. */
  #startCheckpoint(): void {
    this.#disarm();
    const { mark } = this.#journal;
    this.#behind.seal();
    this.#journal.turn();
    this.#checkpoint = this.#recorded
      .then((isDurable) => isDurable && this.#takeOver(this.#behind.sealed, mark))
      .then((isTaken) => {
        this.#checkpoint = undefined;
        if (!isTaken) return this.#stopJournaling();
        this.#behind.drop();
        this.#checkpointIfDue();
      });
  }

  /** Commits what is behind, and with it the number of its last record, or that there is none. Never rejects: says whether it went well. */
  async #takeOver(behind: Generation, mark?: JournalMark): Promise<boolean> {
    const startedMs = performance.now();
    const { writes, bytes } = behind;
    const failure = await this.#environment.commit([...behind, formatWrite(mark)]).then(
      () => undefined,
      (error) => this.explain(error, bytes),
    );
    const durationMs = performance.now() - startedMs;
    this.onCheckpoint({ writes, bytes, durationMs, ...(failure && { failure }) });
    return failure === undefined;
  }

  #stopJournaling(): void {
    this.#isJournaling = false;
    this.#disarm();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDue = false;
  }
}

function formatWrite(mark?: JournalMark): Write {
  return { key: FORMAT_KEY, value: formatOf(mark) };
}
