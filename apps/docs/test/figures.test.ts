import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const read = (page: string) =>
  readFileSync(fileURLToPath(new URL(`../../../${page}`, import.meta.url)), "utf8");
const readme = read("README.md");
const results = read("apps/bench/RESULTS.md");

/** Rows of the README's table, with the scenario of the report and the row in it that they are taken from. */
const ROWS = [
  ["edits a second, two people who write as fast as they can", "d1", "edits a second"],
  ["the same in 50 documents at once", "d50", "edits a second"],
  ["memory of an idle connection", "e", "memory of a connection"],
  ["memory for 20 readers who stop reading while 8 MB are written", "s", "growth of the server's memory"],
  ["opening a document of 260,000 edits, until its text is in the client", "f", "document in memory: text"],
  ["processor time of an edit that 49 others read", "a", "processor time"],
] as const;

describe("the figures in the README are those of the last measurement", () => {
  it.each(ROWS)("%s", (label, scenario, row) => {
    const claimed = cells(readme, `| ${label} |`).map(numberOf);
    const [motet, hocuspocus] = measured(scenario, row);
    expect(claimed).toEqual([asShort(motet!, claimed[0]!), asShort(hocuspocus!, claimed[1]!)]);
  });

  it("what a kill loses", () => {
    const [acknowledged, lost] = ["acknowledged before", "of these not there"].map((row) =>
      measured("g", row),
    );
    expect(cells(readme, "| of 300 acknowledged edits, lost by `kill -9` |")).toEqual(["0", "all"]);
    expect([lost![0], lost![1]]).toEqual([0, acknowledged![1]]);
    expect(acknowledged!.map((count) => asShort(count, 300))).toEqual([300, 300]);
  });

  it("how long the text type takes, beside json-joy", () => {
    const [, oneByOne, batch] = /([\d.]+) x the time of json-joy and in one batch in ([\d.]+) x/.exec(
      readme,
    )!;
    const ratio = (row: string) => cells(results, `| ${row}, an edit | automerge-paper |`)[2];
    expect([oneByOne, batch]).toEqual([
      ratio("those updates applied one by one"),
      ratio("those updates applied in one batch"),
    ]);
  });
});

/** The cells behind the beginning of a row. */
function cells(page: string, beginning: string): readonly string[] {
  const row = page.split("\n").find((line) => line.startsWith(beginning)) ?? "";
  return row
    .slice(beginning.length)
    .split("|")
    .slice(0, -1)
    .map((cell) => cell.trim());
}

/** What Motet and Hocuspocus have in a row of a scenario. */
function measured(scenario: string, row: string): readonly number[] {
  const table = results.split(`\n### ${scenario}. `)[1]?.split("\n### ")[0] ?? "";
  const [head = "", line = ""] = ["|  |", `| ${row}`].map((it) =>
    table.split("\n").find((at) => at.startsWith(it)),
  );
  const names = head.split("|").map((name) => name.trim());
  return ["motet", "hocuspocus"].map((name) => numberOf(line.split("|")[names.indexOf(name)] ?? ""));
}

function numberOf(cell: string): number {
  return Number.parseFloat(cell.replaceAll(",", ""));
}

/** `value` with as many significant digits as `like` is written with. */
function asShort(value: number, like: number): number {
  return Number(value.toPrecision(String(like).replace(".", "").replace(/0+$/, "").length));
}
