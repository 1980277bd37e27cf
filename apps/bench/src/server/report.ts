/** The server half of the report, as Markdown. */
import { table } from "../table.js";
import { formatFigure } from "../unit.js";
import { judgeServers } from "./goals.js";
import type { ServerPlan } from "./plan.js";
import { SERVER_ROWS } from "./rows.js";
import type { ServerOutcome } from "./run.js";
import type { Scenario } from "./scenarios.js";

/** What the report is made from. */
export interface ServerFindings extends ServerOutcome {
  readonly plan: ServerPlan;
  /** The version of Node that the servers ran on. */
  readonly node: string;
}

/** The goals first, then a table for each scenario. */
export function serverReport(findings: ServerFindings): string {
  const { plan, failures } = findings;
  const parts = [
    "## Server",
    howItWasMeasured(findings),
    goalsPart(findings),
    ...plan.scenarios.map((scenario) => scenarioPart(findings, scenario)),
    failures.length > 0 ? `### Failed\n\n${failures.map((line) => `- ${line}`).join("\n")}` : "",
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function howItWasMeasured({ plan, node, diskMs, discarded, stalled }: ServerFindings): string {
  const sentences = [
    `Each server in a process of its own on one core, Node ${node}, the load generator on another; servers in turn, a fresh one for each run, ${runsAFigure(plan)}; a figure is their median.`,
    "Motet runs as its image and its systemd unit start it. It acknowledges and relays what its disk has synced; Hocuspocus stores into SQLite after a delay; y-websocket-server and ShareDB keep documents in memory. “motet, no store” is Motet with its in-memory store; “motet, composing” has clients that put together what is typed while an acknowledgement is out, as @motet/client and ShareDB's clients do.",
    "An edit is a word of ten characters that names itself, so that one generator can follow it through every protocol; where clients do not compose, they send one frame an edit. Motet's limits on rates are lifted, because one generator is everybody.",
    `Beside each run a process synced a file of its own: ${formatFigure(diskMs, "ms")} ms in the median. Runs in which one of its syncs took more than 20 ms were done again (${discarded}); ${stalled} were kept although it stalled, after three tries or ${plan.repeatsMax} repeats in all.`,
  ];
  return sentences.join(" ");
}

function runsAFigure({ scenarios, rounds }: ServerPlan): string {
  const fewer = scenarios.filter(({ roundsMax = rounds }) => roundsMax < rounds);
  const exceptions = fewer.map(({ id, roundsMax }) => `, ${roundsMax} in ${id}`).join("");
  return `${rounds} runs a figure${exceptions}`;
}

function goalsPart({ figures, diskMs }: ServerFindings): string {
  const judgements = judgeServers(figures, diskMs);
  if (judgements.length === 0) return "";
  const rows = judgements.map(({ scenario, title, ours, bound, isMet }) => [
    `${scenario}. ${title}`,
    ours,
    bound,
    isMet === undefined ? "-" : isMet ? "met" : "**missed**",
  ]);
  return `### Goals\n\n${table(["row", "motet", "goal", "verdict"], rows)}`;
}

/** Servers as columns, rows as rows; without those that have no figure at all. */
function scenarioPart({ plan, figures }: ServerFindings, { id, title }: Scenario): string {
  const isMeasured = (who: string, row: string): boolean => {
    const figure = figures.of(who, id, row);
    return figure !== undefined && !Number.isNaN(figure);
  };
  const rows = Object.entries(SERVER_ROWS[id]!).filter(([row]) =>
    plan.peers.some(({ name }) => isMeasured(name, row)),
  );
  const peers = plan.peers.filter(({ name }) => rows.some(([row]) => isMeasured(name, row)));
  if (rows.length === 0) return "";
  const body = rows.map(([row, { title: rowTitle, unit }]) => [
    `${rowTitle}, ${unit}`,
    ...peers.map(({ name }) => formatFigure(figures.of(name, id, row), unit)),
  ]);
  return `### ${id}. ${title}\n\n${table(["", ...peers.map(({ name }) => name)], body)}`;
}
