import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { ServerProcess } from "./support/server-process.js";

const here = fileURLToPath(new URL("..", import.meta.url));

/** The first block of a README that is fenced as `kind`. */
function block(readme: string, kind: string): string {
  return readFileSync(readme, "utf8").split(`\`\`\`${kind}\n`)[1]?.split("```")[0] ?? "";
}

/** What `program` prints when it is run in the folder of this package, so that it finds what is installed here. */
function run(program: string): string {
  const node = ["--input-type=module", "--eval", program];
  return execFileSync(process.execPath, node, { cwd: here, encoding: "utf8" });
}

it("prints what the README says, from the package as it is built", () => {
  expect(run(block(`${here}README.md`, "ts program"))).toBe(block(`${here}README.md`, "text output"));
});

const withProgram = readdirSync(`${here}docs`).filter(
  (name) => block(`${here}docs/${name}`, "js program") !== "",
);

it.each(withProgram)("prints what the guide %s says", (name) => {
  const guide = `${here}docs/${name}`;
  expect(run(block(guide, "js program"))).toBe(block(guide, "text output"));
});

it("edits, saves and takes back in the application that the project's README shows", async () => {
  const { server, address } = await ServerProcess.start();
  try {
    const program = block(`${here}../../README.md`, "js application").replace(
      "http://127.0.0.1:8080",
      address,
    );
    const printed = run(`${program}\nawait minutes.whenSaved();\nawait minutes.close();`).trim().split("\n");
    expect(printed[0]).toBe("local: Present: Ann");
    expect(printed.filter((line) => line === "saved").length).toBeGreaterThan(0);
    const answer = await fetch(`${address}/api/v1/documents/minutes`);
    expect(await answer.json()).toMatchObject({ text: "Present: Ann", fields: {} });
  } finally {
    await server.kill();
  }
});

it("lets two clients converge in the twenty lines that the project's README shows", async () => {
  const { server, address } = await ServerProcess.start();
  try {
    const program = block(`${here}../../README.md`, "js twenty lines");
    expect(program.trim().split("\n").length).toBeLessThanOrEqual(22);
    const printed = run(program.replace("ws://127.0.0.1:8080", address.replace("http", "ws")))
      .trim()
      .split("\n");
    const last = (user: string) => printed.findLast((line) => line.startsWith(user))?.slice(user.length);
    expect(last("ann")).toMatch(/"(hello world |world hello )"$/);
    expect(last("bob")).toBe(last("ann"));
  } finally {
    await server.kill();
  }
});

it("names no command that there is not", () => {
  const pages = ["README.md", ...readdirSync(`${here}docs`).map((name) => `docs/${name}`)];
  const text = pages.map((page) => readFileSync(here + page, "utf8")).join("\n");
  const scripts = (folder: string) =>
    Object.keys((JSON.parse(readFileSync(`${folder}package.json`, "utf8")) as { scripts: object }).scripts);
  const named = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!);
  const own = named(/`(?:pnpm --filter @motet\/server )?([a-z]+-[a-z]+)` (?:in its place|starts|cuts)/g);
  expect(own).toContain("cluster-faults");
  expect(scripts(here)).toEqual(expect.arrayContaining(own));
  expect(scripts(`${here}../../`)).toEqual(expect.arrayContaining(named(/(?:`|npx )pnpm ([a-z]+)/g)));
});

it("explains every flag and every error code, and no others", () => {
  const readme = readFileSync(`${here}README.md`, "utf8");
  const source = readFileSync(`${here}src/errors.ts`, "utf8");
  const codes = source
    .split("ServerErrorCode =")[1]
    ?.split(";")[0]
    ?.match(/[A-Z_]+/g);
  const section = readme.split("## Errors")[1] ?? "";
  expect([...section.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code]) => code)).toEqual(codes);
  const help = run('process.argv = ["", "", "--help"]; await import("./dist/cli.js")');
  const [settings = "", limits = ""] = help.split("Limits:");
  for (const flag of settings.match(/--[a-z-]+/g) ?? []) expect(readme).toContain(flag);
  const limitsOfFrames = readFileSync(`${here}../../packages/transport/PROTOCOL.md`, "utf8");
  const limitsOfDocuments = readFileSync(`${here}../../packages/document/README.md`, "utf8");
  const explained = readme + limitsOfFrames + limitsOfDocuments;
  for (const [, flag] of limits.matchAll(/--([a-z-]+)/g)) {
    expect(explained).toContain(flag!.replaceAll(/-[a-z]/g, (pair) => pair[1]!.toUpperCase()));
  }
});
