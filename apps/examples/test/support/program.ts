import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** One of the examples, run as its reader would run it. */
export class Program {
  readonly #child: ChildProcess;
  /** Everything it has said, on either stream. */
  output = "";

  constructor(name: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const file = fileURLToPath(new URL(`../../src/${name}`, import.meta.url));
    this.#child = spawn(process.execPath, [file, ...args], { env: { ...process.env, ...environment } });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    }
  }

  /** Types `line`. */
  type(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** Ends its input. */
  finish(): void {
    this.#child.stdin!.end();
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves with what it was, once it has said something that matches. Rejects when it ends before. */
  async says(what: RegExp | string): Promise<RegExpMatchArray> {
    for (;;) {
      const found = this.output.match(what);
      if (found !== null) return found;
      if (!this.#isRunning) throw new Error(`the program ended: ${this.output}`);
      const streams = [this.#child.stdout!, this.#child.stderr!];
      await Promise.race([...streams.map((stream) => once(stream, "data")), once(this.#child, "close")]);
    }
  }

  /** Its exit status, once it has ended by itself. */
  async ended(): Promise<number | null> {
    if (this.#isRunning) await once(this.#child, "close");
    return this.#child.exitCode;
  }

  /** Ends it however it stands. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended();
  }

  get #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }
}
