import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.js";
import { findProgram, Program } from "./program.js";

/** A running Redis of one's own. */
export interface Redis {
  /** `redis://127.0.0.1:port` */
  readonly url: string;
  readonly port: number;
  /** Sends one command, such as `CLIENT KILL TYPE pubsub`, and resolves with the answer as Redis writes it. */
  ask(command: string): Promise<string>;
  /** Ends it at once, as a crash would; {@link start} brings it back on the same port. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it, and removes its data. */
  stop(): Promise<void>;
}

/** How to get Redis; `undefined` when it is installed. */
export function redisMissing(): string | undefined {
  if (findProgram("redis-server") !== undefined) return undefined;
  return "Redis is not installed: apt-get install -y redis-server, or name a running one in REDIS_URL.";
}

/** What a Redis is to be. */
export interface RedisSettings {
  /** @default a free one */
  readonly port?: number;
  /** A node of a Redis Cluster that has no slots yet. @default false */
  readonly cluster?: boolean;
  /** In a group of its own, which Ctrl-C at a terminal does not reach. @default false */
  readonly detached?: boolean;
}

/** Starts an empty Redis that keeps nothing on disk. */
export async function startRedis({
  port,
  cluster = false,
  detached = false,
}: RedisSettings = {}): Promise<Redis> {
  const missing = redisMissing();
  if (missing !== undefined) throw new Error(missing);
  const folder = mkdtempSync(join(tmpdir(), "motet-redis-"));
  const listens = port ?? (await freePort());
  const settings = ["--port", `${listens}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  if (cluster) settings.push("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1");
  let program: Program;
  const start = async () => {
    program = new Program(findProgram("redis-server")!, settings, { cwd: folder, detached });
    await program.says("Ready to accept connections");
  };
  await start();
  return {
    url: `redis://127.0.0.1:${listens}`,
    port: listens,
    ask: (command) => ask(listens, command),
    start,
    kill: () => program.end("SIGKILL"),
    stop: async () => {
      await program.end("SIGKILL");
      rmSync(folder, { recursive: true });
    },
  };
}

/** QUIT behind it has Redis hang up once it has answered. */
async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(`${command}\r\nQUIT\r\n`);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  return answer;
}
