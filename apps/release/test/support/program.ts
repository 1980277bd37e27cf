import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Markdown } from "@motet/testing/pages";
import type { Published } from "../../src/published.js";

/** The program that a package's README begins with, and what it says that it prints; `undefined` where there is none to run. */
export function readmeProgram({ folder }: Published): { program: string; output: string } | undefined {
  const readme = new Markdown(pathToFileURL(join(folder, "README.md")));
  const [program, output] = [readme.block("ts program"), readme.block("text output")];
  return program === "" || output === "" ? undefined : { program, output };
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
