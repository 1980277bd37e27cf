import { mkdir, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DocumentError } from "@motet/document";

const MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;
const SMALLEST_FILE_BYTES = 8_192;

/** Creates `folder` and those above it as far as they are missing; all of them survive a crash of the machine. */
export async function createFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  // A name is on disk once the folder that holds it is synced, so the last one is the parent of the first that was missing.
  for (let at = folder; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at));
}

/** Makes the names in `folder` survive a crash of the machine: syncing a file does not save its name. */
export async function syncFolder(folder: string): Promise<void> {
  await sync(folder, "r");
}

/** Makes what was written to `file` survive a crash of the machine, whoever wrote it. */
export async function syncFile(file: string): Promise<void> {
  await sync(file, "r+");
}

/**
 * Writes `bytes` bytes into a file of `folder`, forces them to disk where `durably` is set, and takes the file away again.
 * Rejects with the error of the system, `ENOSPC` for example.
 */
export async function tryToWrite(folder: string, bytes: number, durably: boolean): Promise<void> {
  const path = join(folder, "write-test");
  const file = await open(path, "w");
  try {
    await file.writeFile(Buffer.alloc(bytes, 1));
    if (durably) await file.sync();
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

/**
 * Whether `file` is there and may be opened as a database. lmdb crashes the process when it opens a file of another
 * kind, so its first page is looked at before.
 * @throws {DocumentError} `DAMAGED` when it is something else, which is then left alone.
 */
export async function isDatabase(file: string): Promise<boolean> {
  const head = await firstBytes(file, MAGIC_AT + 4);
  if (head === undefined || head.size === 0) return false;
  if (head.size >= SMALLEST_FILE_BYTES && head.bytes.readUInt32LE(MAGIC_AT) === MAGIC) return true;
  throw new DocumentError("DAMAGED", `${file} is not a database: restore it from a backup, or move it away`);
}

async function firstBytes(
  path: string,
  length: number,
): Promise<{ size: number; bytes: Buffer } | undefined> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read({ buffer: Buffer.alloc(length), length });
    return { size, bytes: buffer };
  } finally {
    await file.close();
  }
}

async function sync(path: string, flags: string): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
