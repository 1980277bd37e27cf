import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Who may use whom. A package without a row here may not exist; a private app may use anything. */
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  "packages/crdt-core": [],
  "packages/document": ["crdt-core"],
  "packages/presence": ["crdt-core"],
  "packages/transport": ["crdt-core"],
  "packages/client": ["document", "presence", "transport", "crdt-core"],
  "packages/codemirror": ["client"],
  "packages/storage-lmdb": ["document"],
  "packages/storage-postgres": ["document"],
  "packages/fanout-redis": ["transport"],
  "apps/server": [
    "crdt-core",
    "document",
    "presence",
    "transport",
    "storage-lmdb",
    "storage-postgres",
    "fanout-redis",
  ],
};

/** What a package must not know, whoever publishes it. */
const MUST_NOT_KNOW: Readonly<Record<string, RegExp>> = {
  "packages/crdt-core": /^node:|^ws$/,
  "packages/document": /^node:(net|http|fs)|^ws$|^lmdb$|^pg$|^ioredis$/,
  "packages/presence": /^node:|^ws$/,
  "packages/client": /^lmdb$|^pg$|^ioredis$/,
};

interface Manifest {
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const places = ["packages", "apps"].flatMap((folder) =>
  readdirSync(`${ROOT}${folder}`)
    .map((name) => `${folder}/${name}`)
    .filter((place) => existsSync(`${ROOT}${place}/package.json`)),
);
const published = places.filter((place) => manifest(place).private !== true);

describe.each(published)("%s", (place) => {
  it("has a row in the table of arrows", () => {
    expect(Object.keys(MAY_USE)).toContain(place);
  });

  it("depends on nothing of ours but what its row allows", () => {
    expect(ours(dependencies(place)).filter((name) => !allowed(place, name))).toEqual([]);
  });

  it("imports nothing of ours but what its row allows", () => {
    expect(ours(imports(place)).filter((name) => !allowed(place, name))).toEqual([]);
  });

  it("imports only what its package.json names, and never a neighbour by its folder", () => {
    const own = new Set([...dependencies(place), `@motet/${place.split("/")[1]}`]);
    const foreign = imports(place).filter((name) => !name.startsWith(".") && !name.startsWith("node:"));
    expect(foreign.filter((name) => !own.has(name))).toEqual([]);
    expect(sources(place).flatMap(escapes)).toEqual([]);
  });

  it("does not import what it must not know", () => {
    const forbidden = MUST_NOT_KNOW[place];
    expect(imports(place).filter((name) => forbidden?.test(name) === true)).toEqual([]);
  });
});

it("draws no circle among the packages", () => {
  expect(places.filter((place) => reachable(place).has(place))).toEqual([]);
});

it("has no room for leftovers", () => {
  const leftovers = ["common", "utils", "types", "errors", "config", "shared"];
  expect(places.filter((place) => leftovers.includes(place.split("/")[1] ?? ""))).toEqual([]);
});

function manifest(place: string): Manifest {
  return JSON.parse(readFileSync(`${ROOT}${place}/package.json`, "utf8")) as Manifest;
}

function dependencies(place: string): string[] {
  const { dependencies, peerDependencies, optionalDependencies } = manifest(place);
  return Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
}

function sources(place: string): string[] {
  return readdirSync(`${ROOT}${place}/src`, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => `${place}/src/${file}`);
}

/** Names of what the sources of `place` import, packages by their name without the subpath. */
function imports(place: string): string[] {
  return [...new Set(sources(place).flatMap(specifiers).map(packageName))];
}

function specifiers(file: string): string[] {
  const code = readFileSync(`${ROOT}${file}`, "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
  // Between the keyword and `from` stand only names, braces, commas and stars: text that talks of imports is not one.
  const pattern =
    /^(?:import|export)\s[\w\s{},*$]*?\bfrom\s*["']([^"']+)["']|^import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;
  return [...code.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

function packageName(specifier: string): string {
  if (specifier.startsWith(".") || specifier.startsWith("node:")) return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Relative imports of `file` that leave the `src` folder of its package. */
function escapes(file: string): string[] {
  const depth = file.split("/").length - 4; // packages/<name>/src/<file> is at the top of its src.
  return specifiers(file).filter((specifier) => (specifier.match(/\.\.\//g)?.length ?? 0) > depth);
}

function ours(names: readonly string[]): string[] {
  return names.filter((name) => name.startsWith("@motet/")).map((name) => name.slice("@motet/".length));
}

function allowed(place: string, name: string): boolean {
  return place.endsWith(`/${name}`) || (MAY_USE[place]?.includes(name) ?? false);
}

/** Every place that can be reached from `place` by its dependencies. */
function reachable(place: string): Set<string> {
  const found = new Set<string>();
  const open = [place];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const name of ours(dependencies(next))) {
      const target = places.find((candidate) => candidate.endsWith(`/${name}`));
      if (target === undefined || found.has(target)) continue;
      found.add(target);
      open.push(target);
    }
  }
  return found;
}
