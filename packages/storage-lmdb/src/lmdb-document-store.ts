import { resolve } from "node:path";
import {
  type Appended,
  DocumentError,
  type DocumentKey,
  type DocumentStore,
  type EntryKey,
  type ListRequest,
  type StoredEntry,
} from "@motet/document";
import { type Batch, CommitQueue } from "./commit-queue.js";
import { createFolder } from "./disk.js";
import { DocumentEntries, type EntryAt, EntryIndex } from "./entry-index.js";
import type { Write } from "./environment.js";
import { asDocumentError } from "./failure.js";
import { FolderLock } from "./folder-lock.js";
import { type Checkpoint, JournaledEnvironment } from "./journaled-environment.js";
import { Quarantine } from "./quarantine.js";
import { listDocuments, loadEntries } from "./reading.js";
import { keyOf, parseKey, seal } from "./record.js";
import type { StoreEvent } from "./store-event.js";
import { NEXT, type StateEvent, type StoreState } from "./store-state.js";

/** Where a store keeps its documents, and whom it tells. */
export interface LmdbDocumentStoreOptions {
  /** Created if it is missing. On a local disk: neither the locks nor the syncs of network file systems can be relied on. */
  readonly folder: string;
  /** Called after each event. What it throws is an uncaught exception of its own, and does not touch the store. */
  readonly observe?: (event: StoreEvent) => void;
}

/**
 * Documents in one folder of this machine, for one process at a time.
 *
 * A write resolves when it is on disk, past every cache that the system knows of. All writes of a turn, whatever their documents,
 * share one commit, and so do all that arrive while two are under way. What is read is what was committed, never what is on its
 * way: `load` waits for the writes of its document that came before it.
 *
 * Cost: an append is its share of one write to the journal, and later one insertion into a B+-tree; a load reads its entries in a row
 * and checks each.
 */
export class LmdbDocumentStore implements DocumentStore {
  readonly #environment: JournaledEnvironment;
  readonly #lock: FolderLock;
  readonly #observe: (event: StoreEvent) => void;
  readonly #queue: CommitQueue;
  readonly #index: EntryIndex;
  readonly #quarantine: Quarantine;
  readonly #reading = new Set<Promise<unknown>>();
  #state: StoreState = "ready";
  #closing: Promise<void> | undefined;

  private constructor(
    environment: JournaledEnvironment,
    lock: FolderLock,
    observe: (event: StoreEvent) => void,
  ) {
    this.#environment = environment;
    environment.onCheckpoint = (checkpoint) => this.#tell(checkpoint);
    this.#lock = lock;
    this.#observe = (event) => queueMicrotask(() => observe(event));
    this.#quarantine = new Quarantine(this.#observe);
    this.#queue = new CommitQueue({
      record: (batch) => this.#record(batch),
      commit: (batch) => this.#commit(batch),
      abandoned: (batch) => {
        for (const id of batch.documents.keys()) this.#index.forget(id);
      },
    });
    this.#index = new EntryIndex(
      (id) => this.#readEntries(id),
      (id) => this.#queue.isPending(id),
    );
  }

  /**
   * Takes the folder for this process, and makes durable what one before it may have left half way to the disk.
   * @throws {DocumentError} `IN_USE` when another store, here or in another process, has the folder; `DAMAGED` when its file is no
   * database or of a later format, or its journal is damaged or missing; `STORE_FULL` when a new folder finds no room; `STORE_UNAVAILABLE` when it cannot be used.
   */
  static async open({
    folder,
    observe = () => undefined,
  }: LmdbDocumentStoreOptions): Promise<LmdbDocumentStore> {
    const path = resolve(folder);
    const opened: { close(): Promise<void> }[] = [];
    try {
      await createFolder(path);
      const lock = await FolderLock.acquire(path);
      opened.unshift(lock);
      const environment = await JournaledEnvironment.open(path);
      return new LmdbDocumentStore(environment, lock, observe);
    } catch (error) {
      for (const one of opened) await one.close();
      throw asDocumentError(error);
    }
  }

  async load(id: DocumentKey, after = 0): Promise<readonly StoredEntry[]> {
    this.#mustBeOpen();
    this.#quarantine.mustNotHold(id);
    const read = () => loadEntries(this.#environment.snapshot(id), id, after);
    return this.#whileOpen(this.#queue.read(id, read).catch((error) => this.#refuse(id, error)));
  }

  async append(id: DocumentKey, key: EntryKey, bytes: Uint8Array): Promise<Appended> {
    mustHoldSomething(bytes);
    return this.#change(id, async (entries) => {
      const known = entries.placeOf(key);
      if (known !== undefined) return this.#queue.written(id).then(() => ({ place: known, fresh: false }));
      const place = entries.add(key);
      await this.#queue.add(id, [storing(id, { key, place }, bytes)]);
      return { place, fresh: true };
    });
  }

  async replace(
    id: DocumentKey,
    covered: readonly EntryKey[],
    key: EntryKey,
    bytes: Uint8Array,
  ): Promise<number> {
    mustHoldSomething(bytes);
    mustCoverEachOnce(covered);
    return this.#change(id, async (entries) => {
      const known = entries.placeOf(key);
      if (known !== undefined) return this.#queue.written(id).then(() => known);
      const { place, gone } = entries.replace(covered, key);
      await this.#queue.add(id, [...removing(id, gone), storing(id, { key, place }, bytes)]);
      return place;
    });
  }

  async list(request: ListRequest): Promise<readonly DocumentKey[]> {
    this.#mustBeOpen();
    return this.#whileOpen(
      listDocuments(this.#environment, request).catch((error) => {
        throw asDocumentError(error);
      }),
    );
  }

  /** As the port says. A document in quarantine may be deleted, and is free of it then. */
  async delete(id: DocumentKey): Promise<void> {
    await this.#update(id, async (entries) => {
      const gone = entries.clear();
      await (gone.length > 0 ? this.#queue.add(id, removing(id, gone)) : this.#queue.written(id));
    });
    this.#quarantine.lift(id);
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  /** What may be asked of it now. */
  get state(): StoreState {
    return this.#state;
  }

  /** Writes that are not on disk yet, and their size. What bounds it is that callers wait. */
  get waiting(): { readonly writes: number; readonly bytes: number } {
    return this.#queue.waiting;
  }

  /** Documents whose entries failed their check since the store was opened, each with what was found. */
  get quarantined(): ReadonlyMap<DocumentKey, DocumentError> {
    return this.#quarantine.documents;
  }

  async #change<T>(id: DocumentKey, change: (entries: DocumentEntries) => Promise<T>): Promise<T> {
    this.#quarantine.mustNotHold(id);
    return this.#update(id, change);
  }

  async #update<T>(id: DocumentKey, change: (entries: DocumentEntries) => Promise<T>): Promise<T> {
    this.#mustWrite();
    try {
      return await this.#index.update(id, change);
    } catch (error) {
      return this.#refuse(id, error);
    }
  }

  #readEntries(id: DocumentKey): DocumentEntries {
    return new DocumentEntries(this.#environment.entryKeys(id).map((key) => parseKey(id, key)));
  }

  #record(batch: Batch): Promise<boolean> | undefined {
    const startedMs = performance.now();
    const recorded = this.#environment.record(batch);
    return recorded?.then((isRecorded) => {
      if (isRecorded) this.#committed(batch, startedMs);
      return isRecorded;
    });
  }

  async #commit(batch: Batch): Promise<void> {
    const startedMs = performance.now();
    const { writes, bytes } = batch;
    try {
      await this.#environment.commit(batch);
    } catch (failure) {
      const { error, event } = await this.#environment.explain(failure, bytes);
      this.#advance(event);
      this.#observe({ type: "commit_failed", writes, bytes, error });
      throw error;
    }
    this.#committed(batch, startedMs);
  }

  #committed({ writes, bytes }: Batch, startedMs: number): void {
    this.#advance("committed");
    this.#observe({ type: "committed", writes, bytes, durationMs: performance.now() - startedMs });
  }

  #tell({ writes, bytes, durationMs, failure }: Checkpoint): void {
    if (failure === undefined) {
      this.#observe({ type: "checkpointed", writes, bytes, durationMs });
    } else {
      this.#advance(failure.event);
      this.#observe({ type: "checkpoint_failed", writes, bytes, error: failure.error });
    }
  }

  async #shut(): Promise<void> {
    this.#advance("close");
    await this.#queue.idle();
    await Promise.allSettled(this.#reading);
    await this.#environment.close();
    await this.#lock.close();
  }

  /** Lets `close` wait for a reading that takes several turns. */
  async #whileOpen<T>(reading: Promise<T>): Promise<T> {
    this.#reading.add(reading);
    try {
      return await reading;
    } finally {
      this.#reading.delete(reading);
    }
  }

  /** Tells the caller what went wrong with a document, and everybody after it where the document is at fault. */
  #refuse(id: DocumentKey, failure: unknown): never {
    const error = asDocumentError(failure);
    if (error.code === "DAMAGED") this.#quarantine.add(id, error);
    throw error;
  }

  #advance(event: StateEvent): void {
    this.#state = NEXT[this.#state][event];
  }

  #mustBeOpen(): void {
    if (this.#state === "closed") throw new DocumentError("CLOSED", "the store is closed");
  }

  #mustWrite(): void {
    this.#mustBeOpen();
    if (this.#state !== "failed") return;
    throw new DocumentError(
      "STORE_UNAVAILABLE",
      "a commit failed: no writes until the store is opened again",
    );
  }
}

function storing(id: DocumentKey, at: EntryAt, bytes: Uint8Array): Write {
  const key = keyOf(id, at.place, at.key);
  return { key, value: seal(key, bytes) };
}

function removing(id: DocumentKey, entries: readonly EntryAt[]): Write[] {
  return entries.map((entry) => ({ key: keyOf(id, entry.place, entry.key) }));
}

function mustHoldSomething(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new DocumentError("MALFORMED", "an entry holds at least one byte");
}

function mustCoverEachOnce(covered: readonly EntryKey[]): void {
  if (covered.length > 0 && new Set(covered).size === covered.length) return;
  throw new DocumentError("MALFORMED", "a replacement covers at least one entry, and each once");
}
