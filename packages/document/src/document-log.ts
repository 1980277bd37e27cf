import { type DocumentEntry, encodeEntry } from "./document-entry.js";
import { type DocumentStore, type EntryKey, entryKey } from "./document-store.js";
import { DocumentError } from "./errors.js";
import type { DocumentKey } from "./ids.js";
import type { Binding } from "./replica-bindings.js";

/** One document's entries in the store, as far as this node knows them. */
export class DocumentLog {
  readonly #store: DocumentStore;
  readonly #id: DocumentKey;
  readonly #newKey: () => EntryKey;
  /** Entries known here, in the order of their places: what a compaction may cover. */
  #keys: EntryKey[];
  #bytes = 0;

  constructor(options: {
    readonly store: DocumentStore;
    readonly id: DocumentKey;
    readonly newKey: () => EntryKey;
    readonly keys: readonly EntryKey[];
  }) {
    this.#store = options.store;
    this.#id = options.id;
    this.#newKey = options.newKey;
    this.#keys = [...options.keys];
  }

  /** How many entries there are, as far as is known here. */
  get entries(): number {
    return this.#keys.length;
  }

  /** Bytes appended here since the log was opened or put together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves when `bytes` is durable. The store hears of it before this returns. */
  async append(bytes: Uint8Array): Promise<void> {
    const key = this.#newKey();
    await this.#store.append(this.#id, key, bytes);
    this.#keys.push(key);
    this.#bytes += bytes.length;
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

  async #claimOne(binding: Binding): Promise<boolean> {
    const key = entryKey(`replica-${binding.replica}`);
    const bytes = encodeEntry({ ...EMPTY, bindings: [binding] });
    const { fresh } = await this.#store.append(this.#id, key, bytes);
    if (fresh) this.#keys.push(key);
    this.#bytes += bytes.length;
    return fresh;
  }
}

const EMPTY: DocumentEntry = { bindings: [], arrivals: [], messages: [], names: [], updates: [] };
