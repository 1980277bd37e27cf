/** A measuring process: one job in, as its argument; one answer out, over the process channel. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Answer, Job } from "./job.js";
import { libraryNamed } from "./libraries.js";
import type { Engine, SharedTextLibrary } from "./library.js";
import { measureConcurrent } from "./measure/concurrent.js";
import { measureHostile } from "./measure/hostile.js";
import { measureMemory } from "./measure/memory.js";
import { measureLocal, measureSequential, replay, type SavedFile } from "./measure/sequential.js";
import type { Stage } from "./rows.js";
import { loadConcurrent, loadSequential } from "./traces/load.js";
import type { SequentialTrace } from "./traces/trace.js";

type SequentialJob = Extract<Job, { kind: "sequential" }>;

const IDLE_REPLICA = 0;

async function answer(job: Job): Promise<Answer> {
  const library = libraryNamed(job.library);
  if (library.kind === "plain") {
    if (job.kind !== "sequential") return { measurements: {} };
    const trace = loadSequential(job.traces, job.trace, job.editsMax);
    return { measurements: measureLocal(await library.open(), trace, job.sampleMs) };
  }
  const engine = await library.open();
  // One replica stays alive and unused: when none is alive as the collector runs, V8 drops what it has learnt about the class.
  const idle = engine.create(IDLE_REPLICA, true);
  const result = await measure(job, library, engine);
  idle.dispose?.();
  return result;
}

async function measure(job: Job, library: SharedTextLibrary, engine: Engine): Promise<Answer> {
  const editsMax = Math.min(
    library.editsMax ?? Number.POSITIVE_INFINITY,
    job.editsMax ?? Number.POSITIVE_INFINITY,
  );
  switch (job.kind) {
    case "hostile":
      return { measurements: measureHostile(engine, job.sampleMs) };
    case "memory":
      return { measurements: existsSync(job.file) ? await measureMemory(engine, job.file) : {} };
    case "concurrent": {
      const trace = loadConcurrent(job.traces, job.trace, editsMax);
      const measurements = measureConcurrent(engine, trace, job.sampleMs);
      return { measurements, ...(trace.endContent === undefined ? { frontOnly: trace.edits.length } : {}) };
    }
    case "sequential":
      return sequential(job, engine, editsMax);
  }
}

function sequential(job: SequentialJob, engine: Engine, editsMax: number): Answer {
  const whole = loadSequential(job.traces, job.trace, job.editsMax);
  const isFront = whole.edits.length > editsMax;
  const trace = isFront ? loadSequential(job.traces, job.trace, editsMax) : whole;
  const file = savedFile(job.file, engine, whole, isFront);
  const stages = new Set<Stage>(job.stages);
  const measurements = measureSequential({ engine, trace, file, sampleMs: job.sampleMs }, stages);
  return { measurements, ...(isFront ? { frontOnly: editsMax } : {}) };
}

/** The document of the whole trace as the library saves it; `undefined` if it would take minutes to make. */
function savedFile(
  path: string,
  engine: Engine,
  whole: SequentialTrace,
  isFront: boolean,
): SavedFile | undefined {
  if (existsSync(path)) return { bytes: readFileSync(path), text: whole.endContent };
  const replica = isFront ? engine.typed?.(whole.edits) : engine.create(1, false);
  if (replica === undefined) return undefined;
  if (!isFront) replay(replica, whole.edits);
  const bytes = replica.save();
  replica.dispose?.();
  writeFileSync(path, bytes);
  return { bytes, text: whole.endContent };
}

const result = await answer(JSON.parse(process.argv[2]!) as Job);
process.send!(result, () => process.disconnect());
