/** Where a named trace comes from: the recorded file if it is there, else a seeded session of about its size. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY_FOLDER } from "../../places.js";
import {
  type ConcurrentFile,
  concurrentTrace,
  readTraceFile,
  type SequentialFile,
  sequentialTrace,
  traceFile,
  tracesFolder,
} from "./recorded.js";
import type { ConcurrentTrace, SequentialTrace } from "./trace.js";
import { contentAfter, sharedTypingSession, typingSession } from "./typing-session.js";

/** The sequential traces, with the number of edits of a session that takes the place of each. */
export const SEQUENTIAL = {
  "automerge-paper": 260_000,
  rustcode: 40_000,
  sveltecomponent: 20_000,
  "seph-blog1": 138_000,
} as const;
/** The concurrent ones, likewise. */
export const CONCURRENT = { friendsforever: 26_000 } as const;

export type SequentialName = keyof typeof SEQUENTIAL;
export type ConcurrentName = keyof typeof CONCURRENT;

const SEED = 1;

/** The folder with the traces on this machine, or `undefined`: sessions are generated then. */
export function localTracesFolder(): string | undefined {
  return tracesFolder(process.env, [join(REPOSITORY_FOLDER, "..", "shared", "traces")]);
}

/** Which of the traces have no file in `folder`. */
export function unrecorded(folder: string | undefined, names: readonly string[]): string[] {
  return names.filter((name) => folder === undefined || !existsSync(traceFile(folder, name)));
}

/** The trace `name`, cut to its first `editsMax` edits. */
export function loadSequential(
  folder: string | undefined,
  name: SequentialName,
  editsMax = Number.POSITIVE_INFINITY,
): SequentialTrace {
  const file = readTraceFile(folder, name);
  const whole =
    file === undefined
      ? typingSession(name, SEED, SEQUENTIAL[name])
      : sequentialTrace(name, file as SequentialFile);
  if (whole.edits.length <= editsMax) return whole;
  const edits = whole.edits.front(editsMax);
  return { name, edits, endContent: contentAfter(edits) };
}

/** The trace `name`, cut to its first `editsMax` edits. */
export function loadConcurrent(
  folder: string | undefined,
  name: ConcurrentName,
  editsMax = Number.POSITIVE_INFINITY,
): ConcurrentTrace {
  const file = readTraceFile(folder, name);
  const whole =
    file === undefined
      ? sharedTypingSession(name, SEED, CONCURRENT[name])
      : concurrentTrace(name, file as ConcurrentFile);
  if (whole.edits.length <= editsMax) return whole;
  return { ...whole, edits: whole.edits.slice(0, editsMax), endContent: undefined };
}
