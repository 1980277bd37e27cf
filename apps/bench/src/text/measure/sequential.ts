/** The rows of a sequential trace, in the process that the job was given to. */
import { deflateRawSync } from "node:zlib";
import type { EditableText, Engine, Replica } from "../library.js";
import type { Measurements, Stage } from "../rows.js";
import type { Edit, SequentialTrace } from "../traces/trace.js";
import { checkText } from "./check.js";
import { sample, type Timing } from "./sample.js";

const NS_PER_MS = 1e6;
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

/** Makes all edits, one after the other. A named function: every library's hot loop is this one. */
export function replay(text: EditableText, edits: readonly Edit[]): void {
  for (const [position, deleted, inserted] of edits) text.edit(position, deleted, inserted);
}

/** The same, with an encoded update for each edit. */
export function publish(replica: Replica, edits: readonly Edit[]): Uint8Array[] {
  const updates: Uint8Array[] = [];
  for (const [position, deleted, inserted] of edits) {
    replica.edit(position, deleted, inserted);
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
  const timing = sample(
    {
      run() {
        const text = create();
        replay(text, trace.edits);
        return text;
      },
      verify: verifying(trace.endContent),
    },
    sampleMs,
  );
  const perEdit = NS_PER_MS / trace.edits.length;
  return { local: timing.medianMs * perEdit, localFirst: timing.firstMs * perEdit };
}

/** All stages of a shared text; those that were not asked for cost nothing. */
export function measureSequential(job: SequentialJob, stages: ReadonlySet<Stage>): Measurements {
  const { engine, trace, sampleMs } = job;
  const local = stages.has("local")
    ? measureLocal(() => engine.create(WRITER, false), trace, sampleMs)
    : undefined;
  const remote = ["update", "apply", "batch"].some((stage) => stages.has(stage as Stage))
    ? measureRemote(job, stages)
    : undefined;
  const kept =
    job.file !== undefined && (stages.has("save") || stages.has("load"))
      ? measureFile(job, job.file, stages)
      : undefined;
  return { ...local, ...remote, ...kept };
}

function measureRemote(job: SequentialJob, stages: ReadonlySet<Stage>): Measurements {
  const { engine, trace, sampleMs } = job;
  const perEdit = NS_PER_MS / trace.edits.length;
  const check = verifying(trace.endContent);
  let updates: Uint8Array[] = [];
  const publishing = {
    run() {
      const replica = engine.create(WRITER, true);
      return { replica, updates: publish(replica, trace.edits) };
    },
    verify(made: { replica: Replica; updates: Uint8Array[] }) {
      check(made.replica);
      updates = made.updates;
    },
  };
  const receiving = (receive: (replica: Replica) => void): Timing =>
    sample(
      {
        run() {
          const replica = engine.create(LISTENER, false);
          receive(replica);
          return replica;
        },
        verify: check,
      },
      sampleMs,
    );
  const published = sample(publishing, stages.has("update") ? sampleMs : 0);
  const measured: { -readonly [row in keyof Measurements]: Measurements[row] } = {};
  if (stages.has("update")) {
    measured.update = published.medianMs * perEdit;
    measured.updateBytes = totalBytes(updates) / trace.edits.length;
  }
  if (stages.has("apply"))
    measured.apply = receiving((replica) => receiveEach(replica, updates)).medianMs * perEdit;
  if (stages.has("batch")) measured.batch = receiving((replica) => replica.receiveAll(updates)).medianMs;
  return measured;
}

function measureFile(job: SequentialJob, file: SavedFile, stages: ReadonlySet<Stage>): Measurements {
  return {
    ...(stages.has("save") ? measureSave(job, file) : undefined),
    ...(stages.has("load") ? measureLoad(job, file) : undefined),
  };
}

function measureSave({ engine, sampleMs }: SequentialJob, file: SavedFile): Measurements {
  const replica = engine.load(file.bytes, LOADER);
  // An edit, so that nobody answers with the bytes it was given.
  replica.edit(0, 0, "x");
  replica.edit(0, 1, "");
  const encoding = (encode: () => Uint8Array): Timing =>
    sample({ run: encode, verify: (bytes) => checkNotEmpty(bytes) }, sampleMs);
  const save = encoding(() => replica.save()).medianMs;
  const saveJoining = encoding(() => replica.saveForJoining()).medianMs;
  replica.dispose?.();
  const untouched = engine.load(file.bytes, LOADER);
  const joining = untouched.saveForJoining();
  untouched.dispose?.();
  const joined = engine.load(joining, LOADER);
  verifying(file.text)(joined);
  return {
    save,
    saveJoining,
    saved: file.bytes.length,
    savedDeflated: deflatedBytes(file.bytes),
    joining: joining.length,
    joiningDeflated: deflatedBytes(joining),
  };
}

function measureLoad({ engine, sampleMs }: SequentialJob, file: SavedFile): Measurements {
  const readable = sample(
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
  const middle = file.text.length >> 1;
  const edited = sample(
    {
      run() {
        const replica = engine.load(file.bytes, LOADER);
        replica.edit(middle, 0, "x");
        replica.takeUpdate();
        return replica;
      },
      verify: verifying(`${file.text.slice(0, middle)}x${file.text.slice(middle)}`),
    },
    sampleMs,
  );
  return { load: readable.medianMs, loadEdit: edited.medianMs };
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

function checkNotEmpty(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new Error("the library saved nothing");
}
