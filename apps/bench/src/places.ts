/** Where things are, from the sources as well as from `dist`. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this package. */
export const PACKAGE_FOLDER = nearestPackage(dirname(fileURLToPath(import.meta.url)));

/** The root of the repository. */
export const REPOSITORY_FOLDER = join(PACKAGE_FOLDER, "..", "..");

/** The report in the repository. */
export const RESULTS_FILE = join(PACKAGE_FOLDER, "RESULTS.md");

/** The file that runs in a measuring process of the text half. */
export const TEXT_WORKER = join(PACKAGE_FOLDER, "dist", "text", "worker.js");

/** The load generator. */
export const LOAD_GENERATOR = join(PACKAGE_FOLDER, "dist", "server", "generator", "worker.js");

/** The file that watches the disk. */
export const DISK_WATCHER = join(PACKAGE_FOLDER, "dist", "server", "watcher.js");

/** Motet's server, as it is published. */
export const MOTET_SERVER = join(REPOSITORY_FOLDER, "apps", "server", "dist", "cli.js");

/** The servers of others: a folder for each, with what it needs. */
export const PEERS_FOLDER = join(PACKAGE_FOLDER, "peers");

/** The charts of the report. */
export const CHARTS_FOLDER = join(PACKAGE_FOLDER, "charts");

function nearestPackage(folder: string): string {
  return existsSync(join(folder, "package.json")) ? folder : nearestPackage(dirname(folder));
}
