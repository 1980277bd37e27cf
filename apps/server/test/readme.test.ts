import { readdirSync, readFileSync } from "node:fs";
import { Markdown, unionIn } from "@motet/testing/pages";
import { expect, it } from "vitest";
import { ServerProcess } from "./support/server-process.js";

const here = new URL("../", import.meta.url);
const page = (path: string) => new Markdown(new URL(path, here), here);
const readme = page("README.md");
const project = page("../../README.md");
const guides = new Map(readdirSync(new URL("docs/", here)).map((name) => [name, page(`docs/${name}`)]));

it("prints what the README says, from the package as it is built", () => {
  expect(readme.outputOf(readme.block("ts program"))).toBe(readme.block("text output"));
});

const withProgram = [...guides].filter(([, guide]) => guide.block("js program") !== "");

it.each(withProgram)("prints what the guide %s says", (_, guide) => {
  expect(guide.outputOf(guide.block("js program"))).toBe(guide.block("text output"));
});

it("edits, saves and takes back in the application that the project's README shows", async () => {
  const { server, address } = await ServerProcess.start();
  try {
    const program = project.block("js application").replace("http://127.0.0.1:8080", address);
    const ending = "await minutes.whenSaved();\nawait minutes.close();";
    const printed = project.outputOf(`${program}\n${ending}`).trim().split("\n");
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
    const program = project.block("js twenty lines");
    expect(program.trim().split("\n").length).toBeLessThanOrEqual(22);
    const printed = project
      .outputOf(program.replace("ws://127.0.0.1:8080", address.replace("http", "ws")))
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
  const text = [readme, ...guides.values()].map((page) => page.text).join("\n");
  const scripts = (folder: URL) =>
    Object.keys(
      (JSON.parse(readFileSync(new URL("package.json", folder), "utf8")) as { scripts: object }).scripts,
    );
  const named = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!);
  const own = named(/`(?:pnpm --filter @motet\/server )?([a-z]+-[a-z]+)` (?:in its place|starts|cuts)/g);
  expect(own).toContain("cluster-faults");
  expect(scripts(here)).toEqual(expect.arrayContaining(own));
  expect(scripts(new URL("../../", here))).toEqual(expect.arrayContaining(named(/(?:`|npx )pnpm ([a-z]+)/g)));
});

it("explains every flag and every error code, and no others", () => {
  expect(readme.rows("Errors")).toEqual(unionIn(new URL("src/errors.ts", here), "ServerErrorCode"));
  const help = readme.outputOf('process.argv = ["", "", "--help"]; await import("./dist/cli.js")');
  const [settings = "", limits = ""] = help.split("Limits:");
  for (const flag of settings.match(/--[a-z-]+/g) ?? []) expect(readme.text).toContain(flag);
  const places = [
    readme,
    page("../../packages/transport/PROTOCOL.md"),
    page("../../packages/document/README.md"),
  ];
  const explained = places.map((page) => page.text).join("");
  for (const [, flag] of limits.matchAll(/--([a-z-]+)/g)) {
    expect(explained).toContain(flag!.replaceAll(/-[a-z]/g, (pair) => pair[1]!.toUpperCase()));
  }
});
