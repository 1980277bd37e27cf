/** Carries out a plan: each job in a process of its own, round after round. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Figures } from "../figures.js";
import { runPinned } from "../pinned-process.js";
import { TEXT_WORKER } from "../places.js";
import { bundleKilobytes } from "./bundle-size.js";
import type { Answer, Job } from "./job.js";
import type { Library } from "./library.js";
import { jobsOf, type Plan } from "./plan.js";
import type { RowId } from "./rows.js";

const JOB_TIMEOUT_MS = 180_000;

/** Where a run happens, and who hears about it. */
export interface Surroundings {
  readonly traces: string | undefined;
  /** The core to pin processes to; `undefined` leaves it to the system. */
  readonly core: number | undefined;
  /** Options of Node for the measuring processes. */
  readonly nodeOptions: readonly string[];
  /** Told one line for each job. */
  readonly progress: (line: string) => void;
}

/** What a run came to. */
export interface Outcome {
  readonly figures: Figures<RowId>;
  /** Of each measuring process: processor time by elapsed time. */
  readonly coreShares: readonly number[];
  /** A sentence for each job that failed; their rows have no figure from that process. */
  readonly failures: readonly string[];
}

/** Runs the whole plan. A job that fails is noted, and the rest goes on. */
export async function run(plan: Plan, surroundings: Surroundings): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "motet-bench-"));
  const outcome = { figures: new Figures<RowId>(), coreShares: [] as number[], failures: [] as string[] };
  try {
    for (let round = 1; round <= plan.rounds; round++) {
      const jobs = jobsOf(inRound(plan, round), surroundings.traces, (library, trace) =>
        join(folder, `${library}-${trace}`),
      );
      for (const job of jobs) await runJob(job, `${round}/${plan.rounds}`, surroundings, outcome);
    }
    if (plan.stages.has("bundle")) await measureBundles(plan, outcome.figures);
    return outcome;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `plan` without the libraries that are done after fewer rounds. */
function inRound(plan: Plan, round: number): Plan {
  const takesPart = (library: Library) =>
    library.kind === "plain" || round <= (library.roundsMax ?? plan.rounds);
  return { ...plan, libraries: plan.libraries.filter(takesPart) };
}

async function runJob(
  job: Job,
  round: string,
  { core, nodeOptions, progress }: Surroundings,
  { figures, coreShares, failures }: { figures: Figures<RowId>; coreShares: number[]; failures: string[] },
): Promise<void> {
  const trace = "trace" in job ? job.trace : "";
  const name = `${job.kind} ${trace} ${job.library}`;
  const startMs = performance.now();
  try {
    const task = { entry: TEXT_WORKER, job, nodeOptions, core, timeoutMs: JOB_TIMEOUT_MS };
    const { measurements, frontOnly, coreShare } = await runPinned<Answer>(task);
    figures.add(job.library, trace, measurements);
    coreShares.push(coreShare);
    if (frontOnly !== undefined) figures.noteFront(job.library, trace, frontOnly);
  } catch (error) {
    failures.push(`${name}, round ${round}: ${saidBy(error as Error)}`);
  }
  progress(`${round} ${name} ${((performance.now() - startMs) / 1_000).toFixed(1)} s`);
}

async function measureBundles({ libraries }: Plan, figures: Figures<RowId>): Promise<void> {
  for (const { name, bundle } of libraries) {
    const sizes = {
      bundle: await bundleKilobytes(bundle),
      bundleAll: await bundleKilobytes({ program: bundle.all ?? "" }),
      bundleClient: await bundleKilobytes({ program: bundle.client ?? "" }),
    };
    figures.add(name, "", Object.fromEntries(Object.entries(sizes).filter(([, size]) => size !== undefined)));
  }
}

/** What went wrong, without where in the code. */
function saidBy({ message }: Error): string {
  return /^Error: .*$/m.exec(message)?.[0] ?? message.trim();
}
