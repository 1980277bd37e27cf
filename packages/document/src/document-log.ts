import {
  type DocumentEntry,
  EMPTY_ENTRY,
  type EntryInSteps,
  encodeEntry,
  entryWriting,
  wholeWriting,
} from "./document-entry.js";
import { type DocumentStore, type EntryKey, isTombstone } from "./document-store.js";
import { atEndOfTurn } from "./end-of-turn.js";
import { EntryNames } from "./entry-names.js";
import { DocumentError } from "./errors.js";
import type { DocumentKey } from "./ids.js";
import type { DocumentLimits } from "./limits.js";
import type { Binding } from "./replica-bindings.js";

/** What {@link DocumentLog} needs. */
export interface DocumentLogOptions {
  readonly store: DocumentStore;
  readonly id: DocumentKey;
  /** Draws a name that was never used. */
  readonly unique: () => string;
  /** The entries that were loaded, in the order of their places. */
  readonly keys: readonly EntryKey[];
}

/** One document's entries in the store, as far as this node knows them. */
export class DocumentLog {
  readonly #options: DocumentLogOptions;
  readonly #names: EntryNames;
  readonly #tombstones: readonly EntryKey[];
  /** What a compaction may cover, in the order of places. */
  #keys: EntryKey[];
  /** Claims to replicas since the last compaction: kept, so that a node that is behind cannot make the same claim again. */
  #claims: EntryKey[] = [];
  #bytes = 0;
  /** Raised after a compaction that failed, so that a store in trouble is not asked again at every commit. */
  #patience = 1;

  constructor(options: DocumentLogOptions) {
    this.#options = options;
    this.#names = new EntryNames(options.keys, options.unique);
    this.#tombstones = options.keys.filter(isTombstone);
    this.#keys = options.keys.filter((key) => !isTombstone(key));
  }

  /** How many entries this node knows of. */
  get size(): number {
    return this.#tombstones.length + this.#keys.length + this.#claims.length;
  }

  /** Whether the entries are so many, or so large, times `factor`, that they should be put together. */
  isDue({ compactEntries, compactBytes }: DocumentLimits, factor: number): boolean {
    const due = factor * this.#patience;
    return (
      this.#keys.length > 1 && (this.#keys.length > compactEntries * due || this.#bytes > compactBytes * due)
    );
  }

  /** Resolves when `bytes` is durable. The store hears of it before this returns. */
  async append(bytes: Uint8Array): Promise<void> {
    await this.#append(this.#names.next(), bytes);
  }

  /**
   * As {@link append}, for what the document begins with.
   * @throws {DocumentError} `EXISTS` when another node was faster.
   */
  async create(bytes: Uint8Array): Promise<void> {
    const isFirst = await this.#append(this.#names.creation(), bytes);
    if (!isFirst) throw new DocumentError("EXISTS", "another node created the document at the same time");
  }

  /**
   * Puts a tombstone in the place of everything, in one step.
   * @throws {DocumentError} what the store throws; `FENCED` when another node put entries together.
   */
  async bury(tombstone: DocumentEntry): Promise<void> {
    const { store, id } = this.#options;
    const covered = [...this.#tombstones, ...this.#keys, ...this.#claims];
    await store.replace(id, covered, this.#names.tombstone(), await written(entryWriting(tombstone)));
  }

  /**
   * Claims replicas for their users, one entry each under the replica's own key: of two nodes that try at once, the store lets one.
   * @throws {DocumentError} `REPLICA_TAKEN` when another node was faster: this node's view of the document is behind.
   */
  async claim(claims: readonly Binding[]): Promise<void> {
    const outcomes = await Promise.all(claims.map((binding) => this.#claimOne(binding)));
    if (outcomes.includes(false)) {
      throw new DocumentError("REPLICA_TAKEN", "another node bound the replica at the same time");
    }
  }

  /**
   * Puts one entry that says `whole`, which is everything that this node stored or loaded so far, in the place of those entries.
   * Entries of other nodes stay. Nothing that was durable depends on it: what fails may be tried again when the log has grown.
   * @throws {DocumentError} what the store throws.
   */
  async compact(whole: EntryInSteps): Promise<void> {
    const { store, id } = this.#options;
    // Copies: commits go on while this is written, and what they add is covered by nothing.
    const [covered, claims, bytes] = [[...this.#keys], [...this.#claims], this.#bytes];
    const key = this.#names.whole();
    try {
      await store.replace(id, covered, key, await written(wholeWriting(whole)));
      // What was stored meanwhile stands behind what was covered.
      this.#keys = [key, ...claims, ...this.#keys.slice(covered.length)];
      this.#claims = this.#claims.slice(claims.length);
      this.#bytes -= bytes;
      this.#patience = 1;
    } catch (error) {
      // Fenced for good: another node put these entries together, and only loading again tells how.
      const isFenced = (error as { code?: unknown } | null)?.code === "FENCED";
      this.#patience = isFenced ? Number.POSITIVE_INFINITY : this.#patience * 2;
      throw error;
    }
  }

  async #claimOne(binding: Binding): Promise<boolean> {
    const key = this.#names.claim(binding.replica);
    const bytes = encodeEntry({ ...EMPTY_ENTRY, bindings: [binding] });
    const { fresh } = await this.#options.store.append(this.#options.id, key, bytes);
    if (fresh) this.#claims.push(key);
    this.#bytes += bytes.length;
    return fresh;
  }

  async #append(key: EntryKey, bytes: Uint8Array): Promise<boolean> {
    const { fresh } = await this.#options.store.append(this.#options.id, key, bytes);
    this.#keys.push(key);
    this.#bytes += bytes.length;
    return fresh;
  }
}

/** The bytes of an entry, written over as many turns of the event loop as it takes. */
async function written(writing: Generator<void, Uint8Array>): Promise<Uint8Array> {
  for (;;) {
    const step = writing.next();
    if (step.done) return step.value;
    await new Promise<void>((resolve) => atEndOfTurn(resolve));
  }
}
