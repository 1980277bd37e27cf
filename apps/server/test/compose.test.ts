import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { readCommand } from "../src/config.js";

const operations = fileURLToPath(new URL("../operations/", import.meta.url));
const read = (name: string) => readFileSync(operations + name, "utf8");
const SECRET = randomBytes(32).toString("hex");

/** As much of a Compose file as is looked at. */
interface Compose {
  readonly services: {
    readonly [service: string]: {
      readonly build?: { readonly context: string; readonly dockerfile: string };
      readonly depends_on?: readonly string[] | Record<string, unknown>;
      readonly environment?: Record<string, string>;
      readonly volumes?: readonly string[];
    };
  };
}

const text = read("compose.yaml").replaceAll(
  /\$\{(\w+)(?::[-?]([^}]*))?\}/g,
  (_, name: string, otherwise: string) => (name === "MOTET_SECRET" ? SECRET : otherwise),
);
const { services } = parse(text, { merge: true }) as Compose;

/** What the image sets by itself. */
function imageEnvironment(): Record<string, string> {
  const lines = read("Dockerfile").match(/^ENV (.+)$/gm) ?? [];
  const pairs = lines.flatMap((line) => line.slice(4).split(" ")).map((pair) => pair.split("="));
  return Object.fromEntries(pairs.map(([name, ...value]) => [name, value.join("=")]));
}

it("gives the servers of the Compose file settings that they start with", () => {
  const environment = { ...imageEnvironment(), ...services["server"]?.environment };
  const command = readCommand([], environment, () => "");
  expect(command).toMatchObject({
    config: {
      data: undefined,
      store: `postgres://motet:${SECRET}@postgres/motet`,
      fanout: "redis://redis",
      fanoutSecret: SECRET,
      host: "0.0.0.0",
      auth: "none",
    },
  });
});

it("names services, files and ports that there are", () => {
  const names = Object.keys(services);
  for (const [name, { depends_on = [], build, volumes = [] }] of Object.entries(services)) {
    const needed = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on);
    expect(names, name).toEqual(expect.arrayContaining(needed));
    if (build) expect(existsSync(`${operations}${build.context}/${build.dockerfile}`)).toBe(true);
    const files = volumes.map((volume) => volume.split(":")[0]!).filter((file) => file.startsWith("./"));
    for (const file of files) expect(existsSync(operations + file), file).toBe(true);
  }
  const [, server, port] = /server-template \S+ 1-9 ([a-z-]+):(\d+)/.exec(read("haproxy.cfg")) ?? [];
  expect(names).toContain(server);
  expect(read("Dockerfile")).toContain(`EXPOSE ${port}`);
});

it("starts Node with the same flags in the image, in the unit and where the operating page explains them", () => {
  const [, image] = /^ENTRYPOINT \["node", (.+), "[^"]+"\]$/m.exec(read("Dockerfile")) ?? [];
  const [, unit] = /^ExecStart=\S+ (.+) \S+cli\.js /m.exec(read("motet.service")) ?? [];
  expect(image?.split(", ").map((flag) => JSON.parse(flag))).toEqual(unit?.split(" "));
  expect(read("../docs/operating.md").match(/(?<=^\| `)--[^`]+/gm)).toEqual(
    expect.arrayContaining(unit!.split(" ")),
  );
});
