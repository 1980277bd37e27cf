import { randomUUID } from "node:crypto";
import {
  type Appended,
  DocumentError,
  type DocumentKey,
  type DocumentStore,
  type EntryKey,
  type ListRequest,
  type StoredEntry,
  TOMBSTONE,
} from "@motet/document";
import { Database, type Statement } from "./database.js";
import { DocumentOrder } from "./document-order.js";
import { type Append, GroupCommit } from "./group-commit.js";
import { migrate } from "./migrate.js";
import type { StoreEvent } from "./store-event.js";

/** Which database keeps the documents, and what it has to promise. */
export interface PostgresDocumentStoreOptions {
  /** `postgres://user:password@host:port/database?sslmode=...`; what is missing comes from the `PG...` variables. */
  readonly url: string;
  /** The schema with the tables; made if it is missing and the role may. 1 to 63 of `[a-z0-9_]`. @default "motet" */
  readonly schema?: string;
  /** Lines to the database, an integer of at least 2: one appends, the others load and put together. @default 5 */
  readonly linesMax?: number;
  /** How long a statement may take, in milliseconds. @default 10_000 */
  readonly statementMs?: number;
  /** How long what goes wrong may take to pass, in milliseconds: longer than a failover takes. @default 30_000 */
  readonly retryMs?: number;
  /**
   * What an acknowledged entry survives: `"primary"`, the end of everything but the primary's disk; `"standby"`, that of one machine, disk
   * included, and then the server must be set to wait for a standby. @default "primary"
   */
  readonly survives?: "primary" | "standby";
  /** Called after each event. What it throws is an uncaught exception of its own, and does not touch the store. */
  readonly observe?: (event: StoreEvent) => void;
}

/**
 * Documents in PostgreSQL, for any number of processes at a time.
 *
 * A write resolves when the server says that it is committed and on its disk. All appends of a turn, whatever their documents, are one
 * statement and one commit, and so are all that arrive while one is under way. A connection that is lost between a commit and its answer
 * costs a repetition that changes nothing.
 */
export class PostgresDocumentStore implements DocumentStore {
  readonly #database: Database;
  readonly #schema: string;
  readonly #observe: (event: StoreEvent) => void;
  readonly #order = new DocumentOrder();
  readonly #group = new GroupCommit((appends) => this.#commit(appends));
  readonly #reading = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  private constructor(database: Database, schema: string, observe: (event: StoreEvent) => void) {
    this.#database = database;
    this.#schema = schema;
    this.#observe = observe;
  }

  /**
   * Reaches the database, and makes or extends its tables where that is due; servers of the version before may be at work meanwhile.
   * @throws {DocumentError} `MALFORMED` for a schema that is no name; `STORE_UNAVAILABLE` when the database cannot be reached within `retryMs`, refuses,
   * or does not sync; `DAMAGED` when its tables are of a version that this one does not understand.
   */
  static async open(options: PostgresDocumentStoreOptions): Promise<PostgresDocumentStore> {
    const { url, schema = "motet", observe = () => undefined } = options;
    if (!/^[a-z0-9_]{1,63}$/.test(schema)) throw new DocumentError("MALFORMED", "not the name of a schema");
    const later = (event: StoreEvent) => queueMicrotask(() => observe(event));
    const database = new Database({
      url,
      linesMax: options.linesMax ?? 5,
      statementMs: options.statementMs ?? 10_000,
      retryMs: options.retryMs ?? 30_000,
      awaitsStandby: options.survives === "standby",
      random: Math.random,
      observe: later,
    });
    try {
      await database.retrying((line) => migrate(line, schema));
    } catch (error) {
      await database.close();
      throw error;
    }
    return new PostgresDocumentStore(database, `"${schema}"`, later);
  }

  async load(id: DocumentKey, after = 0): Promise<readonly StoredEntry[]> {
    this.#mustBeOpen();
    const read = () =>
      this.#database.query<StoredEntry>({
        name: "load",
        text: `SELECT key, place, bytes FROM ${this.#schema}.entries WHERE document = $1 AND place > $2 ORDER BY place`,
        values: [id, after],
      });
    return this.#whileOpen(this.#order.after(id, read));
  }

  async append(id: DocumentKey, key: EntryKey, bytes: Uint8Array): Promise<Appended> {
    this.#mustBeOpen();
    mustHoldSomething(bytes);
    const append = { id, key, bytes: bytes.slice(), writer: randomUUID() };
    return this.#order.together(id, () => this.#group.add(append));
  }

  async replace(
    id: DocumentKey,
    covered: readonly EntryKey[],
    key: EntryKey,
    bytes: Uint8Array,
  ): Promise<number> {
    this.#mustBeOpen();
    mustHoldSomething(bytes);
    mustCoverEachOnce(covered);
    const contents = Buffer.from(bytes);
    const values = [id, [...covered], key, contents, randomUUID()];
    const text = `SELECT ${this.#schema}.replace_entries_1($1, $2, $3, $4, $5) AS place`;
    return this.#order.alone(id, async () => {
      const rows = await this.#measured(1, contents.length, { name: "replace", text, values });
      const { place } = rows[0] as { place: number | null };
      if (place !== null) return place;
      throw new DocumentError("FENCED", "an entry that was to be replaced is gone");
    });
  }

  async list(request: ListRequest): Promise<readonly DocumentKey[]> {
    this.#mustBeOpen();
    const { tenant, after = "", limit } = request;
    if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) {
      throw new DocumentError("MALFORMED", "a page holds 1 to 10,000 documents");
    }
    // A slash is followed by a zero in the order of bytes: between them stand all of a tenant's documents, and no others.
    const [from, below] = tenant === undefined ? ["", "~"] : [`${tenant}/`, `${tenant}0`];
    const rows = await this.#whileOpen(
      this.#database.query<{ readonly document: DocumentKey }>({
        name: "list",
        text: `SELECT document FROM ${this.#schema}.documents d
          WHERE document > $1 AND document > $2 AND document < $3
          AND EXISTS (SELECT FROM ${this.#schema}.entries e WHERE e.document = d.document AND NOT starts_with(e.key, $5))
          ORDER BY document LIMIT $4`,
        values: [after, from, below, limit, TOMBSTONE],
      }),
    );
    return rows.map(({ document }) => document);
  }

  async delete(id: DocumentKey): Promise<void> {
    this.#mustBeOpen();
    return this.#order.alone(id, async () => {
      const born = `SELECT born::text FROM ${this.#schema}.documents WHERE document = $1`;
      const [found] = await this.#database.query<{ readonly born: string }>({
        name: "born",
        text: born,
        values: [id],
      });
      if (found === undefined) return;
      const text = `SELECT ${this.#schema}.delete_document_1($1, $2)`;
      await this.#database.query({ name: "delete", text, values: [id, found.born] });
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  #commit(appends: readonly Append[]): Promise<readonly Appended[]> {
    const contents = Buffer.concat(appends.map(({ bytes }) => bytes));
    return this.#measured(appends.length, contents.length, {
      name: "append",
      text: `SELECT place, fresh FROM ${this.#schema}.append_entries_1($1, $2, $3, $4, $5)`,
      values: [
        appends.map(({ id }) => id),
        appends.map(({ key }) => key),
        appends.map(({ bytes }) => bytes.length),
        contents,
        appends.map(({ writer }) => writer),
      ],
    });
  }

  async #measured<Row>(writes: number, bytes: number, statement: Statement): Promise<readonly Row[]> {
    const startedMs = performance.now();
    try {
      const rows = await this.#database.query<Row>(statement);
      this.#observe({ type: "committed", writes, bytes, durationMs: performance.now() - startedMs });
      return rows;
    } catch (error) {
      this.#observe({ type: "commit_failed", writes, bytes, error: error as DocumentError });
      throw error;
    }
  }

  async #shut(): Promise<void> {
    await this.#order.idle();
    await Promise.allSettled(this.#reading);
    await this.#database.close();
  }

  /** Lets `close` wait for a reading. */
  async #whileOpen<T>(reading: Promise<T>): Promise<T> {
    this.#reading.add(reading);
    try {
      return await reading;
    } finally {
      this.#reading.delete(reading);
    }
  }

  #mustBeOpen(): void {
    if (this.#closing !== undefined) throw new DocumentError("CLOSED", "the store is closed");
  }
}

function mustHoldSomething(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new DocumentError("MALFORMED", "an entry holds at least one byte");
}

function mustCoverEachOnce(covered: readonly EntryKey[]): void {
  if (covered.length > 0 && new Set(covered).size === covered.length) return;
  throw new DocumentError("MALFORMED", "a replacement covers at least one entry, and each once");
}
