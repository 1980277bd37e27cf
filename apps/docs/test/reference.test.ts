import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const here = fileURLToPath(new URL("..", import.meta.url));

it("the reference documents every export, knows every type that one speaks of, and finds every page it links to", () => {
  const { status, stdout, stderr } = spawnSync("npx", ["typedoc", "--emit", "none"], {
    cwd: here,
    encoding: "utf8",
  });
  expect(`${stdout}${stderr}`.split("\n").filter((line) => /\[(warning|error)\]/.test(line))).toEqual([]);
  expect(status).toBe(0);
}, 120_000);
