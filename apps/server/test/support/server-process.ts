import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

/**
 * The server as people run it: a process of its own. Without its self-test, unless MOTET_NO_SELF_TEST says so: the store's first calls are the
 * test's.
 */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #end = () => this.#child.kill("SIGKILL");
  /** Everything it has said, on either stream. */
  output = "";

  /** @param wrapper The command that runs it, and becomes it: `strace -D` does. */
  constructor(
    args: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
    wrapper: readonly string[] = [],
  ) {
    const { PORT: _port, HOST: _host, MOTET_DATA: _data, ...inherited } = process.env;
    const [command, ...rest] = [...wrapper, process.execPath, CLI, ...args];
    this.#child = spawn(command!, rest, {
      env: { ...inherited, MOTET_NO_SELF_TEST: "true", ...environment },
    });
    process.once("exit", this.#end); // A test run that is cut off leaves nobody behind.
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    }
  }

  /** Starts a server on a free port, its documents in memory, and resolves with it and its address once it listens. */
  static async start(): Promise<{ server: ServerProcess; address: string }> {
    const server = new ServerProcess(["--port", "0", "--memory"]);
    return { server, address: await server.address() };
  }

  /** The address that it prints. Rejects when it ends before. */
  async address(): Promise<string> {
    return (await this.says(/listens on (https?:\S+)/))[1]!;
  }

  /** Resolves once it has said something that matches. Rejects when it ends before. */
  async says(what: RegExp | string): Promise<RegExpMatchArray> {
    for (;;) {
      const found = this.output.match(what);
      if (found !== null) return found;
      if (!this.isRunning) throw new Error(`the server ended: ${this.output}`);
      const streams = [this.#child.stdout!, this.#child.stderr!];
      await Promise.race([...streams.map((stream) => once(stream, "data")), once(this.#child, "close")]);
    }
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Memory of the process that is in RAM, in bytes; Linux only. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Its exit status, once it has ended by itself. */
  async exitCode(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "close");
    return this.#child.exitCode;
  }

  /** Ends it however it stands, for the clean-up after a test. */
  async kill(): Promise<void> {
    this.#end();
    process.off("exit", this.#end);
    await this.exitCode();
  }
}
