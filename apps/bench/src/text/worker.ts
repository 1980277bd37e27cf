/** A measuring process: one job in, as its argument; one answer out, over the process channel. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Answer, Job } from "./job.js";
import { libraryNamed } from "./libraries.js";
import type { EditableText, Engine, Replica, SharedTextLibrary } from "./library.js";
import { checkText } from "./measure/check.js";
import { measureConcurrent } from "./measure/concurrent.js";
import { measureHostile } from "./measure/hostile.js";
import { measureMemory } from "./measure/memory.js";
import { measureLocal, measureSequential, replay, type SavedFile } from "./measure/sequential.js";
import type { Stage } from "./rows.js";
import { loadConcurrent, loadSequential } from "./traces/load.js";
import type { SequentialTrace } from "./traces/trace.js";

type Findings = Omit<Answer, "coreShare">;
type SequentialJob = Extract<Job, { kind: "sequential" }>;

/** Far from the indices that stages use. */
const IDLE_REPLICA = 1_000_000;

async function findings(job: Job): Promise<Findings> {
  const library = libraryNamed(job.library);
  if (library.kind === "plain") return plain(job, await library.open());
  const engine = await library.open();
  const idle = idleReplica(engine);
  const result = await measure(job, library, engine);
  idle.dispose?.();
  return result;
}

function plain(job: Job, create: () => EditableText): Findings {
  if (job.kind !== "sequential" || !job.stages.includes("local")) return { measurements: {} };
  const idle = create();
  idle.edit(0, 0, "idle");
  const trace = loadSequential(job.traces, job.trace, job.editsMax);
  const measurements = measureLocal(create, trace, job.sampleMs);
  checkText(idle.text(), "idle");
  return { measurements };
}

/**
 * A small document that stays alive, as a server always has some: when nothing of a class is alive as the collector runs, V8 drops what it
 * has learnt about the class, and the optimised code with it.
 */
function idleReplica(engine: Engine): Replica {
  const writer = engine.create(IDLE_REPLICA, true);
  writer.edit(0, 0, "idle");
  const update = writer.takeUpdate();
  const idle = engine.create(IDLE_REPLICA + 1, true);
  idle.receive(update);
  idle.edit(2, 1, "");
  idle.takeUpdate();
  writer.dispose?.();
  return idle;
}

async function measure(job: Job, library: SharedTextLibrary, engine: Engine): Promise<Findings> {
  const editsMax = Math.min(
    library.editsMax ?? Number.POSITIVE_INFINITY,
    job.editsMax ?? Number.POSITIVE_INFINITY,
  );
  switch (job.kind) {
    case "hostile":
      return { measurements: await measureHostile(engine, job.sampleMs) };
    case "memory":
      return { measurements: existsSync(job.file) ? await measureMemory(engine, job.file) : {} };
    case "concurrent": {
      const trace = loadConcurrent(job.traces, job.trace, editsMax);
      const measurements = measureConcurrent(engine, trace, job.sampleMs);
      const isFront = trace.endContent === undefined && editsMax !== job.editsMax;
      return { measurements, ...(isFront ? { frontOnly: editsMax } : {}) };
    }
    case "sequential":
      return sequential(job, engine, editsMax);
  }
}

function sequential(job: SequentialJob, engine: Engine, editsMax: number): Findings {
  const whole = loadSequential(job.traces, job.trace, job.editsMax);
  const isFront = whole.edits.length > editsMax;
  const trace = isFront ? loadSequential(job.traces, job.trace, editsMax) : whole;
  const file = job.file === undefined ? undefined : savedFile(job.file, engine, whole, isFront);
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

const startMs = performance.now();
const before = process.cpuUsage();
const found = await findings(JSON.parse(process.argv[2]!) as Job);
const { user, system } = process.cpuUsage(before);
const coreShare = (user + system) / 1_000 / (performance.now() - startMs);
const answer: Answer = { ...found, coreShare };
process.send!(answer, () => process.disconnect());
