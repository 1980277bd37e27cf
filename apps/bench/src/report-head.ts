import type { Machine } from "./machine.js";

/** What every report begins with. */
export interface Circumstances {
  /** As typed at the root of the repository. */
  readonly command: string;
  readonly commit: string;
  readonly machine: Machine;
  /** The core that measuring processes were pinned to; `undefined` if they were not. */
  readonly core: number | undefined;
  readonly startedAt: Date;
  readonly minutes: number;
  /** Installed versions of what was measured, by package. */
  readonly versions: ReadonlyMap<string, string>;
}

/** The head of the report, as Markdown: enough to run it again and to know what a difference may come from. */
export function reportHead(circumstances: Circumstances): string {
  const { command, commit, machine, core, startedAt, minutes, versions } = circumstances;
  const packages = [...versions].map(([name, version]) => `${name} ${version}`).join(", ");
  const pinning = core === undefined ? "not pinned" : `pinned to core ${core}`;
  return [
    "# Results",
    "",
    "Written by the command; do not edit.",
    "",
    `- Command: \`${command}\``,
    `- Commit: ${commit}`,
    `- Machine: ${machine.processor}, ${machine.cores} cores, ${machine.memoryGB} GB, ${machine.system}; measuring processes ${pinning}`,
    `- Node: ${machine.node}`,
    `- Versions: ${packages}`,
    `- Run: ${startedAt.toISOString().slice(0, 16).replace("T", " ")} UTC, ${minutes.toFixed(1)} minutes`,
  ].join("\n");
}
