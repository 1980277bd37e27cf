import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  type DocumentKey,
  documentId,
  documentKey,
  type EntryKey,
  entryKey,
  type StoredEntry,
  tenantId,
} from "@motet/document";
import { open, type RootDatabase } from "lmdb";
import { afterAll } from "vitest";

export const key = (text: string): EntryKey => entryKey(text);
export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
export const named = (document: string): DocumentKey => documentKey(tenantId("acme"), documentId(document));
export const contentOf = (entries: readonly StoredEntry[]): number[][] =>
  entries.map((entry) => [...entry.bytes]);

/** Everything that a test file writes; gone when it is done. */
export const scratch = mkdtempSync(join(tmpdir(), "motet-lmdb-"));
afterAll(() => rm(scratch, { recursive: true }));

export function newFolder(): Promise<string> {
  return mkdtemp(join(scratch, "folder-"));
}

export function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "no error",
    (error: { code?: unknown }) => error.code,
  );
}

/** The store's database without the store: what a faulty disk would do to it. The store must be closed. */
export async function withRawDatabase<T>(
  folder: string,
  work: (database: RootDatabase<Uint8Array, Uint8Array>) => T | Promise<T>,
): Promise<T> {
  const database = open<Uint8Array, Uint8Array>({
    path: join(folder, "documents.mdb"),
    encoding: "binary",
    keyEncoding: "binary",
    overlappingSync: false,
  });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** A folder as it stands while its store is open and idle: what a process would leave that is killed now. */
export async function crashed(folder: string): Promise<string> {
  const image = await newFolder();
  for (const file of ["documents.mdb", "journal"]) await copyFile(join(folder, file), join(image, file));
  return image;
}

/** Whether a command of the system is there and does what it is asked. */
export function succeeds(...command: readonly string[]): boolean {
  const [name, ...args] = command;
  return spawnSync(name!, args).status === 0;
}

/** Whether calls of a child can be made to fail, and what to do where they cannot. */
export const canTrace = succeeds("strace", "-f", "-o", "/dev/null", "true");
export const TRACE_HINT =
  "needs strace, and leave to trace: `apt-get install strace`, and in a container `--cap-add SYS_PTRACE`";

/** A program of `test/children`, as a process; behind `wrapper`, if one is given. It uses the package as it is built. */
export class Child {
  readonly process: ChildProcess;
  readonly exited: Promise<number | NodeJS.Signals | null>;

  constructor(program: string, args: readonly string[], wrapper: readonly string[] = []) {
    const path = fileURLToPath(new URL(`children/${program}`, import.meta.url));
    const [command, ...rest] = [...wrapper, process.execPath, path, ...args];
    this.process = spawn(command!, rest, {
      stdio: ["pipe", "pipe", "ignore"],
      // One thread, so that the n-th call of a kind is the same one in every run.
      env: { ...process.env, UV_THREADPOOL_SIZE: "1" },
    });
    this.exited = new Promise((resolve, reject) => {
      this.process.once("error", reject);
      this.process.once("close", (code, signal) => resolve(signal ?? code));
    });
  }

  /** What it prints, line by line, until it ends. */
  lines(): AsyncIterable<string> {
    return createInterface({ input: this.process.stdout! });
  }

  async firstLine(): Promise<string | undefined> {
    for await (const line of this.lines()) return line;
    return undefined;
  }

  kill(): void {
    this.process.kill("SIGKILL");
  }
}
