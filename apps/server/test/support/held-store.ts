import {
  type Appended,
  type DocumentKey,
  type DocumentStore,
  type EntryKey,
  type ListRequest,
  MemoryDocumentStore,
  type StoredEntry,
} from "@motet/document";

type Call = "load" | "append";

/** A store that can be told to wait with its answers, or to fail. Otherwise it keeps documents in memory. */
export class HeldStore implements DocumentStore {
  readonly #inner = new MemoryDocumentStore();
  readonly #held = new Map<Call, (() => void)[]>();
  readonly #broken = new Set<Call>();

  /** From now on `call` does nothing until it is released. */
  hold(call: Call): void {
    this.#held.set(call, []);
  }

  /** Lets everything through that waits, and holds nothing back any more. */
  release(call: Call): void {
    const waiting = this.#held.get(call) ?? [];
    this.#held.delete(call);
    for (const proceed of waiting) proceed();
  }

  /** How many calls wait. */
  waiting(call: Call): number {
    return this.#held.get(call)?.length ?? 0;
  }

  /** From now on `call` fails as a broken disk does. */
  break(call: Call): void {
    this.#broken.add(call);
  }

  repair(call: Call): void {
    this.#broken.delete(call);
  }

  async load(id: DocumentKey, after?: number): Promise<readonly StoredEntry[]> {
    await this.#pass("load");
    return this.#inner.load(id, after);
  }

  async append(id: DocumentKey, key: EntryKey, bytes: Uint8Array): Promise<Appended> {
    await this.#pass("append");
    return this.#inner.append(id, key, bytes);
  }

  replace(id: DocumentKey, covered: readonly EntryKey[], key: EntryKey, bytes: Uint8Array): Promise<number> {
    return this.#inner.replace(id, covered, key, bytes);
  }

  list(request: ListRequest): Promise<readonly DocumentKey[]> {
    return this.#inner.list(request);
  }

  delete(id: DocumentKey): Promise<void> {
    return this.#inner.delete(id);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #pass(call: Call): Promise<void> {
    const waiting = this.#held.get(call);
    if (waiting !== undefined) await new Promise<void>((resolve) => waiting.push(resolve));
    if (this.#broken.has(call)) throw new Error(`EIO: /var/lib/secret/path, ${call}`);
  }
}
