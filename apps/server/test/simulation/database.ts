import {
  type Appended,
  DocumentError,
  type DocumentKey,
  type DocumentStore,
  type EntryKey,
  type ListRequest,
  MemoryDocumentStore,
  type StoredEntry,
} from "@motet/document";
import { tokensIn } from "./ledger.js";
import type { Machine } from "./machine.js";
import type { Timeline } from "./timeline.js";

/** How a database does. */
export interface DatabaseHealth {
  /** Longest way to it, and longest way back, in milliseconds. */
  readonly delayMs: number;
  /** The part of calls that fail and do nothing, in [0, 1]. */
  readonly failing: number;
  /** The part of calls that do what they should, and answer with an error. */
  readonly forgetful: number;
  /** Whether nothing is answered; half of what is asked is done at once all the same. */
  readonly hangs: boolean;
}

export const HEALTHY: DatabaseHealth = { delayMs: 6, failing: 0, forgetful: 0, hangs: false };

/** The one database of all servers. What it has taken in outlives them all. */
export class Database {
  health = HEALTHY;
  memory = new MemoryDocumentStore();
  /** How often it was set back: what was asked before that is gone. */
  era = 0;
  readonly timeline: Timeline;
  readonly #durable = new Set<string>();
  #hanging: (() => void)[] = [];

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  /** Whether a token was ever stored in that document. */
  hasStored(id: DocumentKey, token: string): boolean {
    return this.#durable.has(`${id} ${token}`);
  }

  /** What is in it now of these documents. */
  async backup(ids: readonly DocumentKey[]): Promise<MemoryDocumentStore> {
    const copy = new MemoryDocumentStore();
    for (const id of ids)
      for (const { key, bytes } of await this.memory.load(id)) await copy.append(id, key, bytes);
    return copy;
  }

  /** A backup takes its place. */
  setBack(backup: MemoryDocumentStore): void {
    this.memory = backup;
    this.era++;
    this.#hanging = [];
  }

  /** The database as one server has it. */
  lineOf(machine: Machine): DocumentStore {
    return new DatabaseLine(this, machine);
  }

  /** An entry is stored. */
  keep(id: DocumentKey, bytes: Uint8Array): void {
    for (const token of tokensIn(Buffer.from(bytes).toString("latin1"))) this.#durable.add(`${id} ${token}`);
  }

  /** Does `work` as soon as it answers again. */
  hold(work: () => void): void {
    this.#hanging.push(work);
  }

  /** It is well again. */
  heal(): void {
    this.health = HEALTHY;
    for (const work of this.#hanging.splice(0)) work();
  }
}

/** A server's way to the database: what it asks takes time, comes in order, and may fail before it is done, or after. */
class DatabaseLine implements DocumentStore {
  readonly #database: Database;
  readonly #machine: Machine;
  readonly #lives: () => boolean;
  #lastMs = 0;

  constructor(database: Database, machine: Machine) {
    this.#database = database;
    this.#machine = machine;
    this.#lives = machine.life();
  }

  load(id: DocumentKey, after?: number): Promise<readonly StoredEntry[]> {
    return this.#ask("load", () => this.#database.memory.load(id, after));
  }

  append(id: DocumentKey, key: EntryKey, bytes: Uint8Array): Promise<Appended> {
    return this.#ask(`append ${key}`, async () => {
      const appended = await this.#database.memory.append(id, key, bytes);
      if (appended.fresh) this.#database.keep(id, bytes);
      return appended;
    });
  }

  replace(id: DocumentKey, covered: readonly EntryKey[], key: EntryKey, bytes: Uint8Array): Promise<number> {
    return this.#ask(`replace ${covered.length} by ${key}`, async () => {
      const place = await this.#database.memory.replace(id, covered, key, bytes);
      this.#database.keep(id, bytes);
      return place;
    });
  }

  list(request: ListRequest): Promise<readonly DocumentKey[]> {
    return this.#ask("list", () => this.#database.memory.list(request));
  }

  delete(id: DocumentKey): Promise<void> {
    return this.#ask("delete", () => this.#database.memory.delete(id));
  }

  async close(): Promise<void> {}

  #ask<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { timeline, era } = this.#database;
    this.#lastMs = Math.max(this.#lastMs, timeline.nowMs + this.#delayMs());
    return new Promise((resolve, reject) => {
      timeline.plan(this.#lastMs - timeline.nowMs, () => {
        if (era !== this.#database.era) return;
        const luck = this.#machine.rng.next();
        const { failing, forgetful, hangs } = this.#database.health;
        const settle = (how: () => void) => this.#answer(how);
        const fail = () => settle(() => reject(unavailable()));
        const done = (value: T) => settle(() => resolve(value));
        const failed = (error: unknown) => settle(() => reject(error));
        timeline.note(`database: ${this.#machine.name} ${what}`);
        if (hangs && luck < 0.5) this.#database.hold(() => void work().then(done, failed));
        else if (!hangs && luck < failing) fail();
        else void work().then(!hangs && luck < failing + forgetful ? fail : done, failed);
      });
    });
  }

  #answer(how: () => void): void {
    if (!this.#lives()) return;
    if (this.#database.health.hangs) this.#database.hold(() => this.#answer(how));
    else this.#machine.turn(this.#delayMs(), how);
  }

  #delayMs(): number {
    return 1 + this.#machine.rng.int(this.#database.health.delayMs);
  }
}

function unavailable(): DocumentError {
  return new DocumentError("STORE_UNAVAILABLE", "the connection to the database is gone");
}
