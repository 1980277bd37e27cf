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
  readonly #writing = new Set<{ readonly sinceMs: number }>();
  #failedMs: number | undefined;

  constructor(store: DocumentStore, events: ServerEvents, nowMs: () => number) {
    this.#store = store;
    this.#events = events;
    this.#nowMs = nowMs;
  }

  /** How long the longest write under way has taken so far, in milliseconds; 0 when there is none. */
  get waitingMs(): number {
    const [oldest] = this.#writing; // In the order in which they began.
    return oldest === undefined ? 0 : this.#nowMs() - oldest.sinceMs;
  }

  /** How long ago the last write failed, in milliseconds; `undefined` when one has succeeded since. */
  get failedMsAgo(): number | undefined {
    return this.#failedMs === undefined ? undefined : this.#nowMs() - this.#failedMs;
  }

  load(id: DocumentKey, after?: number): Promise<readonly StoredEntry[]> {
    return this.#timed("load", this.#store.load(id, after));
  }

  append(id: DocumentKey, key: EntryKey, bytes: Uint8Array): Promise<Appended> {
    return this.#written("append", this.#store.append(id, key, bytes));
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

  async #written<T>(call: Call, result: Promise<T>): Promise<T> {
    const writing = { sinceMs: this.#nowMs() };
    this.#writing.add(writing);
    try {
      const done = await this.#timed(call, result);
      this.#failedMs = undefined;
      return done;
    } catch (error) {
      this.#failedMs = this.#nowMs();
      throw error;
    } finally {
      this.#writing.delete(writing);
    }
  }

  async #timed<T>(call: Call, result: Promise<T>): Promise<T> {
    const startedMs = this.#nowMs();
    const tell = (code?: string) => {
      const durationMs = this.#nowMs() - startedMs;
      this.#events.emit({ type: "stored", call, durationMs, ...(code !== undefined && { code }) });
    };
    try {
      const done = await result;
      tell();
      return done;
    } catch (error) {
      const { code } = error as { code?: unknown };
      tell(typeof code === "string" ? code : "UNKNOWN");
      throw error;
    }
  }
}
