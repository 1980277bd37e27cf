import { describe, expect, it } from "vitest";
import { Figures } from "../src/figures.js";
import { type Goal, judge } from "../src/text/goals.js";
import { LIBRARIES } from "../src/text/libraries.js";
import { sample } from "../src/text/measure/sample.js";
import { jobsOf, planOf, type Wishes } from "../src/text/plan.js";
import { textReport } from "../src/text/report.js";
import type { RowId } from "../src/text/rows.js";

const ALL: Wishes = { quick: false, only: [], rows: [], traces: [], rounds: undefined, editsMax: undefined };
const fileOf = (library: string, trace: string): string => `${library}-${trace}`;

/** Figures of ours and json-joy on one trace, three processes each. */
function someFigures(): Figures<RowId> {
  const figures = new Figures<RowId>();
  for (const ns of [90, 300, 100]) figures.add("motet", "rustcode", { local: ns, updateBytes: 10 });
  for (const ns of [400, 401, 4_000]) figures.add("json-joy", "rustcode", { local: ns });
  figures.add("motet", "", { gap: 600 });
  return figures;
}

describe("figures", () => {
  it("are medians over the processes of a library", () => {
    expect(someFigures().of("motet", "rustcode", "local")).toBe(100);
    expect(someFigures().of("json-joy", "rustcode", "local")).toBe(401);
  });

  it("are absent where nothing was measured", () => {
    expect(someFigures().of("yjs", "rustcode", "local")).toBeUndefined();
  });
});

describe("a goal", () => {
  const against = (times: number): Goal => ({
    row: "local",
    traces: ["rustcode", "seph-blog1"],
    bound: { times, of: "json-joy" },
  });

  it("against a peer is judged by the ratio, on each trace that was run", () => {
    expect(judge(someFigures(), [], [against(0.25)])).toMatchObject([{ trace: "rustcode", isMet: true }]);
    expect(judge(someFigures(), [], [against(0.2)])).toMatchObject([{ isMet: false }]);
  });

  it("without a peer is judged by its own bound", () => {
    expect(judge(someFigures(), [], [{ row: "gap", bound: { max: 500 } }])).toMatchObject([
      { ratio: 1.2, isMet: false },
    ]);
  });

  it("without a peer is left out on a generated trace", () => {
    const goal: Goal = { row: "updateBytes", traces: ["rustcode"], bound: { max: 16 } };
    expect(judge(someFigures(), [], [goal])).toHaveLength(1);
    expect(judge(someFigures(), ["rustcode"], [goal])).toEqual([]);
  });

  it("stays open when the peer was not measured", () => {
    const goal: Goal = { row: "updateBytes", traces: ["rustcode"], bound: { times: 0.75, of: "json-joy" } };
    expect(judge(someFigures(), [], [goal])[0]!.isMet).toBeUndefined();
  });
});

describe("a plan", () => {
  it("lets the libraries take turns on a trace, and gives hostile shapes to ours alone", () => {
    const jobs = [...jobsOf(planOf(ALL), "traces", fileOf)];
    expect(jobs.slice(0, LIBRARIES.length).map((job) => job.library)).toEqual(
      LIBRARIES.map(({ name }) => name),
    );
    expect(jobs.filter((job) => job.kind === "hostile").map((job) => job.library)).toEqual(["motet"]);
  });

  it("can be one row of two libraries, which then keep no file", () => {
    const plan = planOf({ ...ALL, only: ["motet", "json-joy"], rows: ["local"], traces: ["rustcode"] });
    const jobs = [...jobsOf(plan, undefined, fileOf)];
    expect(jobs).toMatchObject([
      { kind: "sequential", library: "motet", stages: ["local"], file: undefined },
      { kind: "sequential", library: "json-joy", stages: ["local"], file: undefined },
    ]);
  });

  it.each([{ only: ["nobody"] }, { rows: ["nothing"] }, { traces: ["nowhere"] }])("refuses %j", (wish) => {
    expect(() => planOf({ ...ALL, ...wish })).toThrow(RangeError);
  });
});

describe("the report", () => {
  const plan = planOf({ ...ALL, only: ["motet", "json-joy"], traces: ["rustcode"] });

  it("has a column for each library, a dash where there is no figure, and no row that nobody has", () => {
    const report = textReport({
      plan,
      figures: someFigures(),
      failures: [],
      coreShares: [0.5, 1, 1],
      generated: [],
    });
    expect(report).toContain("|  | motet | json-joy |");
    expect(report).toContain("| local edit, ns | 100 | 401 |");
    expect(report).toContain("| such an update, bytes | 10.0 | - |");
    expect(report).not.toContain("one batch");
    expect(report).toContain("had 100 % of a core");
  });

  it("says which replays were cut, what was generated, and what failed", () => {
    const figures = someFigures();
    figures.noteFront("json-joy", "rustcode", 1_000);
    const report = textReport({
      plan,
      figures,
      failures: ["it broke"],
      coreShares: [],
      generated: ["rustcode"],
    });
    expect(report).toContain("json-joy (1,000)");
    expect(report).toContain("No recording of rustcode");
    expect(report).toContain("- it broke");
  });
});

describe("a sample", () => {
  it("is one run when the budget is nothing, and each run is verified", () => {
    const seen: number[] = [];
    let runs = 0;
    const timing = sample({ run: () => ++runs, verify: (run) => seen.push(run) }, 0);
    expect(seen).toEqual([1]);
    expect(timing.medianMs).toBe(timing.firstMs);
  });

  it("stops after fifty more than the first, however quick they are", () => {
    let runs = 0;
    sample({ run: () => ++runs, verify: () => undefined }, Number.POSITIVE_INFINITY);
    expect(runs).toBe(51);
  });
});
