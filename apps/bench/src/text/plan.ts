/** What a run consists of: which libraries do what, how often, in which order. */
import type { Job } from "./job.js";
import { LIBRARIES, libraryNamed } from "./libraries.js";
import type { Library } from "./library.js";
import { ROWS, STAGES, type Stage } from "./rows.js";
import { CONCURRENT, type ConcurrentName, SEQUENTIAL, type SequentialName } from "./traces/load.js";

/** What the command line asks for. */
export interface Wishes {
  /** Two short traces, two processes a figure, a quarter of the time for each. */
  readonly quick: boolean;
  /** Names of libraries; empty for all. */
  readonly only: readonly string[];
  /** Stages or single rows; empty for all. */
  readonly rows: readonly string[];
  /** Names of traces; empty for all. */
  readonly traces: readonly string[];
  readonly rounds: number | undefined;
  readonly editsMax: number | undefined;
}

/** A run, settled. */
export interface Plan {
  readonly libraries: readonly Library[];
  readonly stages: ReadonlySet<Stage>;
  readonly sequential: readonly SequentialName[];
  readonly concurrent: readonly ConcurrentName[];
  /** How many processes each figure is the median of. */
  readonly rounds: number;
  readonly sampleMs: number;
  readonly editsMax: number | undefined;
}

const QUICK_TRACES = ["sveltecomponent", "friendsforever"];
const PROCESS_STAGES: readonly Stage[] = ["local", "update", "apply", "batch", "save", "load"];
const OURS = "motet";

/**
 * Settles what to run.
 * @throws {RangeError} if a library, row or trace has no such name.
 */
export function planOf(wishes: Wishes): Plan {
  const asked = wishes.traces.length > 0 ? wishes.traces : wishes.quick ? QUICK_TRACES : undefined;
  const known = [...Object.keys(SEQUENTIAL), ...Object.keys(CONCURRENT)];
  const unknown = asked?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`no trace "${unknown}"; there are ${known.join(", ")}`);
  const isAsked = (name: string): boolean => asked?.includes(name) ?? true;
  return {
    libraries: wishes.only.length > 0 ? wishes.only.map(libraryNamed) : LIBRARIES,
    stages: new Set(wishes.rows.length > 0 ? wishes.rows.map(stageNamed) : STAGES),
    sequential: (Object.keys(SEQUENTIAL) as SequentialName[]).filter(isAsked),
    concurrent: (Object.keys(CONCURRENT) as ConcurrentName[]).filter(isAsked),
    rounds: wishes.rounds ?? (wishes.quick ? 2 : 5),
    sampleMs: wishes.quick ? 100 : 400,
    editsMax: wishes.editsMax,
  };
}

function stageNamed(name: string): Stage {
  const stage = STAGES.find((each) => each === name) ?? ROWS[name as keyof typeof ROWS]?.stage;
  if (stage === undefined) throw new RangeError(`no row "${name}"; there are ${STAGES.join(", ")}`);
  return stage;
}

/** The jobs of one round: trace by trace, the libraries in turn, so that a slow minute of the machine meets all of them. */
export function* jobsOf(
  plan: Plan,
  traces: string | undefined,
  fileOf: (library: string, trace: string) => string,
): Generator<Job> {
  const facts = { traces, sampleMs: plan.sampleMs, editsMax: plan.editsMax };
  const stages = PROCESS_STAGES.filter((stage) => plan.stages.has(stage));
  const isKept = (["save", "load", "memory"] as const).some((stage) => plan.stages.has(stage));
  const shared = plan.libraries.filter((library) => library.kind === "shared");
  for (const trace of plan.sequential) {
    for (const { name: library } of stages.length > 0 || isKept ? plan.libraries : []) {
      const file = isKept ? fileOf(library, trace) : undefined;
      yield { ...facts, kind: "sequential", library, trace, stages, file };
    }
    for (const { name: library } of plan.stages.has("memory") ? shared : []) {
      yield { ...facts, kind: "memory", library, trace, file: fileOf(library, trace) };
    }
  }
  for (const trace of plan.stages.has("concurrent") ? plan.concurrent : []) {
    for (const { name: library } of shared) yield { ...facts, kind: "concurrent", library, trace };
  }
  const hostile = plan.stages.has("hostile") && shared.some((library) => library.name === OURS);
  if (hostile) yield { ...facts, kind: "hostile", library: OURS };
}
