import { DocumentError } from "@motet/document";
import type { Transaction } from "lmdb";
import { type Database, openDatabase } from "./database.js";

/**
 * The right to a folder, until it is given back or this process ends.
 *
 * Node cannot lock files, but lmdb does: each process with a reading transaction stands in the reader table of the database's lock
 * file, and holds the byte of its process id in that file locked by `fcntl`. The kernel drops that lock when the process
 * ends, however it ends, and `readerCheck` strikes out the rows whose lock is gone. So this keeps a reading transaction in a
 * database that holds nothing, beside the one with the documents: one row, one owner.
 *
 * Whoever writes its row and then reads the table sees every earlier row, so of two that come at once one at least sees
 * the other and goes; both may. Containers that share a volume see each other, for the kernel compares processes and not
 * their numbers. Network file systems are another matter, but lmdb must not be used on those anyway.
 */
export class FolderLock {
  readonly #database: Database;
  readonly #row: Transaction;

  private constructor(database: Database, row: Transaction) {
    this.#database = database;
    this.#row = row;
  }

  /** @throws {DocumentError} `IN_USE` when another process, or another store of this one, has the folder. */
  static async acquire(folder: string): Promise<FolderLock> {
    const database = await openDatabase(folder, "owner.mdb");
    try {
      database.readerCheck();
      // Before a row is written, too: where two containers both call their process 1, lmdb would wait 10 s for the other's byte.
      mustCount(database, 0, folder);
      return new FolderLock(database, onlyRow(database, folder));
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#row.done();
    await this.#database.close();
  }
}

function onlyRow(database: Database, folder: string): Transaction {
  const row = database.useReadTransaction();
  try {
    mustCount(database, 1, folder);
    return row;
  } catch (error) {
    row.done();
    throw error;
  }
}

function mustCount(database: Database, rows: number, folder: string): void {
  const owners = (database.readerList().match(/^ *\d+ /gm) ?? []).map((row) => row.trim());
  if (owners.length === rows) return;
  throw new DocumentError("IN_USE", `another store has ${folder} open (processes ${owners.join(", ")})`);
}
