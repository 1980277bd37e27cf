import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { pinnedCommand } from "../pinned-process.js";
import type { Peer } from "./peers.js";

const START_MS = 15_000;
const STOP_MS = 10_000;

/** Where a server runs. */
export interface ServerPlace {
  readonly peer: Peer;
  readonly node: string;
  /** Options of Node itself. */
  readonly nodeOptions: readonly string[];
  readonly folder: string;
  /** The core to stay on; `undefined` leaves it to the system. */
  readonly core: number | undefined;
}

/** A server in a process of its own, on loopback. */
export class ServerProcess {
  readonly address: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.address = `ws://127.0.0.1:${port}`;
  }

  /** Starts it, and waits until it listens. @throws {Error} with what it wrote, when it does not. */
  static async start({ peer, node, nodeOptions, folder, core }: ServerPlace): Promise<ServerProcess> {
    const port = await freePort();
    const [program, ...args] = pinnedCommand([node, ...nodeOptions, ...peer.command(port, folder)], core);
    const child = spawn(program!, args, { stdio: ["ignore", "pipe", "pipe"], env: quietly(process.env) });
    let said = "";
    child.stderr!.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2_000);
    });
    const ended = once(child, "exit").then(() =>
      Promise.reject(new Error(`${peer.name} did not start: ${said}`)),
    );
    const timeout = AbortSignal.timeout(START_MS);
    await Promise.race([once(child.stdout!, "data", { signal: timeout }), ended]);
    ended.catch(() => {}); // It is to end, later.
    child.stdout!.resume();
    return new ServerProcess(child, port);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Ends it: politely, so that it can store what it has, and after a while regardless. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const deadline = setTimeout(() => this.#child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(deadline);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function quietly(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...environment, NODE_ENV: "production", NODE_NO_WARNINGS: "1" };
}
