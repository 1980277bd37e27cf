/** The text half of the report, as Markdown. */

import type { Figures } from "../figures.js";
import { median } from "../statistics.js";
import { table } from "../table.js";
import { formatFigure } from "../unit.js";
import { type Judgement, judge } from "./goals.js";
import type { Library } from "./library.js";
import type { Plan } from "./plan.js";
import { BUNDLE_ROWS, CONCURRENT_ROWS, HOSTILE_ROWS, ROWS, type RowId, SEQUENTIAL_ROWS } from "./rows.js";

/** What the report is made from. */
export interface Findings {
  readonly plan: Plan;
  readonly figures: Figures<RowId>;
  readonly failures: readonly string[];
  /** Of each measuring process: processor time by elapsed time. */
  readonly coreShares: readonly number[];
  /** The traces that were not found, and for which a session was generated. */
  readonly generated: readonly string[];
}

/** The goals first, then a table for each trace, then what belongs to no trace, then the notes. */
export function textReport(findings: Findings): string {
  const { plan, figures, failures, generated } = findings;
  const parts = [
    "## Text",
    howItWasMeasured(findings),
    goalsPart(judge(figures, generated)),
    ...plan.sequential.map((trace) => tracePart(findings, trace, Object.keys(SEQUENTIAL_ROWS) as RowId[])),
    ...plan.concurrent.map((trace) => tracePart(findings, trace, Object.keys(CONCURRENT_ROWS) as RowId[])),
    ownPart("Hostile shapes", findings, Object.keys(HOSTILE_ROWS) as RowId[]),
    ownPart("Size of the library", findings, Object.keys(BUNDLE_ROWS) as RowId[]),
    notesPart(plan.libraries),
    failures.length > 0 ? `### Failed\n\n${failures.map((line) => `- ${line}`).join("\n")}` : "",
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function howItWasMeasured({ plan, coreShares, generated }: Findings): string {
  const sentences = [
    `Each library in its own process, ${plan.rounds} processes a figure, interleaved; a figure is the median of their medians.`,
    "Every replay was checked against the text that the trace ends with.",
    generated.length === 0
      ? "The traces are recorded ones (josephg/editing-traces)."
      : `**No recording of ${generated.join(", ")} was found: a seeded typing session of about the same size took its place**, and its figures cannot be compared with those of the recording.`,
    ...(plan.editsMax === undefined
      ? []
      : [`Only the first ${plan.editsMax} edits of each trace were replayed.`]),
    `The processes had ${percent(coreShares)} of a core (median); well below 100 %, something else was running, and times are too long.`,
    '"-" is a row that a library cannot do, or that was not asked for. Lower is better everywhere.',
  ];
  return sentences.join(" ");
}

function percent(shares: readonly number[]): string {
  return shares.length === 0 ? "no share" : `${Math.round(median(shares) * 100)} %`;
}

function goalsPart(judgements: readonly Judgement[]): string {
  if (judgements.length === 0) return "";
  const rows = judgements.map(({ title, trace, ours, bound, ratio, isMet }) => [
    title,
    trace || "-",
    ours,
    `at most ${bound}`,
    ratio === undefined ? "-" : ratio.toFixed(2),
    isMet === undefined ? "-" : isMet ? "met" : "**missed**",
  ]);
  return `### Goals\n\n${table(["row", "trace", "motet", "goal", "ratio", "verdict"], rows)}`;
}

function tracePart(findings: Findings, trace: string, rows: readonly RowId[]): string {
  const { plan, figures } = findings;
  const body = figuresTable(findings, trace, rows);
  if (body === "") return "";
  const fronts = plan.libraries.flatMap(({ name }) => {
    const edits = figures.frontOf(name, trace);
    return edits === undefined ? [] : [`${name} (${edits.toLocaleString("en-US")})`];
  });
  const note =
    fronts.length === 0
      ? ""
      : `\n\nReplayed only its first edits, because all of it takes minutes: ${fronts.join(", ")}.`;
  return `### ${trace}\n\n${body}${note}`;
}

function ownPart(title: string, findings: Findings, rows: readonly RowId[]): string {
  const body = figuresTable(findings, "", rows);
  return body === "" ? "" : `### ${title}\n\n${body}`;
}

/** Libraries as columns, rows as rows; without those that have no figure at all. */
function figuresTable({ plan, figures }: Findings, trace: string, rows: readonly RowId[]): string {
  const isMeasured = (library: Library, row: RowId): boolean =>
    figures.of(library.name, trace, row) !== undefined;
  const shown = rows.filter((row) => plan.libraries.some((library) => isMeasured(library, row)));
  const libraries = plan.libraries.filter((library) => shown.some((row) => isMeasured(library, row)));
  if (shown.length === 0) return "";
  const body = shown.map((row) => [
    `${ROWS[row].title}, ${ROWS[row].unit}`,
    ...libraries.map(({ name }) => formatFigure(figures.of(name, trace, row), ROWS[row].unit)),
  ]);
  return table(["", ...libraries.map(({ name }) => name)], body);
}

function notesPart(libraries: readonly Library[]): string {
  const notes = libraries.flatMap((library) =>
    library.kind === "shared" && library.note ? [library.note] : [],
  );
  return notes.length === 0 ? "" : `### Notes\n\n${notes.map((note) => `- ${note}`).join("\n")}`;
}
