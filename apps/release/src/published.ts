import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A package that is published. */
export interface Published {
  readonly name: string;
  readonly version: string;
  /** Its folder. */
  readonly folder: string;
}

/** Every package of the repository at `root` that is not private, by name. */
export function publishedPackages(root: string): readonly Published[] {
  return ["packages", "apps"]
    .flatMap((floor) => readdirSync(join(root, floor)).map((room) => join(root, floor, room)))
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => ({ folder, manifest: manifestOf(folder) }))
    .filter(({ manifest }) => !manifest.private)
    .map(({ folder, manifest: { name, version } }) => ({ name, version, folder }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}
