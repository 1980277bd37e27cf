import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const here = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(`${here}README.md`, "utf8");

/** The first block of the README that is fenced as `kind`. */
function block(kind: string): string {
  return readme.split(`\`\`\`${kind}\n`)[1]?.split("```")[0] ?? "";
}

it("prints what the README says, from the package as it is built", () => {
  const node = ["--input-type=module", "--eval", block("ts program")];
  expect(execFileSync(process.execPath, node, { cwd: here, encoding: "utf8" })).toBe(block("text output"));
});

it("documents every error code, and no other", () => {
  const source = readFileSync(`${here}src/errors.ts`, "utf8");
  const codes = source
    .split("DocumentErrorCode =")[1]
    ?.split(";")[0]
    ?.match(/[A-Z_]+/g);
  const section = readme.split("## Errors")[1] ?? "";
  const told = [...section.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code]) => code);
  expect(told.sort()).toEqual([...(codes ?? [])].sort());
});
