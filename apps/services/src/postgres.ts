import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.js";
import { findProgram, lesserUser, Program, versionFolders } from "./program.js";

/** A running PostgreSQL of one's own. */
export interface Postgres {
  /** `postgres://user:password@127.0.0.1:port/postgres` */
  readonly url: string;
  readonly port: number;
  /** Of the process whose children serve the connections. */
  readonly pid: number;
  /** Ends it, and removes its data. */
  stop(): Promise<void>;
}

// Debian keeps the server's programs outside of PATH, one folder for each version.
const initdb = () => findProgram("initdb", versionFolders("/usr/lib/postgresql"));
const server = () => findProgram("postgres", versionFolders("/usr/lib/postgresql"));

/** How to get PostgreSQL; `undefined` when it is installed. */
export function postgresMissing(): string | undefined {
  if (initdb() !== undefined && server() !== undefined) return undefined;
  return "PostgreSQL is not installed: apt-get install -y postgresql, or name a running one in DATABASE_URL.";
}

/** What a PostgreSQL is to be. */
export interface PostgresSettings {
  /** @default a free one */
  readonly port?: number;
  /** In a group of its own, which Ctrl-C at a terminal does not reach. @default false */
  readonly detached?: boolean;
}

/** Starts an empty PostgreSQL with the settings that it comes with, so that a commit is a commit to disk. */
export async function startPostgres({ port, detached = false }: PostgresSettings = {}): Promise<Postgres> {
  const missing = postgresMissing();
  if (missing !== undefined) throw new Error(missing);
  const folder = mkdtempSync(join(tmpdir(), "motet-postgres-"));
  const user = lesserUser(); // PostgreSQL refuses root.
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const password = randomBytes(12).toString("hex");
  writeFileSync(join(folder, "password"), password, { mode: 0o644 });
  const data = join(folder, "data");
  const cluster = ["-D", data, "-U", "motet", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"];
  execFileSync(initdb()!, [...cluster, `--pwfile=${join(folder, "password")}`], { ...user, cwd: folder });
  const listens = port ?? (await freePort());
  const settings = ["-h", "127.0.0.1", "-p", `${listens}`, "-k", "", "-c", "max_connections=200"];
  const program = new Program(server()!, ["-D", data, ...settings], { ...user, cwd: folder, detached });
  await program.says("ready to accept connections");
  return {
    url: `postgres://motet:${password}@127.0.0.1:${listens}/postgres`,
    port: listens,
    pid: program.process.pid!,
    stop: async () => {
      await program.end("SIGQUIT");
      rmSync(folder, { recursive: true });
    },
  };
}
