/**
 * `pnpm --filter @motet/bench inside`: what the automerge-paper document costs inside a server, without sockets: to take one edit in,
 * to put its log together, to open it from the store.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeWhole, replicaId, TextCRDT } from "@motet/crdt-core";
import {
  DocumentManager,
  type DocumentStore,
  documentId,
  documentKey,
  type OpenDocument,
  tenantId,
  userId,
} from "@motet/document";
import { LmdbDocumentStore } from "@motet/storage-lmdb";
import { median } from "./statistics.js";
import { table } from "./table.js";
import { loadSequential, localTracesFolder } from "./text/traces/load.js";
import type { SequentialTrace } from "./text/traces/trace.js";
import { formatFigure } from "./unit.js";

const KEY = documentKey(tenantId("main"), documentId("paper"));
const ANN = { user: userId("ann"), nowMs: 1 };
/** Edits that share a commit while the document is put in. */
const AT_ONCE = 100;
const OPENINGS = 21;
/** Entries that are put together when the last one leaves. */
const ENOUGH_TO_PUT_TOGETHER = 100;

let nodes = 0;

/** One life of a server's documents. */
function managerOver(store: DocumentStore): DocumentManager {
  const node = ++nodes;
  let drawn = 0;
  return new DocumentManager({
    store,
    newReplicaId: () => replicaId(`n${node}-${++drawn}`),
    published: () => {},
  });
}

function saved(open: OpenDocument): Promise<void> {
  return new Promise((resolve, reject) => open.afterCommit(resolve, reject));
}

/** Every edit as a client sends it. */
function updatesOf({ edits }: SequentialTrace): Uint8Array[] {
  const text = new TextCRDT(replicaId("somebody-with-a-wide-id"));
  return [...edits].map(([position, deleted, inserted]) => {
    if (deleted > 0) text.delete(position, deleted);
    if (inserted !== "") text.insert(position, inserted);
    return text.takeUpdate()!.slice();
  });
}

/** Decodes, checks and applies each; in microseconds an edit. */
async function receiveUs(open: OpenDocument, updates: readonly Uint8Array[]): Promise<number> {
  let spentMs = 0;
  for (let at = 0; at < updates.length; at += AT_ONCE) {
    const startMs = performance.now();
    for (const update of updates.slice(at, at + AT_ONCE)) open.receive(update, ANN);
    spentMs += performance.now() - startMs;
    await saved(open);
  }
  return (spentMs * 1_000) / updates.length;
}

/** Types `edits` letters, each in an entry of its own. */
async function type(open: OpenDocument, edits: number): Promise<void> {
  for (let edit = 0; edit < edits; edit++) {
    open.apply({ type: "insert", position: open.document.length, text: "x" }, ANN);
    await saved(open);
  }
}

/** What the longest turns of the event loop take of the processor, in milliseconds. */
interface LongestTurns {
  /** While the first edit since the opening is made, by a process that has made none in a document that it had opened. */
  readonly firstEdit: number;
  /** While somebody types until the log is put together, and once more. */
  readonly compaction: number;
}

async function longestTurnsMs(open: OpenDocument): Promise<LongestTurns> {
  const first = new TurnWatch();
  await type(open, 1);
  const firstEdit = first.stop();
  const turns = new TurnWatch();
  for (let compactions = 0, before = open.logEntries; compactions < 2; before = open.logEntries) {
    await type(open, 1);
    if (open.logEntries < before) compactions++;
  }
  return { firstEdit, compaction: turns.stop() };
}

/** Looks once in each turn of the event loop how much of the processor it took, the collector and the store's threads included. */
class TurnWatch {
  #longestUs = 0;
  #start = process.cpuUsage();
  #next = setImmediate(() => this.#look());

  /** The longest turn so far, in milliseconds of processor time. */
  stop(): number {
    clearImmediate(this.#next);
    return this.#longestUs / 1_000;
  }

  #look(): void {
    const { user, system } = process.cpuUsage(this.#start);
    this.#longestUs = Math.max(this.#longestUs, user + system);
    this.#start = process.cpuUsage();
    this.#next = setImmediate(() => this.#look());
  }
}

/** From the store to a state that can be sent, in milliseconds: the median of openings in a process that has opened it before. */
async function openMs(store: DocumentStore): Promise<number> {
  const times: number[] = [];
  for (let opening = 0; opening < OPENINGS; opening++) {
    const manager = managerOver(store);
    const startMs = performance.now();
    const open = await manager.open(KEY);
    encodeWhole(open.document.content, { withoutDeleted: true });
    times.push(performance.now() - startMs);
    await manager.close();
  }
  return median(times.slice(1));
}

const folder = mkdtempSync(join(tmpdir(), "motet-inside-"));
const store = await LmdbDocumentStore.open({ folder });

/** Opens it for `work`, and leaves. */
async function visit<T>(work: (open: OpenDocument) => Promise<T>): Promise<T> {
  const manager = managerOver(store);
  const open = await manager.open(KEY);
  const result = await work(open);
  open.release();
  await manager.close();
  return result;
}

const updates = updatesOf(loadSequential(localTracesFolder(), "automerge-paper"));
const receive = await visit((open) => receiveUs(open, updates));
const longest = await visit(longestTurnsMs);
await visit((open) => type(open, ENOUGH_TO_PUT_TOGETHER));
const opened = await openMs(store);
await visit((open) => type(open, 1));
const openedBehind = await openMs(store);
await store.close();
rmSync(folder, { recursive: true });
const rows = [
  ["decode, check and apply one edit", `${formatFigure(receive, "us")} us`, "3 us"],
  [
    "longest turn of the event loop while its log is put together, processor time",
    `${formatFigure(longest.compaction, "ms")} ms`,
    "20 ms",
  ],
  [
    "the turn with the first edit behind an opening, in a process that has made none, processor time",
    `${formatFigure(longest.firstEdit, "ms")} ms`,
    "20 ms",
  ],
  ["from the store to a state that can be sent, warm", `${formatFigure(opened, "ms")} ms`, "6 ms"],
  ["the same with an edit behind the snapshot", `${formatFigure(openedBehind, "ms")} ms`, "6 ms"],
];
process.stdout.write(`${table(["automerge-paper, 260,000 edits", "measured", "goal: at most"], rows)}\n`);
