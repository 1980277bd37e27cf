/** The server half of a run. */
import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { installedVersion } from "../machine.js";
import { measuringCore, profilingOptions } from "../pinned-process.js";
import { install, serverNode, versionOf } from "./peers.js";
import type { ServerPlan } from "./plan.js";
import type { ServerFindings } from "./report.js";
import { runServers } from "./run.js";

/** Installs the peers that take part, plays everything, and says what came of it. @param profile A folder for the profiles of the servers. */
export async function measureServers(
  plan: ServerPlan,
  traces: string | undefined,
  profile: string | undefined,
  progress: (line: string) => void,
): Promise<ServerFindings> {
  for (const peer of plan.peers) install(peer);
  const generator = measuringCore();
  const cores = { server: generator === undefined ? undefined : availableParallelism() - 2, generator };
  const outcome = await runServers(plan, { traces, cores, nodeOptions: profilingOptions(profile), progress });
  const node = execFileSync(serverNode(), ["--version"]).toString().trim();
  return { ...outcome, plan, node };
}

/** The versions of the servers that took part, by package. */
export function serverVersions({ peers }: ServerPlan): Map<string, string> {
  return new Map(peers.map((peer) => [peer.packageName, versionOf(peer, installedVersion)]));
}
