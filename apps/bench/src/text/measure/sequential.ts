/** The rows of a sequential trace, in the process that the job was given to. */
import { deflateRawSync } from "node:zlib";
import type { EditableText, Engine, Replica } from "../library.js";
import type { Measurements, Stage } from "../rows.js";
import type { Edits, SequentialTrace } from "../traces/trace.js";
import { checkText } from "./check.js";
import { sample, type Timing } from "./sample.js";

/** Rows are in nanoseconds, clocks in milliseconds. */
export const NS_PER_MS = 1e6;
/** The replica that writes, the one that listens, the one that loads. */
const WRITER = 1;
const LISTENER = 2;
const LOADER = 3;

/** What the stages of one process share. */
export interface SequentialJob {
  readonly engine: Engine;
  /** What is replayed: a whole trace, or the front of one. */
  readonly trace: SequentialTrace;
  /** The file of the whole trace, where it is not the outcome of the replay; `undefined` if there is none. */
  readonly file: SavedFile | undefined;
  readonly sampleMs: number;
}

/** A saved document and the text in it. */
export interface SavedFile {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Makes all edits, one after the other. */
export function replay(text: EditableText, { length, positions, deleted, inserted }: Edits): void {
  for (let index = 0; index < length; index++) {
    text.edit(positions[index]!, deleted[index]!, inserted[index]!);
  }
}

/** The same, with an encoded update for each edit. */
export function publish(replica: Replica, { length, positions, deleted, inserted }: Edits): Uint8Array[] {
  const updates: Uint8Array[] = [];
  for (let index = 0; index < length; index++) {
    replica.edit(positions[index]!, deleted[index]!, inserted[index]!);
    updates.push(replica.takeUpdate());
  }
  return updates;
}

/** `local`: edits alone. Also for libraries that share nothing. */
export function measureLocal(
  create: () => EditableText,
  trace: SequentialTrace,
  sampleMs: number,
): Measurements {
  const run = (): EditableText => {
    const text = create();
    replay(text, trace.edits);
    return text;
  };
  const timing = sample({ run, verify: verifying(trace.endContent) }, sampleMs);
  const perEdit = NS_PER_MS / trace.edits.length;
  return { local: timing.medianMs * perEdit, localFirst: timing.firstMs * perEdit };
}

/** All stages of a shared text; those that were not asked for cost nothing. */
export function measureSequential(job: SequentialJob, stages: ReadonlySet<Stage>): Measurements {
  const { engine, trace, file, sampleMs } = job;
  const isRemote = stages.has("update") || stages.has("apply") || stages.has("batch");
  return {
    ...(stages.has("local") ? measureLocal(() => engine.create(WRITER, false), trace, sampleMs) : undefined),
    ...(isRemote ? measureRemote(job, stages) : undefined),
    ...(file !== undefined && stages.has("save") ? measureSave(job, file) : undefined),
    ...(file !== undefined && stages.has("load") ? measureLoad(job, file) : undefined),
  };
}

/** `update`, `apply` and `batch`: the last two take in what the first has sent. */
function measureRemote(job: SequentialJob, stages: ReadonlySet<Stage>): Measurements {
  const { updates, timing } = sampleUpdates(job, stages.has("update") ? job.sampleMs : 0);
  const perEdit = NS_PER_MS / job.trace.edits.length;
  const apply = (): number => sampleReceiving(job, (replica) => receiveEach(replica, updates)).medianMs;
  const batch = (): number => sampleReceiving(job, (replica) => replica.receiveAll(updates)).medianMs;
  const update = {
    update: timing.medianMs * perEdit,
    updateBytes: totalBytes(updates) / job.trace.edits.length,
  };
  return {
    ...(stages.has("update") ? update : undefined),
    ...(stages.has("apply") ? { apply: apply() * perEdit } : undefined),
    ...(stages.has("batch") ? { batch: batch() * perEdit } : undefined),
  };
}

function sampleUpdates(
  { engine, trace }: SequentialJob,
  sampleMs: number,
): { updates: Uint8Array[]; timing: Timing } {
  const check = verifying(trace.endContent);
  let updates: Uint8Array[] = [];
  const timing = sample(
    {
      run() {
        const replica = engine.create(WRITER, true);
        return { replica, made: publish(replica, trace.edits) };
      },
      verify({ replica, made }) {
        check(replica);
        updates = made;
      },
    },
    sampleMs,
  );
  return { updates, timing };
}

function sampleReceiving(
  { engine, trace, sampleMs }: SequentialJob,
  receive: (replica: Replica) => void,
): Timing {
  const run = (): Replica => {
    const replica = engine.create(LISTENER, false);
    receive(replica);
    return replica;
  };
  return sample({ run, verify: verifying(trace.endContent) }, sampleMs);
}

function measureSave(job: SequentialJob, file: SavedFile): Measurements {
  const joining = joiningState(job.engine, file);
  return {
    ...sampleSaving(job, file),
    saved: file.bytes.length,
    savedDeflated: deflatedBytes(file.bytes),
    joining: joining.length,
    joiningDeflated: deflatedBytes(joining),
  };
}

function sampleSaving({ engine, sampleMs }: SequentialJob, file: SavedFile): Measurements {
  const replica = engine.load(file.bytes, LOADER);
  // Edits, so that nobody answers with the bytes it was given.
  replica.edit(0, 0, "x");
  replica.edit(0, 1, "");
  const encoding = (run: () => Uint8Array): number =>
    sample({ run, verify: checkNotEmpty }, sampleMs).medianMs;
  const save = encoding(() => replica.save());
  const saveJoining = encoding(() => replica.saveForJoining());
  replica.dispose?.();
  return { save, saveJoining };
}

/** What a joining client gets of the document in `file`; checked by joining. */
function joiningState(engine: Engine, file: SavedFile): Uint8Array {
  const replica = engine.load(file.bytes, LOADER);
  const state = replica.saveForJoining();
  replica.dispose?.();
  verifying(file.text)(engine.load(state, LOADER));
  return state;
}

function measureLoad(job: SequentialJob, file: SavedFile): Measurements {
  return { load: sampleReading(job, file).medianMs, loadEdit: sampleFirstEdit(job, file).medianMs };
}

function sampleReading({ engine, sampleMs }: SequentialJob, file: SavedFile): Timing {
  return sample(
    {
      run() {
        const replica = engine.load(file.bytes, LOADER);
        return { replica, text: replica.text() };
      },
      verify({ replica, text }) {
        checkText(text, file.text);
        replica.dispose?.();
      },
    },
    sampleMs,
  );
}

function sampleFirstEdit({ engine, sampleMs }: SequentialJob, file: SavedFile): Timing {
  const middle = file.text.length >> 1;
  const run = (): Replica => {
    const replica = engine.load(file.bytes, LOADER);
    replica.edit(middle, 0, "x");
    replica.takeUpdate();
    return replica;
  };
  const expected = `${file.text.slice(0, middle)}x${file.text.slice(middle)}`;
  return sample({ run, verify: verifying(expected) }, sampleMs);
}

/** Receives each update by itself. A named function: every library's hot loop is this one. */
export function receiveEach(replica: Replica, updates: readonly Uint8Array[]): void {
  for (const update of updates) replica.receive(update);
}

/** Checks a text against `expected` and gives its memory back. */
export function verifying(expected: string): (text: EditableText) => void {
  return (text) => {
    checkText(text.text(), expected);
    text.dispose?.();
  };
}

/** Size by raw deflate at its best. */
export function deflatedBytes(bytes: Uint8Array): number {
  return deflateRawSync(bytes, { level: 9 }).length;
}

function totalBytes(updates: readonly Uint8Array[]): number {
  return updates.reduce((total, update) => total + update.length, 0);
}

/** Throws if a library saved nothing. */
export function checkNotEmpty(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new Error("the library saved nothing");
}
