import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { hasRedis, url } from "./support.js";

const here = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(`${here}README.md`, "utf8");

/** The first block of the README that is fenced as `kind`. */
function block(kind: string): string {
  return readme.split(`\`\`\`${kind}\n`)[1]!.split("```")[0]!;
}

describe("the README", () => {
  it.skipIf(!hasRedis)("has a program that prints what it says, run on the package as it is built", () => {
    const node = ["--input-type=module", "--eval", block("ts program")];
    const env = { ...process.env, REDIS_URL: url };
    expect(execFileSync(process.execPath, node, { cwd: here, env, encoding: "utf8" })).toBe(
      block("text output"),
    );
  });

  it("explains every error code that the source uses, and no other", () => {
    const codes = /"([A-Z]+_[A-Z]+)"/g;
    const source = readdirSync(`${here}src`).map((name) => readFileSync(`${here}src/${name}`, "utf8"));
    const used = new Set([...source.join("").matchAll(codes)].map(([, code]) => code));
    const table = readme.split("## Errors")[1]!.split("\n## ")[0]!;
    const explained = [...table.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code]) => code);
    expect(new Set(explained)).toEqual(used);
  });
});
