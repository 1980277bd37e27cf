import type { AnnouncedEntry } from "./announcement.js";
import {
  type DocumentEntry,
  EMPTY_ENTRY,
  type EntryInSteps,
  encodeEntry,
  entryWriting,
  wholeWriting,
} from "./document-entry.js";
import { type DocumentStore, type EntryKey, isTombstone, type StoredEntry } from "./document-store.js";
import { EntryNames, isClaim, isWhole } from "./entry-names.js";
import { DocumentError } from "./errors.js";
import type { DocumentKey } from "./ids.js";
import type { DocumentLimits } from "./limits.js";
import { LogReading } from "./log-reading.js";
import type { Binding } from "./replica-bindings.js";

/** What {@link DocumentLog} needs. */
export interface DocumentLogOptions {
  readonly store: DocumentStore;
  readonly id: DocumentKey;
  /** Draws a name that was never used. */
  readonly unique: () => string;
  /** The entries that were loaded, in the order of their places. */
  readonly entries: readonly StoredEntry[];
  /** Whether other nodes put entries together too, so that one asks before it does. */
  readonly isShared: boolean;
  /** Runs its argument once at the end of this turn of the event loop. */
  readonly schedule: (work: () => void) => void;
}

/** Where an entry stands. */
interface EntryAt {
  readonly key: EntryKey;
  readonly place: number;
}

/** What a compaction may cover: what was in memory at some moment. */
export type Covered = readonly EntryAt[];

/** One document's entries in the store, as far as this node knows them. */
export class DocumentLog {
  readonly #options: DocumentLogOptions;
  readonly #names: EntryNames;
  readonly #tombstones: readonly EntryKey[];
  readonly #reading: LogReading;
  /** What a compaction may cover, in the order of places. */
  #entries: EntryAt[] = [];
  /** Claims to replicas since the last compaction: kept, so that a node that is behind cannot make the same claim again. */
  #claims: EntryAt[] = [];
  #bytes = 0;
  /** What was put together last, or is thought to have been where another node did it. */
  #wholeBytes: number;
  /** Raised after a compaction that failed, so that a store in trouble is not asked again at every commit. */
  #patience = 1;
  /** Entries that were stored here, and that nobody has been told of. */
  #news: AnnouncedEntry[] = [];

  constructor(options: DocumentLogOptions) {
    const { entries, unique } = options;
    const keys = entries.map(({ key }) => key);
    this.#options = options;
    this.#names = new EntryNames(keys, unique);
    this.#tombstones = keys.filter(isTombstone);
    this.#entries = entries.filter(({ key }) => !isTombstone(key)).map(at);
    this.#wholeBytes = wholeBytesOf(entries);
    this.#reading = new LogReading(entries.at(-1)?.place ?? 0);
  }

  /** How many entries this node knows of. */
  get size(): number {
    return this.#tombstones.length + this.#entries.length + this.#claims.length;
  }

  /**
   * Whether the entries are so many, or so large, times `factor`, that they should be put together: beyond `compactBytes` as much again
   * as was put together last, so that a document that grows is written twice altogether, not once more for each MiB.
   */
  isDue({ compactEntries, compactBytes }: DocumentLimits, factor: number): boolean {
    const due = factor * this.#patience * Math.max(1, this.#wholeBytes / compactBytes);
    const count = this.#entries.length;
    return count > 1 && (count > compactEntries * due || this.#bytes > compactBytes * due);
  }

  /** Whether this node has stored an entry behind others that it has not read. */
  get hasGap(): boolean {
    return this.#reading.hasGap;
  }

  /** What was stored here since the last call, for the others. */
  takeNews(): readonly AnnouncedEntry[] {
    const news = this.#news;
    if (news.length > 0) this.#news = [];
    return news;
  }

  /** Resolves when `bytes` is durable. The store hears of it before this returns. */
  append(bytes: Uint8Array): Promise<unknown> {
    return this.#append(this.#names.next(), bytes);
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
    const covered = [...this.#tombstones, ...[...this.#entries, ...this.#claims].map(({ key }) => key)];
    const [key, bytes] = [this.#names.tombstone(), await this.#written(entryWriting(tombstone))];
    this.#tell({ key, place: await store.replace(id, covered, key, bytes) }, bytes);
  }

  /**
   * Claims replicas for their users, one entry each under the replica's own key: of two nodes that try at once, the store lets one.
   * @returns whether all of them are this node's claims; what another node claimed first, it has said in the store.
   */
  async claim(claims: readonly Binding[]): Promise<boolean> {
    const outcomes = await Promise.all(claims.map((binding) => this.#claimOne(binding)));
    return !outcomes.includes(false);
  }

  /** What a compaction would cover now: say with it everything that is in memory now, and nothing less. */
  get covered(): Covered {
    return [...this.#entries];
  }

  /**
   * Whether this node may put the log together. Among nodes that share the store the first one that asks may, and when nothing comes of it,
   * another one once the log has doubled. It saves work and no more: what is covered is the fence.
   */
  async mayCompact(): Promise<boolean> {
    if (!this.#options.isShared) return true;
    const last = this.#entries.findLast(({ key }) => isWhole(key))?.place ?? 0;
    const isFirst = await this.#append(this.#names.lock(last, this.#patience), encodeEntry(EMPTY_ENTRY));
    if (!isFirst) this.#patience *= 2;
    return isFirst;
  }

  /**
   * Puts one entry that says `whole`, which is everything that was in memory when `covered` was read, in the place of those entries.
   * Entries of other nodes stay. Nothing that was durable depends on it: what fails may be tried again when the log has grown.
   * @throws {DocumentError} what the store throws; `FENCED` when another node was faster: read the log {@link relearn | anew}.
   */
  async compact(whole: EntryInSteps, covered: Covered, isTrimmed: boolean): Promise<void> {
    const { store, id } = this.#options;
    const [claims, bytes] = [this.#claims.length, this.#bytes];
    const key = this.#names.whole(isTrimmed);
    const keys = covered.map((entry) => entry.key);
    try {
      const together = await this.#written(wholeWriting(whole));
      const place = await store.replace(id, keys, key, together);
      this.#wholeBytes = together.length;
      const gone = new Set(keys);
      this.#putTogether({ key, place }, (entry) => gone.has(entry.key), claims);
      this.#bytes = Math.max(0, this.#bytes - bytes);
      this.#tell({ key, place });
    } catch (error) {
      this.#patience *= 2;
      throw error;
    }
  }

  /** Whether an entry is among those that this node may cover. */
  holds(key: EntryKey): boolean {
    return this.#entries.some((entry) => entry.key === key);
  }

  /** Another node has put together what stands up to a place that was read here. */
  compactedElsewhere(whole: EntryAt): void {
    // What comes late tells of a compaction that another one has covered since.
    if (this.#entries.some(({ key, place }) => isWhole(key) && place >= whole.place)) return;
    this.#putTogether(whole, ({ place }) => place <= whole.place, this.#claims.length);
    this.#wholeBytes += this.#bytes;
    this.#bytes = 0;
  }

  /** Everything behind what was read, or everything. @throws {DocumentError} what the store throws. */
  load(from: "unread" | "start"): Promise<readonly StoredEntry[]> {
    const { store, id } = this.#options;
    return from === "start" ? store.load(id) : store.load(id, this.#reading.place);
  }

  /** The whole log as it is in the store: what this node may cover from now on. Everything in it has been read. */
  relearn(entries: readonly StoredEntry[]): void {
    this.#entries = entries.filter(({ key }) => !isTombstone(key)).map(at);
    this.#claims = [];
    this.#wholeBytes = wholeBytesOf(entries);
    this.#patience = 1;
  }

  /** How an entry of the store stands to what was read here. */
  standingOf(entry: StoredEntry): "new" | "known" | "past" | "deleted" {
    const standing = this.#names.standingOf(entry.key);
    if (standing !== "present") return standing;
    return this.#reading.isKnown(entry) ? "known" : "new";
  }

  /** Whether an entry stands right behind what was read, so that it may be read without a look into the store. */
  isNext(place: number): boolean {
    return this.#reading.isNext(place);
  }

  /** An entry is in memory, or known to hold nothing that should be. */
  read(entry: StoredEntry): void {
    if (this.#reading.reach(entry)) this.#keep(entry, entry.bytes.length);
  }

  async #claimOne(binding: Binding): Promise<boolean> {
    return this.#append(
      this.#names.claim(binding.replica),
      encodeEntry({ ...EMPTY_ENTRY, bindings: [binding] }),
    );
  }

  async #append(key: EntryKey, bytes: Uint8Array): Promise<boolean> {
    this.#reading.begin(key, bytes);
    const { fresh, place } = await this.#options.store.append(this.#options.id, key, bytes);
    const isOurs = this.#reading.end(key, place, fresh);
    if (isOurs) this.#keep({ key, place }, bytes.length);
    if (fresh) this.#tell({ key, place }, bytes);
    return fresh;
  }

  #keep({ key, place }: EntryAt, bytes: number): void {
    (isClaim(key) ? this.#claims : this.#entries).push({ key, place });
    this.#bytes += bytes;
  }

  #tell(entry: EntryAt, bytes?: Uint8Array): void {
    if (this.#options.isShared) this.#news.push({ ...entry, ...(bytes && { bytes }) });
  }

  /** The bytes of an entry, written over as many turns of the event loop as it takes. */
  async #written(writing: Generator<void, Uint8Array>): Promise<Uint8Array> {
    for (;;) {
      const step = writing.next();
      if (step.done) return step.value;
      await new Promise<void>((resolve) => this.#options.schedule(resolve));
    }
  }

  /** Claims that were kept from one compaction are covered by the next. */
  #putTogether(whole: EntryAt, isCovered: (entry: EntryAt) => boolean, claims: number): void {
    const kept = this.#entries.filter((entry) => !isCovered(entry));
    this.#entries = [whole, ...this.#claims.slice(0, claims), ...kept];
    this.#claims = this.#claims.slice(claims);
    this.#patience = 1;
  }
}

function at({ key, place }: EntryAt): EntryAt {
  return { key, place };
}

function wholeBytesOf(entries: readonly StoredEntry[]): number {
  return entries.findLast(({ key }) => isWhole(key))?.bytes.length ?? 0;
}
