/** What Motet wants to reach beside its peers. Ratios to a peer are of the same run; sizes are absolute. */
import type { Figures } from "../figures.js";
import { formatFigure } from "../unit.js";
import { ROWS, type RowId } from "./rows.js";

/** At most `times` what the library `of` has in `row` (by default, the goal's own row); or at most `max`, in the unit of the row. */
type Bound = { readonly times: number; readonly of: string; readonly row?: RowId } | { readonly max: number };

/** One goal: a row of ours, on some traces, below a bound. */
export interface Goal {
  readonly row: RowId;
  /** Where it holds: names of traces; `undefined` for rows that belong to no trace. */
  readonly traces?: readonly string[];
  readonly bound: Bound;
}

const PAPER = ["automerge-paper"];
const OTHERS = ["rustcode", "sveltecomponent", "seph-blog1"];
const SEQUENTIAL = [...PAPER, ...OTHERS];
const SHARED = ["friendsforever"];

const GOALS: readonly Goal[] = [
  { row: "local", traces: SEQUENTIAL, bound: { times: 0.5, of: "diamond-types" } },
  { row: "update", traces: SEQUENTIAL, bound: { times: 0.5, of: "json-joy" } },
  { row: "updateBytes", traces: PAPER, bound: { max: 16 } },
  { row: "updateBytes", traces: OTHERS, bound: { times: 0.75, of: "json-joy" } },
  { row: "apply", traces: SEQUENTIAL, bound: { times: 0.4, of: "json-joy" } },
  { row: "batch", traces: SEQUENTIAL, bound: { times: 0.25, of: "json-joy" } },
  { row: "saved", traces: PAPER, bound: { max: 220_000 } },
  {
    row: "savedDeflated",
    traces: ["automerge-paper", "rustcode", "seph-blog1"],
    bound: { times: 0.9, of: "diamond-types", row: "saved" },
  },
  {
    row: "savedDeflated",
    traces: ["sveltecomponent"],
    bound: { times: 1.05, of: "diamond-types", row: "saved" },
  },
  { row: "joining", traces: PAPER, bound: { max: 145_000 } },
  { row: "saveJoining", traces: SEQUENTIAL, bound: { times: 1, of: "loro", row: "save" } },
  { row: "save", traces: SEQUENTIAL, bound: { times: 2, of: "loro" } },
  { row: "load", traces: SEQUENTIAL, bound: { times: 0.2, of: "loro" } },
  { row: "loadEdit", traces: SEQUENTIAL, bound: { times: 1, of: "diamond-types" } },
  { row: "memory", traces: PAPER, bound: { max: 0.9 } },
  { row: "live", traces: SHARED, bound: { times: 0.4, of: "json-joy" } },
  { row: "replay", traces: SHARED, bound: { times: 0.25, of: "json-joy" } },
  { row: "concurrentSaved", traces: SHARED, bound: { max: 31_000 } },
  { row: "gap", bound: { max: 500 } },
  { row: "rightChain", bound: { max: 500 } },
  { row: "leftChain", bound: { max: 500 } },
  { row: "staircase", bound: { max: 50 } },
  { row: "bundle", bound: { max: 15 } },
  { row: "bundleAll", bound: { max: 18 } },
  { row: "bundleClient", bound: { max: 35 } },
];

/** A goal on one trace, judged. */
export interface Judgement {
  readonly title: string;
  readonly trace: string;
  /** Ours, as tables show it. */
  readonly ours: string;
  /** What it is held against, in words. */
  readonly bound: string;
  /** Ours by the peer's, or by the bound where there is no peer; `undefined` where one of the two was not measured. */
  readonly ratio: number | undefined;
  readonly isMet: boolean | undefined;
}

const OURS = "motet";

/**
 * Every goal on each of its traces that this run measured, in the order of the list. Absolute goals are about the recorded
 * traces: they are left out on those that were `generated`.
 */
export function judge(figures: Figures<RowId>, generated: readonly string[], goals = GOALS): Judgement[] {
  return goals.flatMap((goal) =>
    (goal.traces ?? [""])
      .filter((trace) => figures.of(OURS, trace, goal.row) !== undefined)
      .filter((trace) => !("max" in goal.bound && generated.includes(trace)))
      .map((trace) => judged(figures, goal, trace)),
  );
}

function judged(figures: Figures<RowId>, { row, bound }: Goal, trace: string): Judgement {
  const { title, unit } = ROWS[row];
  const ours = figures.of(OURS, trace, row);
  const facts = { title, trace, ours: `${formatFigure(ours, unit)} ${unit}` };
  if ("max" in bound) {
    const isMet = ours === undefined ? undefined : ours <= bound.max;
    const ratio = ours === undefined ? undefined : ours / bound.max;
    return { ...facts, bound: `${bound.max.toLocaleString("en-US")} ${unit}`, ratio, isMet };
  }
  const peerRow = ROWS[bound.row ?? row];
  const theirs = figures.of(bound.of, trace, bound.row ?? row);
  const which = bound.row === undefined ? bound.of : `${bound.of}, ${peerRow.title}`;
  const words = `${bound.times} x ${which} (${formatFigure(theirs, peerRow.unit)} ${peerRow.unit})`;
  const ratio = ours === undefined || theirs === undefined ? undefined : ours / theirs;
  return { ...facts, bound: words, ratio, isMet: ratio === undefined ? undefined : ratio <= bound.times };
}
