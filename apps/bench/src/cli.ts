/** `pnpm bench`: measures, and writes the report. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chartsOf } from "./charts.js";
import { measuredCommit, thisMachine } from "./machine.js";
import { type Options, parseOptions, USAGE } from "./options.js";
import { measuringCore } from "./pinned-process.js";
import { CHARTS_FOLDER, PACKAGE_FOLDER, RESULTS_FILE } from "./places.js";
import { reportHead } from "./report-head.js";
import { measureServers, serverVersions } from "./server/measure.js";
import { serverPlanOf } from "./server/plan.js";
import { type ServerFindings, serverReport } from "./server/report.js";
import { measureText, textVersions } from "./text/measure-text.js";
import { planOf } from "./text/plan.js";
import { type Findings, textReport } from "./text/report.js";
import { localTracesFolder } from "./text/traces/load.js";

/** What was found, of the halves that were asked for. */
interface Found {
  readonly text?: Findings;
  readonly server?: ServerFindings;
}

async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const startedAt = new Date();
  const found = await measure(options);
  const words = argv.filter((word) => word !== "--");
  deliver(report(found, words, startedAt), found, options);
  const failures = [...(found.text?.failures ?? []), ...(found.server?.failures ?? [])];
  return failures.length > 0 ? 1 : 0;
}

/** Plans both halves first: a name that there is not is said before anything is measured. */
async function measure(options: Options): Promise<Found> {
  const [plan, serverPlan] = [planOf(options), serverPlanOf(options)];
  const traces = localTracesFolder();
  const progress = (line: string): void => console.error(line);
  const { half, profile } = options;
  const server = half === "text" ? undefined : await measureServers(serverPlan, traces, profile, progress);
  const text = half === "server" ? undefined : await measureText(plan, traces, profile, progress);
  return { ...(text && { text }), ...(server && { server }) };
}

function report({ text, server }: Found, words: readonly string[], startedAt: Date): string {
  const head = reportHead({
    command: ["pnpm bench", ...(words.length > 0 ? ["--", ...words] : [])].join(" "),
    commit: measuredCommit(PACKAGE_FOLDER),
    machine: thisMachine(),
    core: measuringCore(),
    startedAt,
    minutes: (Date.now() - startedAt.getTime()) / 60_000,
    versions: new Map([
      ...(text ? textVersions(text.plan) : []),
      ...(server ? serverVersions(server.plan) : []),
    ]),
  });
  const parts = [head, server && serverReport(server), text && textReport(text)];
  return `${parts.filter((part) => part !== undefined).join("\n\n")}\n`;
}

/** Only a whole run replaces the report and the charts in the repository. */
function deliver(text: string, found: Found, options: Options): void {
  const { quick, half, only, rows, traces, servers, scenarios, rounds, editsMax, out, profile } = options;
  const isAll = [only, rows, traces, servers, scenarios].every((names) => names.length === 0);
  const isWhole = !quick && half === undefined && isAll && !rounds && !editsMax && !profile;
  const path = out ?? (isWhole ? RESULTS_FILE : undefined);
  if (path === undefined) process.stdout.write(text);
  else writeFileSync(path, text);
  if (isWhole) writeCharts(found);
}

function writeCharts({ text, server }: Found): void {
  mkdirSync(CHARTS_FOLDER, { recursive: true });
  for (const [name, svg] of chartsOf(text?.figures, server?.figures)) {
    writeFileSync(join(CHARTS_FOLDER, `${name}.svg`), svg);
  }
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  return 2;
});
