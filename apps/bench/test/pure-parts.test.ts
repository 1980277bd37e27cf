import { describe, expect, it } from "vitest";
import { parseOptions } from "../src/options.js";
import { reportHead } from "../src/report-head.js";
import { median } from "../src/statistics.js";
import { table } from "../src/table.js";
import { wideHex, wideInteger, wideText } from "../src/text/replica-ids.js";
import { formatFigure } from "../src/unit.js";

describe("a median", () => {
  it("is the middle of an odd number of values, in whatever order they come", () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it("is the mean of the two in the middle of an even number", () => {
    expect(median([8, 2, 4, 100])).toBe(6);
  });

  it("leaves the values as they were", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it("does not exist for no values", () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe("a table", () => {
  it("sets the first column left and figures right", () => {
    expect(table(["", "a"], [["local", "12"]])).toBe("|  | a |\n| :-- | --: |\n| local | 12 |");
  });

  it("does not let a bar in a cell open a new one", () => {
    expect(table(["x"], [["a|b"]])).toContain("a\\|b");
  });
});

describe("a figure", () => {
  it.each([
    [12_345.6, "ns", "12,346"],
    [123.4, "ms", "123"],
    [12.34, "ms", "12.3"],
    [0.126, "ms", "0.13"],
    [undefined, "MB", "-"],
  ] as const)("of %s %s is shown as %s", (value, unit, shown) => {
    expect(formatFigure(value, unit)).toBe(shown);
  });
});

describe("a replica id", () => {
  it("is as wide as a random one and the same in every run", () => {
    expect(wideText(7)).toMatch(/^[A-Za-z0-9_-]{11}$/);
    expect(wideText(7)).toBe(wideText(7));
    expect(wideInteger(7, 53).toString(2)).toHaveLength(53);
    expect(wideHex(7, 16)).toMatch(/^[0-9a-f]{32}$/);
  });

  it("differs from replica to replica", () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => wideText(index));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("the command line", () => {
  it("passes over the lone -- that pnpm hands on", () => {
    expect(parseOptions(["--", "--quick"]).quick).toBe(true);
  });

  it("reads lists and counts", () => {
    const options = parseOptions(["--only", "motet, json-joy", "--rows", "local", "--rounds", "3"]);
    expect(options).toMatchObject({ only: ["motet", "json-joy"], rows: ["local"], rounds: 3 });
  });

  it("refuses a count that is none", () => {
    expect(() => parseOptions(["--rounds", "0"])).toThrow(RangeError);
  });
});

it("begins the report with the command, the commit, the machine, Node and the versions", () => {
  const head = reportHead({
    command: "pnpm bench",
    commit: "abc",
    machine: { processor: "P", cores: 2, memoryGB: 8, system: "Linux", node: "v20" },
    core: 1,
    startedAt: new Date(0),
    minutes: 1,
    versions: new Map([["yjs", "13"]]),
  });
  const positions = ["pnpm bench", "abc", "P, 2 cores", "v20", "yjs 13"].map((part) => head.indexOf(part));
  expect(positions).not.toContain(-1);
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
});
