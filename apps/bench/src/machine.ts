import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, cpus, release, type as systemName, totalmem } from "node:os";
import { join } from "node:path";
import { PACKAGE_FOLDER } from "./places.js";

/** What a reader must know to compare two reports. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly system: string;
  readonly node: string;
}

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGB: Math.round(totalmem() / 1e9),
    system: `${systemName()} ${release()} ${arch()}`,
    node: process.version,
  };
}

/** The commit that is measured, with a note when packages differ from it; "unknown" outside a repository. */
export function measuredCommit(folder: string): string {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: folder, stdio: ["ignore", "pipe", "ignore"] })
      .toString()
      .trim();
  try {
    const changed =
      git("status", "--porcelain", "--", ":/packages", ":/apps/server/src", ":/apps/bench/src") !== "";
    return git("rev-parse", "HEAD") + (changed ? ", with local changes" : "");
  } catch {
    return "unknown";
  }
}

/** The installed version of a dependency of this package, or "missing". */
export function installedVersion(packageName: string): string {
  const manifest = join(PACKAGE_FOLDER, "node_modules", packageName, "package.json");
  try {
    return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
  } catch {
    return "missing";
  }
}
