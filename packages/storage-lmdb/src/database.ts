import { join } from "node:path";
import { open, type RootDatabase } from "lmdb";
import { isDatabase, tryToWrite } from "./disk.js";

/** An lmdb environment with bytes as keys and bytes as values. */
export type Database = RootDatabase<Uint8Array, Uint8Array>;

/** Room that a new database must find: its first pages, and a reserve. */
export const NEW_DATABASE_BYTES = 65_536;

/**
 * - `overlappingSync: false`: the promise of a batch is the durable one.
 * - `eventTurnBatching: false`: with it lmdb opens a transaction of its own around each turn's writes and keeps the promise of that to
 *   itself; when the commit fails, nobody can catch its rejection, and Node ends the process. The commit queue gathers instead.
 * - Never `noSync`, never `useWritemap`: the first forgets, the second lets a stray pointer write into the file.
 */
const SETTINGS = {
  encoding: "binary",
  keyEncoding: "binary",
  overlappingSync: false,
  eventTurnBatching: false,
  cache: false,
  compression: false,
  // One for each long load that is under way at once; lmdb's default is 126.
  maxReaders: 1_024,
} as const;

/**
 * Opens the database in `folder` that is called `name`, or makes it.
 * @throws {DocumentError} `DAMAGED` when there is a file of that name which is something else.
 * @throws an error of the system when a new one finds no room. Both are looked at beforehand: lmdb would crash the process.
 */
export async function openDatabase(folder: string, name: string): Promise<Database> {
  const path = join(folder, name);
  if (!(await isDatabase(path))) await tryToWrite(folder, NEW_DATABASE_BYTES, true);
  return open<Uint8Array, Uint8Array>({ ...SETTINGS, path });
}
