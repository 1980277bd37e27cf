import { describe, expect, it } from "vitest";
import { chartsOf } from "../src/charts.js";
import { Figures } from "../src/figures.js";
import { percentile } from "../src/server/generator/percentile.js";
import { judgeServers, type ServerGoal } from "../src/server/goals.js";
import { eachMark, markOf } from "../src/server/mark.js";
import { plannedSeconds, runsOf, serverPlanOf } from "../src/server/plan.js";
import { serverReport } from "../src/server/report.js";
import { SERVER_ROWS } from "../src/server/rows.js";
import { SCENARIOS } from "../src/server/scenarios.js";

const ALL = { quick: false, servers: [], scenarios: [], rounds: undefined };

function marksIn(text: string): string[] {
  const found: string[] = [];
  eachMark(Buffer.from(text, "latin1"), (writer, number) => found.push(`${writer}/${number}`));
  return found;
}

function someFigures(): Figures<string> {
  const figures = new Figures<string>();
  for (const cpuUs of [700, 100, 90]) figures.add("motet", "a", { cpuUs, deliveryP50: 2 });
  figures.add("hocuspocus", "a", { cpuUs: 200 });
  figures.add("motet", "d1", { editsPerSecond: 90_000 });
  figures.add("hocuspocus", "d1", { editsPerSecond: 30_000 });
  return figures;
}

describe("a mark", () => {
  it("is found wherever it stands in a frame, and says whose edit it is", () => {
    expect(marksIn(`\u0002${markOf(0, 0)}\u00ff${markOf(46_655, 60_466_175)}${markOf(1, 2)}`)).toEqual([
      "0/0",
      "46655/60466175",
      "1/2",
    ]);
  });

  it("is not found in what only looks like one", () => {
    expect(marksIn(`@@0010000a @00A00001; ${markOf(7, 9).slice(0, -1)}`)).toEqual([]);
  });

  it("cannot be made beyond what its digits can tell", () => {
    expect(() => markOf(46_656, 0)).toThrow(RangeError);
    expect(() => markOf(0, 60_466_176)).toThrow(RangeError);
  });
});

describe("a percentile", () => {
  it("is a value that was measured", () => {
    expect(percentile([5, 1, 9], 0.5)).toBe(5);
    expect(percentile([5, 1, 9], 1)).toBe(9);
  });

  it("of nothing is not a number", () => {
    expect(percentile([], 0.5)).toBeNaN();
  });
});

describe("a goal of the server", () => {
  const verdict = (goal: ServerGoal): boolean | undefined => judgeServers(someFigures(), 1, [goal])[0]?.isMet;

  it("against a peer is judged by the ratio of medians", () => {
    expect(verdict({ scenario: "a", row: "cpuUs", bound: { atMost: 0.5, of: "hocuspocus" } })).toBe(true);
    expect(verdict({ scenario: "a", row: "cpuUs", bound: { atMost: 0.4, of: "hocuspocus" } })).toBe(false);
    expect(verdict({ scenario: "d1", row: "editsPerSecond", bound: { atLeast: 3, of: "hocuspocus" } })).toBe(
      true,
    );
    expect(verdict({ scenario: "d1", row: "editsPerSecond", bound: { atLeast: 4, of: "hocuspocus" } })).toBe(
      false,
    );
  });

  it("beside the disk allows for what the disk takes", () => {
    expect(verdict({ scenario: "a", row: "deliveryP50", bound: { aboveDiskMs: 0.5 } })).toBe(true);
    expect(verdict({ scenario: "a", row: "deliveryP50", bound: { aboveDiskMs: 0.4 } })).toBe(false);
  });

  it("is open while the peer was not measured, and left out while ours was not", () => {
    expect(verdict({ scenario: "a", row: "cpuUs", bound: { atMost: 1, of: "sharedb" } })).toBeUndefined();
    expect(judgeServers(someFigures(), 1, [{ scenario: "s", row: "growthMB", bound: { max: 1 } }])).toEqual(
      [],
    );
  });
});

describe("a plan of the server half", () => {
  it("has rows for every scenario", () => {
    expect(Object.keys(SERVER_ROWS)).toEqual(SCENARIOS.map(({ id }) => id));
  });

  it("is through in 18 minutes, and at a glance in one, so that both halves are in 30 and in 3", () => {
    expect(plannedSeconds(serverPlanOf(ALL))).toBeLessThanOrEqual(18 * 60);
    expect(plannedSeconds(serverPlanOf({ ...ALL, quick: true }))).toBeLessThanOrEqual(60);
  });

  it("plays with all servers that a scenario is of, and in the last round only what differs from run to run", () => {
    const plan = serverPlanOf(ALL);
    const namesOf = (round: number) => runsOf(plan, round).map(([{ id }, { name }]) => `${id} ${name}`);
    expect(namesOf(1).filter((run) => run.startsWith("g"))).toEqual(["g motet", "g hocuspocus"]);
    expect(namesOf(3).filter((run) => /^[efgs] /.test(run))).toEqual([]);
    expect(namesOf(3)).toContain("a sharedb");
  });

  it("holds what was asked for, and says what there is instead of what there is not", () => {
    expect(serverPlanOf({ ...ALL, scenarios: ["c"] }).scenarios.map(({ id }) => id)).toEqual(["c"]);
    expect(() => serverPlanOf({ ...ALL, servers: ["etherpad"] })).toThrow(
      /no server "etherpad"; there are motet/,
    );
  });
});

describe("the report of the server half", () => {
  it("has a table for each scenario that was measured, and names what failed", () => {
    const report = serverReport({
      plan: serverPlanOf({ ...ALL, scenarios: ["a", "d1", "g"] }),
      node: "v24",
      figures: someFigures(),
      diskMs: 0.5,
      discarded: 1,
      stalled: 0,
      failures: ["g motet, round 1: the disk is away"],
    });
    expect(report).toContain("| edits a second (higher is better), 1/s | 90,000 | 30,000 |");
    expect(report).toContain("- g motet, round 1: the disk is away");
    expect(report).not.toContain("### g.");
  });

  it("is drawn as bars, ours set off", () => {
    const svg = chartsOf(undefined, someFigures()).get("server")!;
    expect(svg.match(/class="bar ours"/g)).toHaveLength(1);
    expect(svg).toContain(">90,000</text>");
  });
});
