/**
 * Recorded traces as josephg/editing-traces publishes them: gzipped JSON, one file each.
 * Their positions count code points; none holds a character beyond U+FFFF, so these are UTF-16 offsets too.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  type ConcurrentEdit,
  type ConcurrentTrace,
  type Edit,
  Edits,
  type SequentialTrace,
} from "./trace.js";

/** What a sequential file holds, as far as it is read here. */
export interface SequentialFile {
  readonly endContent: string;
  readonly txns: readonly { readonly patches: readonly Edit[] }[];
}

/** What a concurrent file holds, as far as it is read here. `parents` are indices into `txns`. */
export interface ConcurrentFile {
  readonly endContent: string;
  readonly numAgents: number;
  readonly txns: readonly {
    readonly parents: readonly number[];
    readonly agent: number;
    readonly patches: readonly Edit[];
  }[];
}

/** The folder that holds the traces: `MOTET_TRACES`, else the first of `candidates` that exists. */
export function tracesFolder(
  environment: { readonly MOTET_TRACES?: string | undefined },
  candidates: readonly string[],
): string | undefined {
  const named = environment.MOTET_TRACES;
  return [...(named === undefined ? [] : [named]), ...candidates].find((folder) => existsSync(folder));
}

/** The path of a trace's file. */
export function traceFile(folder: string, name: string): string {
  return join(folder, `${name}.json.gz`);
}

/** The parsed content of a trace's file, or `undefined` if there is no such file. */
export function readTraceFile(folder: string | undefined, name: string): unknown {
  if (folder === undefined) return undefined;
  const path = traceFile(folder, name);
  return existsSync(path) ? JSON.parse(gunzipSync(readFileSync(path)).toString()) : undefined;
}

/** Every patch of the file, in order; a transaction of several is several edits. */
export function sequentialTrace(name: string, file: SequentialFile): SequentialTrace {
  return { name, edits: Edits.from(file.txns.flatMap((txn) => txn.patches)), endContent: file.endContent };
}

/**
 * Every patch of the file, with what its agent has to hear of first: before a transaction, the agent's replica holds exactly
 * the ancestors of `parents`. Each patch is one edit.
 */
export function concurrentTrace(name: string, file: ConcurrentFile): ConcurrentTrace {
  const known = Array.from({ length: file.numAgents }, () => new Set<number>());
  const editsOf: number[][] = [];
  const edits: ConcurrentEdit[] = [];
  for (const [index, txn] of file.txns.entries()) {
    const heard = learn(known[txn.agent]!, txn.parents, file);
    known[txn.agent]!.add(index);
    editsOf.push(txn.patches.map((_, patch) => edits.length + patch));
    for (const [patch, edit] of txn.patches.entries()) {
      const receives = patch === 0 ? heard.flatMap((other) => editsOf[other]!) : [];
      edits.push({ agent: txn.agent, receives, edit });
    }
  }
  return { name, agents: file.numAgents, edits, endContent: file.endContent };
}

/** Adds the ancestors of `parents` (themselves included) to `known`; gives the new ones in ascending order. */
function learn(known: Set<number>, parents: readonly number[], file: ConcurrentFile): number[] {
  const fresh: number[] = [];
  const open = [...parents];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (known.has(next)) continue;
    known.add(next);
    fresh.push(next);
    open.push(...file.txns[next]!.parents);
  }
  return fresh.sort((a, b) => a - b);
}
