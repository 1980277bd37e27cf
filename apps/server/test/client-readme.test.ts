import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const readme = readFileSync(new URL("../../../packages/client/README.md", import.meta.url), "utf8");

/** The first block of the README that is fenced as `kind`. */
function block(kind: string): string {
  return readme.split(`\`\`\`${kind}\n`)[1]?.split("```")[0] ?? "";
}

it("the client's README: prints what it says, with the server and the client as they are built", () => {
  const cwd = fileURLToPath(new URL("..", import.meta.url)); // Both packages are found from here.
  const node = ["--input-type=module", "--eval", block("ts program")];
  expect(execFileSync(process.execPath, node, { cwd, encoding: "utf8" })).toBe(block("text output"));
});
