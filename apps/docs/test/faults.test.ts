import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Rows that no test can show, and where they are answered instead. */
const UNTESTED = new Map([
  ["E17", "THREAT_MODEL.md"],
  ["J9", ".github/workflows/release.yml"],
]);

const rows = [...readFileSync(`${ROOT}docs/faults.md`, "utf8").matchAll(/^\| ([A-J]\d+) \|/gm)].map(
  ([, row]) => row!,
);
const named = new Set(sources().flatMap(rowsNamedBy));

it("every row of a test's name is on the page", () => {
  expect([...named].filter((row) => !rows.includes(row))).toEqual([]);
});

it("every row of the page is in a test's name, or answered elsewhere", () => {
  expect(rows.filter((row) => !named.has(row))).toEqual([...UNTESTED.keys()]);
  expect(new Set(rows).size).toBe(rows.length);
});

/** Tests, and the suites of tests that packages publish. */
function sources(): string[] {
  const floors = ["packages", "apps"].flatMap((floor) =>
    readdirSync(`${ROOT}${floor}`).flatMap((room) => [
      `${ROOT}${floor}/${room}/test`,
      `${ROOT}${floor}/${room}/src`,
    ]),
  );
  return floors.flatMap((folder) => filesIn(folder).filter((file) => /\.test\.ts$|\/testing\//.test(file)));
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`);
  } catch {
    return []; // Not every package has tests.
  }
}

/** `(F1, F7)` and `A15: ...`, in a string. */
function rowsNamedBy(file: string): string[] {
  const names = readFileSync(file, "utf8").matchAll(
    /\(([A-J]\d+(?:, [A-J]\d+)*)\)|["`]([A-J]\d+(?:, [A-J]\d+)*):/g,
  );
  return [...names].flatMap(([, behind, before]) => (behind ?? before)!.split(", "));
}
