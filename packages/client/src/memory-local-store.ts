import type { LocalEntry, LocalKey, LocalStore } from "./local-store.js";

/** Keeps bags as long as the process lives: the default where there is no IndexedDB. */
export class MemoryLocalStore implements LocalStore {
  readonly #bags = new Map<string, Map<LocalKey, Uint8Array>>();
  #lastKey = 0;

  async load(bag: string): Promise<readonly LocalEntry[]> {
    return [...(this.#bags.get(bag) ?? [])].map(([key, bytes]) => ({ key, bytes: bytes.slice() }));
  }

  async write(
    bag: string,
    add: readonly Uint8Array[],
    remove: readonly LocalKey[],
  ): Promise<readonly LocalKey[]> {
    const entries = this.#bags.get(bag) ?? new Map<LocalKey, Uint8Array>();
    this.#bags.set(bag, entries);
    for (const key of remove) entries.delete(key);
    return add.map((bytes) => {
      entries.set(++this.#lastKey, bytes.slice());
      return this.#lastKey;
    });
  }

  async clear(bag: string): Promise<void> {
    this.#bags.delete(bag);
  }

  async close(): Promise<void> {}
}
