/** The text half of a run. */
import { installedVersion } from "../machine.js";
import { measuringCore, profilingOptions } from "../pinned-process.js";
import type { Plan } from "./plan.js";
import type { Findings } from "./report.js";
import { run } from "./run.js";
import { unrecorded } from "./traces/load.js";

/** Measures everything, and says what came of it. @param profile A folder for the profiles of all processes. */
export async function measureText(
  plan: Plan,
  traces: string | undefined,
  profile: string | undefined,
  progress: (line: string) => void,
): Promise<Findings> {
  const nodeOptions = profilingOptions(profile);
  const outcome = await run(plan, { traces, core: measuringCore(), nodeOptions, progress });
  return { plan, ...outcome, generated: unrecorded(traces, [...plan.sequential, ...plan.concurrent]) };
}

/** The versions of the libraries that took part, by package. */
export function textVersions({ libraries }: Plan): Map<string, string> {
  const packages = libraries.map((library) => library.packageName).filter((name) => name !== "@motet/bench");
  return new Map(packages.map((name) => [name, installedVersion(name)]));
}
