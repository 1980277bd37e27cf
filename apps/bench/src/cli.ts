/** `pnpm bench`: measures, and writes the report. */
import { writeFileSync } from "node:fs";
import { installedVersion, measuredCommit, thisMachine } from "./machine.js";
import { type Options, parseOptions, USAGE } from "./options.js";
import { measuringCore } from "./pinned-process.js";
import { PACKAGE_FOLDER, RESULTS_FILE } from "./places.js";
import { reportHead } from "./report-head.js";
import type { Library } from "./text/library.js";
import { planOf } from "./text/plan.js";
import { textReport } from "./text/report.js";
import { run } from "./text/run.js";
import { localTracesFolder, unrecorded } from "./text/traces/load.js";

async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const startedAt = new Date();
  const plan = planOf(options);
  const traces = localTracesFolder();
  const core = measuringCore();
  const nodeOptions =
    options.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${options.profile}`];
  const progress = (line: string): void => console.error(line);
  const outcome = await run(plan, { traces, core, nodeOptions, progress });
  const words = argv.filter((word) => word !== "--");
  const head = reportHead({
    command: ["pnpm bench", ...(words.length > 0 ? ["--", ...words] : [])].join(" "),
    commit: measuredCommit(PACKAGE_FOLDER),
    machine: thisMachine(),
    core,
    startedAt,
    minutes: (Date.now() - startedAt.getTime()) / 60_000,
    versions: versionsOf(plan.libraries),
  });
  const generated = unrecorded(traces, [...plan.sequential, ...plan.concurrent]);
  const report = `${head}\n\n${textReport({ plan, ...outcome, generated })}\n`;
  deliver(report, options);
  return outcome.failures.length > 0 ? 1 : 0;
}

/** Only a whole run replaces the report in the repository. */
function deliver(report: string, { quick, only, rows, traces, rounds, editsMax, out }: Options): void {
  const isWhole = !quick && [only, rows, traces].every((names) => names.length === 0) && !rounds && !editsMax;
  const path = out ?? (isWhole ? RESULTS_FILE : undefined);
  if (path === undefined) process.stdout.write(report);
  else writeFileSync(path, report);
}

function versionsOf(libraries: readonly Library[]): Map<string, string> {
  const packages = libraries.map((library) => library.packageName).filter((name) => name !== "@motet/bench");
  return new Map(packages.map((name) => [name, installedVersion(name)]));
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  return 2;
});
