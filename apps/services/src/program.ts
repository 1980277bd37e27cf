import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The path of an installed program; `undefined` when it is not installed. */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  const places = [...(process.env["PATH"] ?? "").split(":"), ...folders].filter((folder) => folder !== "");
  return places.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** The folders of all versions under `root`, the newest first: `root/15/bin`. */
export function versionFolders(root: string): readonly string[] {
  const versions = existsSync(root) ? readdirSync(root) : [];
  return versions
    .sort((left, right) => Number(right) - Number(left))
    .map((version) => join(root, version, "bin"));
}

/** The user under whom a program that refuses root is to run; `undefined` when this process is not root's. */
export function lesserUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user = ["postgres", "nobody"].find((name) => idOf("-u", name) !== undefined);
  if (user === undefined) return undefined;
  return { uid: idOf("-u", user)!, gid: idOf("-g", user)! };
}

function idOf(kind: string, user: string): number | undefined {
  const { status, stdout } = spawnSync("id", [kind, user], { encoding: "utf8" });
  return status === 0 ? Number(stdout) : undefined;
}

/** A child process that ends with this one. Its last words are kept, to be told when it fails. */
export class Program {
  readonly process: ChildProcess;
  #said = "";
  readonly #ended: Promise<unknown>;

  constructor(path: string, args: readonly string[], options: SpawnOptions = {}) {
    this.process = spawn(path, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    this.#ended = once(this.process, "exit");
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.on("data", (chunk: Buffer) => {
        this.#said = (this.#said + chunk).slice(-4_000);
      });
    }
    const kill = () => this.process.kill("SIGKILL");
    process.once("exit", kill);
    this.process.once("exit", () => process.off("exit", kill));
  }

  /** Resolves once it has said `word`. @throws what it said, when it ends before. */
  async says(word: string): Promise<void> {
    while (!this.#said.includes(word)) {
      if (this.process.exitCode !== null) throw new Error(`${this.process.spawnfile} failed:\n${this.#said}`);
      await Promise.race([
        once(this.process.stdout!, "data"),
        once(this.process.stderr!, "data"),
        this.#ended,
      ]);
    }
  }

  /** Sends the signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill(signal);
    await this.#ended;
  }
}
