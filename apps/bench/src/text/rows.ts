/** What is measured, as rows of the report. */
import type { Unit } from "../unit.js";

/** A step of a measuring process; `--rows` names these. Each yields one row or a few. */
export type Stage =
  | "local"
  | "update"
  | "apply"
  | "batch"
  | "save"
  | "load"
  | "memory"
  | "bundle"
  | "concurrent"
  | "hostile";

interface RowShape {
  readonly stage: Stage;
  readonly title: string;
  readonly unit: Unit;
}

/** Rows of a sequential trace. */
export const SEQUENTIAL_ROWS = {
  local: { stage: "local", title: "local edit", unit: "ns" },
  localFirst: { stage: "local", title: "local edit, first replay of a fresh process", unit: "ns" },
  update: { stage: "update", title: "local edit with its encoded update", unit: "ns" },
  updateBytes: { stage: "update", title: "such an update", unit: "bytes" },
  apply: { stage: "apply", title: "those updates applied one by one, an edit", unit: "ns" },
  batch: { stage: "batch", title: "those updates applied in one batch, an edit", unit: "ns" },
  saved: { stage: "save", title: "saved file", unit: "bytes" },
  savedDeflated: { stage: "save", title: "saved file, deflated", unit: "bytes" },
  joining: { stage: "save", title: "state for a joining client", unit: "bytes" },
  joiningDeflated: { stage: "save", title: "state for a joining client, deflated", unit: "bytes" },
  save: { stage: "save", title: "save the file", unit: "ms" },
  saveJoining: { stage: "save", title: "encode the state for a joining client", unit: "ms" },
  load: { stage: "load", title: "load the file until its text is readable", unit: "ms" },
  loadEdit: { stage: "load", title: "load the file, one edit and its update", unit: "ms" },
  memory: {
    stage: "memory",
    title: "memory after load and one edit: heap and external, WASM too",
    unit: "MB",
  },
  memoryResident: { stage: "memory", title: "the same, growth of the resident set", unit: "MB" },
} as const satisfies Readonly<Record<string, RowShape>>;

/** Rows of a concurrent trace. */
export const CONCURRENT_ROWS = {
  live: { stage: "concurrent", title: "all replicas live: encoded, sent and applied, an edit", unit: "ns" },
  replay: {
    stage: "concurrent",
    title: "those updates into a fresh replica, one by one, an edit",
    unit: "ns",
  },
  concurrentSaved: { stage: "concurrent", title: "saved file", unit: "bytes" },
  concurrentDeflated: { stage: "concurrent", title: "saved file, deflated", unit: "bytes" },
} as const satisfies Readonly<Record<string, RowShape>>;

/** Rows of hostile shapes. */
export const HOSTILE_ROWS = {
  gap: { stage: "hostile", title: "10,000 replicas insert in one gap", unit: "ms" },
  rightChain: {
    stage: "hostile",
    title: "chain of 100,000 right children by two writers in turn",
    unit: "ms",
  },
  leftChain: { stage: "hostile", title: "chain of 100,000 left children by two writers in turn", unit: "ms" },
  staircase: {
    stage: "hostile",
    title: "save 5,000 replicas that each typed behind the next higher id",
    unit: "ms",
  },
} as const satisfies Readonly<Record<string, RowShape>>;

/** Rows of a library rather than of a trace. */
export const BUNDLE_ROWS = {
  bundle: { stage: "bundle", title: "what a shared text needs, minified and gzipped", unit: "kB" },
  bundleAll: { stage: "bundle", title: "the whole package, minified and gzipped", unit: "kB" },
  bundleClient: {
    stage: "bundle",
    title: "a client of a server that keeps edits in the browser and takes them back, minified and gzipped",
    unit: "kB",
  },
} as const satisfies Readonly<Record<string, RowShape>>;

export const ROWS = { ...SEQUENTIAL_ROWS, ...CONCURRENT_ROWS, ...HOSTILE_ROWS, ...BUNDLE_ROWS };

export type RowId = keyof typeof ROWS;

/** What one process found: rows without a figure are absent. */
export type Measurements = { readonly [row in RowId]?: number };

export const STAGES: readonly Stage[] = [...new Set(Object.values(ROWS).map((row) => row.stage))];
