import { setTimeout as wait } from "node:timers/promises";
import { DocumentError } from "@motet/document";
import { Pool, type PoolClient, type QueryResultRow, types } from "pg";
import { type Failure, failureOf } from "./failure.js";
import type { StoreEvent } from "./store-event.js";

/** What a {@link Database} is. */
export interface DatabaseOptions {
  readonly url: string;
  readonly linesMax: number;
  /** How long a statement may take; it is given up by the server, so that it cannot be done after it was tried again. */
  readonly statementMs: number;
  /** How long a statement is tried again while what goes wrong may pass. */
  readonly retryMs: number;
  /** Refuses a server that acknowledges before a standby has what it acknowledges. */
  readonly awaitsStandby: boolean;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly observe: (event: StoreEvent) => void;
}

/** A statement, and what goes into it. */
export interface Statement {
  /** Prepared once for each line under this name. */
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** How much longer than the server this side waits for an answer: then the line is taken for dead. */
const ANSWER_MS = 2_000;
const BACKOFF_MS = 20;
const BACKOFF_MAX_MS = 2_000;

/** Lines to one database, each checked when it is new, and statements that are tried again while what goes wrong may pass. */
export class Database {
  readonly #options: DatabaseOptions;
  readonly #pool: Pool;
  readonly #checked = new WeakSet<PoolClient>();

  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#pool = new Pool({
      connectionString: options.url,
      max: options.linesMax,
      keepAlive: true,
      application_name: "motet",
      connectionTimeoutMillis: options.statementMs,
      statement_timeout: options.statementMs,
      query_timeout: options.statementMs + ANSWER_MS,
    });
    // A line that breaks while idle is no loss, the next statement opens another; one that breaks at work rejects what it is at.
    this.#pool.on("error", () => undefined);
    this.#pool.on("connect", (line) => line.on("error", () => undefined));
  }

  /**
   * Runs a statement, which must bear being run twice: when the line is lost, nobody knows whether it was.
   * @throws {DocumentError} once it failed for good, or for too long.
   */
  query<Row>(statement: Statement): Promise<readonly Row[]> {
    const query = {
      ...statement,
      values: [...statement.values],
      types: { getTypeParser: parserOf },
    };
    return this.retrying(async (line) => (await line.query<Row & QueryResultRow>(query)).rows);
  }

  /** Does `work` on a line of its own, again while what goes wrong may pass. @throws {DocumentError} */
  async retrying<T>(work: (line: PoolClient) => Promise<T>): Promise<T> {
    const startedMs = performance.now();
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(work);
      if ("value" in outcome) return outcome.value;
      const isLate = performance.now() - startedMs > this.#options.retryMs;
      if (!outcome.passes || isLate) throw outcome.error;
      this.#options.observe({ type: "retried", attempt, error: outcome.error });
      await wait(backoffMs(attempt, this.#options.random));
    }
  }

  /** Waits for the statements under way, and hangs up. */
  close(): Promise<void> {
    return this.#pool.end();
  }

  async #attempt<T>(work: (line: PoolClient) => Promise<T>): Promise<{ readonly value: T } | Failure> {
    let line: PoolClient | undefined;
    try {
      line = await this.#pool.connect();
      await this.#check(line);
      const value = await work(line);
      line.release();
      return { value };
    } catch (cause) {
      const failure = failureOf(cause);
      line?.release(!failure.keepsLine);
      return failure;
    }
  }

  /** A promise is worth what the server's disk is: one that does not sync, or is a standby, is not written to. */
  async #check(line: PoolClient): Promise<void> {
    if (this.#checked.has(line)) return;
    const { rows } =
      await line.query(`SELECT pg_is_in_recovery() AS standby, current_setting('fsync') AS fsync,
      current_setting('synchronous_standby_names') AS standbys, current_setting('synchronous_commit') AS commit`);
    const problem = problemOf(rows[0], this.#options.awaitsStandby);
    if (problem !== undefined) throw new DocumentError("STORE_UNAVAILABLE", problem);
    this.#checked.add(line);
  }
}

interface Settings {
  readonly standby: boolean;
  readonly fsync: string;
  readonly standbys: string;
  readonly commit: string;
}

function problemOf(
  { standby, fsync, standbys, commit }: Settings,
  awaitsStandby: boolean,
): string | undefined {
  if (standby) return "the database is a standby, and takes no writes";
  if (fsync !== "on")
    return "the database does not sync to disk (fsync is off), so that it cannot promise anything";
  if (!awaitsStandby) return undefined;
  if (standbys !== "" && (commit === "on" || commit === "remote_apply")) return undefined;
  return "the database does not wait for a standby (synchronous_standby_names, synchronous_commit)";
}

/** Full jitter: a random wait below a ceiling that doubles, so that many servers do not come back at once. */
function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** attempt);
}

const INT8 = 20;

// pg hands bigints out as text: as places they are whole numbers that a float holds, or something is wrong.
const parserOf: typeof types.getTypeParser = (oid: number, format?: unknown) => {
  if (oid !== INT8) return types.getTypeParser(oid, format as "text");
  return (text: string) => {
    const number = Number(text);
    if (!Number.isSafeInteger(number)) throw new DocumentError("DAMAGED", "a place beyond 2^53");
    return number;
  };
};
