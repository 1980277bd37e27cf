/** Plays the scenarios: each server in turn, round after round, so that a slow minute of the machine meets all of them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Figures } from "../figures.js";
import { runPinned } from "../pinned-process.js";
import { LOAD_GENERATOR } from "../places.js";
import { median } from "../statistics.js";
import { type DiskFindings, whileWatching } from "./disk-watch.js";
import type { Answer, Job, Load } from "./job.js";
import { type Peer, serverNode } from "./peers.js";
import { plannedSeconds, runsOf, type ServerPlan } from "./plan.js";
import type { Scenario, Stage } from "./scenarios.js";
import { ServerProcess } from "./server-process.js";

const JOB_TIMEOUT_MS = 120_000;
/** A run in which the disk took longer for a sync says more about the disk than about a server: it is done again. */
const STALL_MS = 20;
const TRIES = 3;

/** Where a run happens, and who hears about it. */
export interface ServerSurroundings {
  readonly traces: string | undefined;
  /** For the servers and for the generator; `undefined` leaves it to the system. */
  readonly cores: { readonly server: number | undefined; readonly generator: number | undefined };
  /** Options of Node itself for the servers. */
  readonly nodeOptions: readonly string[];
  readonly progress: (line: string) => void;
}

/** What a run came to. */
export interface ServerOutcome {
  readonly figures: Figures<string>;
  /** The median of what the disk took to sync, run by run, in milliseconds. */
  readonly diskMs: number;
  /** Runs that were thrown away because the disk stalled, and those that were kept although it did. */
  readonly discarded: number;
  readonly stalled: number;
  /** A sentence for each run that failed. */
  readonly failures: readonly string[];
}

/** Runs the whole plan. What fails is noted, and the rest goes on. */
export async function runServers(plan: ServerPlan, surroundings: ServerSurroundings): Promise<ServerOutcome> {
  const notes = { figures: new Figures<string>(), disksMs: [] as number[], failures: [] as string[] };
  const counts = { discarded: 0, stalled: 0 };
  surroundings.progress(`the servers: about ${Math.ceil(plannedSeconds(plan) / 60)} minutes`);
  for (let round = 1; round <= plan.rounds; round++) {
    for (const [scenario, peer] of runsOf(plan, round)) {
      const startMs = performance.now();
      const name = `${scenario.id} ${peer.name}`;
      try {
        const triesMax = Math.min(TRIES, 1 + plan.repeatsMax - counts.discarded);
        const { figures, disk, tries } = await undisturbed(triesMax, () =>
          playOnce(scenario, peer, plan, surroundings),
        );
        notes.figures.add(peer.name, scenario.id, figures);
        notes.disksMs.push(disk.median);
        counts.discarded += tries - 1;
        if (disk.most > STALL_MS) counts.stalled++;
      } catch (error) {
        notes.failures.push(`${name}, round ${round}: ${(error as Error).message.trim()}`);
      }
      surroundings.progress(
        `${round}/${plan.rounds} ${name} ${((performance.now() - startMs) / 1_000).toFixed(1)} s`,
      );
    }
  }
  const { figures, disksMs, failures } = notes;
  return { figures, diskMs: disksMs.length > 0 ? median(disksMs) : Number.NaN, ...counts, failures };
}

interface Played {
  readonly figures: Record<string, number>;
  readonly disk: DiskFindings;
}

async function undisturbed(
  triesMax: number,
  play: () => Promise<Played>,
): Promise<Played & { readonly tries: number }> {
  for (let tries = 1; ; tries++) {
    const played = await play();
    if (played.disk.most <= STALL_MS || tries >= triesMax) return { ...played, tries };
  }
}

async function playOnce(
  scenario: Scenario,
  peer: Peer,
  { lengths }: ServerPlan,
  { cores, nodeOptions, traces }: ServerSurroundings,
): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), "motet-bench-"));
  const place = { peer, node: serverNode(), nodeOptions, folder, core: cores.server };
  let server = await ServerProcess.start(place);
  const figures: Record<string, number> = {};
  const stage: Stage = {
    lengths,
    traces,
    isStored: peer.isStored,
    load: async (load: Load) => {
      const job: Job = { dialect: peer.dialect, address: server.address, pid: server.pid, load };
      const task = {
        entry: LOAD_GENERATOR,
        job,
        nodeOptions: [],
        core: cores.generator,
        timeoutMs: JOB_TIMEOUT_MS,
      };
      const { findings, acked } = await runPinned<Answer>(task);
      Object.assign(figures, findings);
      return acked === undefined ? {} : { acked };
    },
    restart: async () => {
      await server.stop();
      server = await ServerProcess.start(place);
    },
  };
  try {
    const { disk } = await whileWatching(folder, () => scenario.play(stage));
    return { figures, disk };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}
