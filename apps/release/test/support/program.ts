import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Published } from "../../src/published.js";

/** The program that a package's README begins with, and what it says that it prints; `undefined` where there is none to run. */
export function readmeProgram({ folder }: Published): { program: string; output: string } | undefined {
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  const block = (kind: string): string | undefined => readme.split(`\`\`\`${kind}\n`)[1]?.split("```")[0];
  const [program, output] = [block("ts program"), block("text output")];
  return program === undefined || output === undefined ? undefined : { program, output };
}

const IMPORT = /^import (\{[^}]*\}|\* as \w+) from "([^"]+)";$/gm;

/** The same program for people whose project is CommonJS. */
export function required(program: string): string {
  const head: string[] = [];
  const body = program.replace(IMPORT, (_, names: string, from: string) => {
    const target = names.startsWith("*") ? names.slice("* as ".length) : names.replaceAll(" as ", ": ");
    head.push(`const ${target} = require("${from}");`);
    return "";
  });
  return `${head.join("\n")}\n(async () => {\n${body}\n})();\n`;
}
