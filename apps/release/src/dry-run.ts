import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./command.js";
import { publishedPackages } from "./published.js";
import { packAll, type Tarball } from "./tarballs.js";

/**
 * What a release of the committed state would publish, package by package. Nothing of the repository at `root` changes, and
 * nothing leaves the machine.
 */
export function rehearse(root: string): string {
  const folder = mkdtempSync(join(tmpdir(), "motet-release-"));
  const copy = join(folder, "motet");
  try {
    run("git", ["clone", "--quiet", "--no-hardlinks", root, copy], folder);
    const before = new Map(publishedPackages(copy).map(({ name, version }) => [name, version]));
    const quietly = { ...process.env, TURBO_TELEMETRY_DISABLED: "1" };
    run("npx", ["--yes", "pnpm@10.34.9", "install", "--frozen-lockfile", "--prod=false"], copy, quietly);
    run("npx", ["changeset", "version"], copy, quietly);
    run("npx", ["turbo", "run", "build", "--output-logs=errors-only"], copy, quietly);
    const tarballs = packAll(copy, folder);
    for (const tarball of tarballs) publishDry(tarball, folder);
    return tarballs.map((tarball) => line(tarball, before.get(tarball.name) ?? "")).join("");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asks npm everything it asks before it sends a package, and sends nothing. */
function publishDry({ file }: Tarball, cwd: string): void {
  run(
    "npm",
    ["publish", file, "--dry-run", "--access", "public", "--provenance=false", "--tag", "latest"],
    cwd,
  );
}

function line({ name, version, file }: Tarball, before: string): string {
  const kilobytes = (statSync(file).size / 1_000).toFixed(0);
  const change = version === before ? `${version} stays` : `${before} -> ${version}`;
  return `${name.padEnd(26)} ${change.padEnd(18)} ${kilobytes.padStart(6)} kB\n`;
}
