/** What Motet's server wants to reach beside its peers, in the same run. */
import type { Figures } from "../figures.js";
import { formatFigure, type Unit } from "../unit.js";
import { SERVER_ROWS } from "./rows.js";

/** A bound on one of our rows. */
export interface ServerGoal {
  readonly scenario: string;
  readonly row: string;
  /** Ours that is judged; "motet" by default. */
  readonly who?: string;
  /** At most so many times what `of` has; at least, where more is better. Or a figure of its own. */
  readonly bound:
    | { readonly atMost: number; readonly of: string }
    | { readonly atLeast: number; readonly of: string }
    | { readonly max: number }
    /** At most 1.5 times what a sync of the disk took, plus so many milliseconds. */
    | { readonly aboveDiskMs: number };
}

const HOCUSPOCUS = "hocuspocus";

const GOALS: readonly ServerGoal[] = [
  { scenario: "a", row: "deliveryP50", bound: { aboveDiskMs: 0.7 } },
  { scenario: "a", row: "deliveryP99", bound: { max: 4 } },
  { scenario: "a", row: "ackP99", bound: { max: 5 } },
  { scenario: "a", row: "cpuUs", bound: { atMost: 1, of: HOCUSPOCUS } },
  { scenario: "a", row: "cpuUs", who: "motet, no store", bound: { atMost: 0.65, of: HOCUSPOCUS } },
  { scenario: "b", row: "deliveryP99", bound: { max: 5 } },
  { scenario: "b", row: "ackP99", bound: { max: 5 } },
  { scenario: "c", row: "deliveryP50", bound: { atMost: 1, of: HOCUSPOCUS } },
  { scenario: "c", row: "deliveryP99", bound: { atMost: 1, of: HOCUSPOCUS } },
  { scenario: "c", row: "cpuUs", bound: { atMost: 0.8, of: HOCUSPOCUS } },
  { scenario: "d1", row: "editsPerSecond", bound: { atLeast: 3, of: HOCUSPOCUS } },
  { scenario: "d50", row: "editsPerSecond", bound: { atLeast: 4, of: HOCUSPOCUS } },
  { scenario: "d50", row: "editsPerSecond", who: "motet, composing", bound: { atLeast: 1.2, of: "sharedb" } },
  { scenario: "e", row: "kBEach", bound: { max: 6 } },
  { scenario: "f", row: "lastByteMs", bound: { max: 3 } },
  { scenario: "f", row: "bytes", bound: { max: 145_000 } },
  { scenario: "f", row: "textMs", bound: { max: 5 } },
  { scenario: "f", row: "storedLastByteMs", bound: { max: 10 } },
  { scenario: "f", row: "storedTextMs", bound: { max: 13 } },
  { scenario: "g", row: "lost", bound: { max: 0 } },
  { scenario: "p", row: "cpuUs", bound: { atMost: 0.3, of: HOCUSPOCUS } },
  { scenario: "s", row: "growthMB", bound: { max: 20 } },
];

/** A goal, judged. */
export interface ServerJudgement {
  readonly scenario: string;
  readonly title: string;
  readonly ours: string;
  readonly bound: string;
  /** `undefined` where something was not measured. */
  readonly isMet: boolean | undefined;
}

/** Every goal whose row was measured. `diskMs` is what the disk took to sync, in the median. */
export function judgeServers(
  figures: Figures<string>,
  diskMs: number,
  goals: readonly ServerGoal[] = GOALS,
): ServerJudgement[] {
  return goals
    .filter(({ scenario, row, who = "motet" }) => figures.of(who, scenario, row) !== undefined)
    .map((goal) => judged(figures, diskMs, goal));
}

function judged(figures: Figures<string>, diskMs: number, goal: ServerGoal): ServerJudgement {
  const { scenario, row, who = "motet", bound } = goal;
  const { title, unit } = SERVER_ROWS[scenario]![row]!;
  const ours = figures.of(who, scenario, row)!;
  const facts = {
    scenario,
    title: who === "motet" ? title : `${title} (${who})`,
    ours: `${formatFigure(ours, unit)} ${unit}`,
  };
  if ("max" in bound || "aboveDiskMs" in bound) {
    const limit = "max" in bound ? bound.max : 1.5 * diskMs + bound.aboveDiskMs;
    const words =
      "max" in bound
        ? ""
        : `1.5 x the disk's sync (${formatFigure(diskMs, "ms")} ms) + ${bound.aboveDiskMs} ms = `;
    return { ...facts, bound: `at most ${words}${formatFigure(limit, unit)} ${unit}`, isMet: ours <= limit };
  }
  return { ...facts, ...besidePeer(ours, figures.of(bound.of, scenario, row), unit, bound) };
}

function besidePeer(
  ours: number,
  theirs: number | undefined,
  unit: Unit,
  bound: { readonly of: string } & ({ readonly atMost: number } | { readonly atLeast: number }),
): Pick<ServerJudgement, "bound" | "isMet"> {
  const [times, word] = "atMost" in bound ? [bound.atMost, "at most"] : [bound.atLeast, "at least"];
  const words = `${word} ${times} x ${bound.of} (${formatFigure(theirs, unit)} ${unit})`;
  if (theirs === undefined) return { bound: words, isMet: undefined };
  const ratio = ours / theirs;
  return {
    bound: `${words}; it is ${ratio.toFixed(2)} x`,
    isMet: "atMost" in bound ? ratio <= times : ratio >= times,
  };
}
