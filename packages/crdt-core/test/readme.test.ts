import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const here = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(`${here}README.md`, "utf8");

/** The first block of the README that is fenced as `kind`. */
function block(kind: string): string {
  return readme.split(`\`\`\`${kind}\n`)[1].split("```")[0];
}

it("the README's program prints what the README says, run on the package as it is built", () => {
  const node = ["--input-type=module", "--eval", block("ts program")];
  expect(execFileSync(process.execPath, node, { cwd: here, encoding: "utf8" })).toBe(block("text output"));
});

it("the README explains every error code, and no other", () => {
  const source = readFileSync(`${here}src/errors.ts`, "utf8");
  const codes = [...source.matchAll(/\| "([A-Z_]+)"/g)].map(([, code]) => code);
  const explained = [...readme.split("## Errors")[1].matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code]) => code);
  expect(explained).toEqual(codes);
});
