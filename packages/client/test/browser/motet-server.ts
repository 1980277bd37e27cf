import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../../../apps/server/dist/cli.js", import.meta.url));

/** What a server says of a document over HTTP. */
interface Told {
  readonly text: string;
  readonly counters: Readonly<Record<string, number>>;
}

/** Motet's server, as people run it: a process of its own, which can be killed and started again where it was. */
export class MotetServer {
  readonly #folder: string;
  readonly #origin: string;
  #process: ChildProcess | undefined;
  #address = "";

  /** @param folder Keeps the documents. @param origin Whose pages may connect. */
  constructor(folder: string, origin: string) {
    this.#folder = folder;
    this.#origin = origin;
  }

  /** Where it listens, or listened last. */
  get address(): string {
    return this.#address;
  }

  /** Starts it: on a free port at first, on the same one afterwards. */
  async start(): Promise<void> {
    const port = this.#address === "" ? "0" : new URL(this.#address).port;
    const args = ["--port", port, "--data", this.#folder, "--origins", this.#origin];
    const { HOST: _host, MOTET_TOKENS: _tokens, ...env } = process.env;
    const child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
    this.#process = child;
    this.#address = await addressOf(child);
  }

  /** SIGKILL: it finishes nothing. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "close");
  }

  /** What it has of a document; it has to have it. */
  async tell(document: string): Promise<Told> {
    const response = await fetch(`${this.#address}/api/v1/documents/${document}`);
    if (!response.ok) throw new Error(`the server has no "${document}": ${response.status}`);
    return (await response.json()) as Told;
  }
}

async function addressOf(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const address = /listens on (http:\S+)/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error("the server ended before it listened");
}
