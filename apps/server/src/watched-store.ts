import type {
  Appended,
  DocumentKey,
  DocumentStore,
  EntryKey,
  ListRequest,
  StoredEntry,
} from "@motet/document";
import type { ServerEvent, ServerEvents } from "./server-events.js";

type Call = Extract<ServerEvent, { type: "stored" }>["call"];

/** A store that says how long each call takes, and how the calls go that are under way. */
export class WatchedStore implements DocumentStore {
  readonly #store: DocumentStore;
  readonly #events: ServerEvents;
  readonly #nowMs: () => number;
  /** In the order in which they began. Those that are done go once those before them are. */
  readonly #writing: { readonly sinceMs: number; isDone: boolean }[] = [];
  #failedMs: number | undefined;

  constructor(store: DocumentStore, events: ServerEvents, nowMs: () => number) {
    this.#store = store;
    this.#events = events;
    this.#nowMs = nowMs;
  }

  /** How long the longest write under way has taken so far, in milliseconds; 0 when there is none. */
  get waitingMs(): number {
    const [oldest] = this.#writing;
    return oldest === undefined ? 0 : this.#nowMs() - oldest.sinceMs;
  }

  /** How long ago the last write failed, in milliseconds; `undefined` when one has succeeded since. */
  get failedMsAgo(): number | undefined {
    return this.#failedMs === undefined ? undefined : this.#nowMs() - this.#failedMs;
  }

  load(id: DocumentKey, after?: number): Promise<readonly StoredEntry[]> {
    return this.#timed("load", this.#store.load(id, after));
  }

  async append(id: DocumentKey, key: EntryKey, bytes: Uint8Array): Promise<Appended> {
    const writing = { sinceMs: this.#nowMs(), isDone: false };
    this.#writing.push(writing);
    try {
      const appended = await this.#store.append(id, key, bytes);
      this.#failedMs = undefined;
      this.#succeeded("append", writing.sinceMs);
      return appended;
    } catch (error) {
      this.#failedMs = this.#nowMs();
      this.#failed("append", writing.sinceMs, error);
      throw error;
    } finally {
      writing.isDone = true;
      while (this.#writing[0]?.isDone) this.#writing.shift();
    }
  }

  replace(id: DocumentKey, covered: readonly EntryKey[], key: EntryKey, bytes: Uint8Array): Promise<number> {
    return this.#timed("replace", this.#store.replace(id, covered, key, bytes));
  }

  list(request: ListRequest): Promise<readonly DocumentKey[]> {
    return this.#store.list(request);
  }

  delete(id: DocumentKey): Promise<void> {
    return this.#timed("delete", this.#store.delete(id));
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #timed<T>(call: Call, result: Promise<T>): Promise<T> {
    const startedMs = this.#nowMs();
    try {
      const done = await result;
      this.#succeeded(call, startedMs);
      return done;
    } catch (error) {
      this.#failed(call, startedMs, error);
      throw error;
    }
  }

  #succeeded(call: Call, startedMs: number): void {
    this.#events.emit({ type: "stored", call, durationMs: this.#nowMs() - startedMs });
  }

  #failed(call: Call, startedMs: number, error: unknown): void {
    const durationMs = this.#nowMs() - startedMs;
    this.#events.emit({ type: "stored", call, durationMs, code: codeOf(error) });
  }
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : "UNKNOWN";
}
