import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { chromiumMissing, startChromium } from "@motet/services";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { REPOSITORY } from "../src/places.js";
import { type Published, publishedPackages } from "../src/published.js";
import { packAll } from "../src/tarballs.js";
import { readGuide } from "./support/guide.js";
import { readmeProgram, required } from "./support/program.js";
import { Stranger } from "./support/stranger.js";

const packages = publishedPackages(REPOSITORY);
/** Their programs want a service or a browser; that they load is all that is tried here. Their own tests run them. */
const NEED_MORE = ["@motet/codemirror", "@motet/fanout-redis", "@motet/storage-postgres"];
const runnable = packages.filter(({ name }) => !NEED_MORE.includes(name));
const isCI = process.env["CI"] === "true";
/** Others are fetched from npm, which is for the gate. */
const majors = isCI ? [20, 22, 24] : [];
const PERMITTED = ["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD", "BlueOak-1.0.0"];

const stranger = new Stranger();
const nodes = new Map([["this Node", process.execPath]]);

beforeAll(() => {
  const tarballs = packAll(REPOSITORY, stranger.folder);
  const editor = { codemirror: "^6.0.0", "@codemirror/state": "^6.5.0", "@codemirror/view": "^6.36.0" };
  stranger.install(tarballs, {
    ...editor,
    esbuild: "^0.27.0",
    react: "^19.0.0",
    "react-dom": "^19.0.0",
    "@types/react": "^19.0.0",
    "@types/react-dom": "^19.0.0",
    typescript: "7.0.2",
    "@types/node": "^20.19.0",
    "@types/ws": "^8.18.1",
  });
  for (const major of majors) nodes.set(`Node ${major}`, stranger.node(major));
}, 300_000);

// Three versions of Node and everything installed: on a busy disk that takes longer than hooks usually may.
afterAll(() => rmSync(stranger.folder, { recursive: true, force: true }), 120_000);

describe.each(["this Node", ...majors.map((major) => `Node ${major}`)])("on %s", (version) => {
  it.each(packages.map(({ name }) => name))("%s is the same by import and by require", (name) => {
    const program = `
      import { createRequire } from "node:module";
      const imported = Object.keys(await import("${name}")).sort();
      const required = Object.keys(createRequire(import.meta.url)("${name}")).filter((key) => key !== "__esModule").sort();
      console.log(JSON.stringify([imported, required]));`;
    const file = stranger.write("both.mjs", program);
    const [imported, byRequire] = JSON.parse(stranger.run(nodes.get(version)!, ["--no-warnings", file]));
    expect(imported.length).toBeGreaterThan(0);
    expect(byRequire).toEqual(imported);
  });

  it.each(runnable.map(({ name }) => name))("%s runs the program of its README, as a module", (name) => {
    const { program, output } = readmeProgram(packages.find((each) => each.name === name)!)!;
    const file = stranger.write("program.mjs", program);
    expect(stranger.run(nodes.get(version)!, ["--no-warnings", file])).toBe(output);
  });

  it.each(runnable.map(({ name }) => name))("%s runs the program of its README, as CommonJS", (name) => {
    const { program, output } = readmeProgram(packages.find((each) => each.name === name)!)!;
    const file = stranger.write("program.cjs", required(program));
    expect(stranger.run(nodes.get(version)!, ["--no-warnings", file])).toBe(output);
  });
});

describe.each([
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
])("TypeScript with module %s, resolution %s", (module, resolution) => {
  const page = "es2023,dom,dom.iterable";
  const check = (files: readonly string[], flags: readonly string[], lib = page): string => {
    const common = ["--noEmit", "--target", "es2022", "--types", "node", "--lib", lib];
    const how = ["--module", module, "--moduleResolution", resolution];
    const tsc = join(stranger.folder, "node_modules", ".bin", "tsc");
    return stranger.run(tsc, [...common, ...how, ...flags, ...files]);
  };

  it("finds the types of every package, in its strictest mood", () => {
    expect(check(packages.map(useOf), ["--strict"])).toBe("");
  });

  it("finds those of every package but the editor's where there is no page", () => {
    const forNode = packages.filter(({ name }) => name !== "@motet/codemirror");
    expect(check(forNode.map(useOf), ["--strict"], "es2023")).toBe("");
  });

  it("finds nothing wrong with the page in React, in its strictest mood", () => {
    const files = [...readGuide("react").files].filter(([name]) => /\.tsx?$/.test(name));
    const written = files.map(([name, text]) => stranger.write(name, text));
    const flags = [
      "--strict",
      "--exactOptionalPropertyTypes",
      "--noUncheckedIndexedAccess",
      "--skipLibCheck",
    ];
    expect(check(written, [...flags, "--jsx", "react-jsx"])).toBe("");
  });

  it("finds nothing wrong with the programs of the READMEs", () => {
    const files = packages.flatMap((each, at) => {
      const text = readmeProgram(each)?.program;
      return text === undefined ? [] : [stranger.write(`program-${at}.mjs`, text)];
    });
    expect(check(files, ["--allowJs", "--checkJs", "--strict", "false"])).toBe("");
  });
});

describe("what is installed", () => {
  it("has a licence that its users can live with, everything that it stands on included", () => {
    const licences = new Map(installed(join(stranger.folder, "node_modules")));
    const others = [...licences].filter(([, licence]) => !permitted(licence));
    expect(others).toEqual([]);
    expect(licences.size).toBeGreaterThan(packages.length);
  });

  it.each(packages.map(({ name }) => name))(
    "%s says what it is, where it comes from, and on what terms",
    (name) => {
      const folder = join(stranger.folder, "node_modules", name);
      expect(readdirSync(folder)).toEqual(expect.arrayContaining(["LICENSE", "README.md", "dist"]));
      const { description, keywords, license, homepage, bugs, repository, engines } = manifestOf(folder);
      expect([license, engines, bugs]).toEqual([
        "MIT",
        { node: ">=20.19.0" },
        expect.stringContaining("/issues"),
      ]);
      expect([description.length > 20, keywords.length > 3]).toEqual([true, true]);
      expect(homepage).toContain(`/${repository.directory}#readme`);
    },
  );

  it("runs nothing of ours while it is installed", () => {
    const scripts = packages.flatMap(({ name }) =>
      Object.keys(manifestOf(join(stranger.folder, "node_modules", name)).scripts ?? {}),
    );
    expect(scripts.filter((script) => /install|prepare|prepublish/.test(script))).toEqual([]);
  });

  it("starts the server by its command", () => {
    const server = ["--no-install", "motet-server", "--version"];
    expect(stranger.run("npx", server).trim()).toBe(
      packages.find(({ name }) => name === "@motet/server")!.version,
    );
  });
});

describe("the way from an empty folder to two browsers", () => {
  const missing = chromiumMissing();
  let server: ChildProcess | undefined;
  let browser: Browser | undefined;
  afterEach(async () => {
    await browser?.close();
    server?.kill();
  });

  /** Does what a guide says, and opens its page for two people. */
  async function follow(...guides: ("getting-started" | "react")[]): Promise<readonly Page[]> {
    const { dependencies } = JSON.parse(readFileSync(join(stranger.folder, "package.json"), "utf8"));
    for (const { packages: needed, files, build } of guides.map(readGuide)) {
      expect(needed.filter((name) => dependencies[name] === undefined)).toEqual([]);
      for (const [name, text] of files) stranger.write(name, text);
      stranger.run("npx", ["--no-install", ...build]);
    }
    const env = { ...process.env, PORT: "0" };
    server = spawn(process.execPath, ["server.mjs"], { cwd: stranger.folder, env });
    const [said] = await once(server.stdout!, "data");
    const address = /http:\S+/.exec(String(said))![0];
    browser = await startChromium();
    const page = async () => (await browser!.newContext()).newPage();
    const pages = await Promise.all([page(), page()]);
    for (const each of pages) await each.goto(address);
    return pages;
  }

  it("can be tried with a real browser", (context) => {
    if (missing !== undefined && !isCI) context.skip(missing);
    expect(missing).toBeUndefined();
  });

  describe.skipIf(missing !== undefined)("ends where the guide says", () => {
    it("what one types, the other sees, and is saved", async () => {
      const [left, right] = await follow("getting-started");
      await left!.locator(".cm-content").pressSequentially("hello");
      await right!.locator(".cm-line", { hasText: "hello" }).waitFor();
      await left!.locator("#state", { hasText: "saved" }).waitFor();
      await right!.locator("#people", { hasText: /Ann|Bob|Cleo|Dan/ }).waitFor();
    });

    it("the same in React, with a field and one's own undo", async () => {
      const [left, right] = await follow("getting-started", "react");
      const errors: Error[] = [];
      for (const page of [left!, right!]) page.on("pageerror", (error) => errors.push(error));
      await left!.locator(".cm-content").pressSequentially("react ");
      await right!.locator(".cm-line", { hasText: "react" }).waitFor();
      await right!.getByRole("checkbox").check();
      await left!.locator("input:checked").waitFor();
      await right!.getByRole("button", { name: "Undo" }).click();
      await left!.locator("input:not(:checked)").waitFor();
      await left!.locator("#state", { hasText: "saved" }).waitFor();
      await right!.locator("#people", { hasText: /Ann|Bob|Cleo|Dan/ }).waitFor();
      expect(errors).toEqual([]);
    });
  });
});

/** A file that imports all of a package. */
function useOf({ name }: Published): string {
  return stranger.write(
    `types-${name.split("/").at(-1)}.mts`,
    `import * as all from "${name}";\nconsole.log(all);\n`,
  );
}

/** A dual licence is fine when one of the two is. */
function permitted(licence: string): boolean {
  return licence
    .replace(/[()]/g, "")
    .split(" OR ")
    .some((one) => PERMITTED.includes(one));
}

/** What npm shows of a package. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly license: string;
  readonly homepage: string;
  readonly bugs: string;
  readonly repository: { readonly directory: string };
  readonly engines: { readonly node: string };
  readonly scripts?: object;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** Every package in a `node_modules` folder, with its licence. */
function installed(folder: string): [string, string][] {
  const rooms = readdirSync(folder).filter((name) => !name.startsWith("."));
  return rooms.flatMap((name) => {
    if (name.startsWith("@")) return installed(join(folder, name));
    const { name: full, version, license } = manifestOf(join(folder, name));
    return [[`${full}@${version}`, String(license)] as [string, string]];
  });
}
