import { freePort } from "./free-port.js";
import type { Postgres } from "./postgres.js";
import { Program } from "./program.js";
import type { Redis } from "./redis.js";
import { TcpLine, type TcpLineFaults } from "./tcp-line.js";

/** What a server of a cluster is started with. */
export interface ClusterNodeSettings {
  /** The server's command line program. */
  readonly cli: string;
  readonly postgres: Postgres;
  readonly redis: Redis;
  /** What all servers of the cluster share. */
  readonly secret: string;
  /** In a group of its own, which Ctrl-C at a terminal does not reach. */
  readonly detached: boolean;
  /** Further flags. */
  readonly flags: readonly string[];
  /** What goes wrong on the line to PostgreSQL. */
  readonly faults?: TcpLineFaults | undefined;
  /** @default a free one */
  readonly port?: number | undefined;
}

/** One server of a cluster: a process of its own, and lines of its own to PostgreSQL and Redis that can be cut. It keeps its address over restarts. */
export class ClusterNode {
  readonly address: string;
  readonly toPostgres: TcpLine;
  readonly toRedis: TcpLine;
  readonly #args: readonly string[];
  readonly #secret: string;
  readonly #detached: boolean;
  #program: Program | undefined;

  private constructor(settings: ClusterNodeSettings, port: number, toPostgres: TcpLine, toRedis: TcpLine) {
    const { cli, postgres, redis, secret, flags, detached } = settings;
    this.address = `http://127.0.0.1:${port}`;
    this.toPostgres = toPostgres;
    this.toRedis = toRedis;
    this.#secret = secret;
    this.#detached = detached;
    const store = at(postgres.url, toPostgres.port);
    const fanout = at(redis.url, toRedis.port);
    this.#args = [cli, "--port", `${port}`, "--store", store, "--fanout", fanout, ...flags];
  }

  /** Starts a server and resolves once it listens. */
  static async start(settings: ClusterNodeSettings): Promise<ClusterNode> {
    const { postgres, redis, faults, port = await freePort() } = settings;
    const lines = [TcpLine.to(postgres.port, faults), TcpLine.to(redis.port)] as const;
    const [toPostgres, toRedis] = await Promise.all(lines);
    const node = new ClusterNode(settings, port, toPostgres, toRedis);
    await node.start();
    return node;
  }

  /** Starts it again after it has ended. @throws what it said, when it ends before it listens. */
  async start(): Promise<void> {
    const { PORT: _port, HOST: _host, MOTET_DATA: _data, ...inherited } = process.env;
    const env = { ...inherited, MOTET_FANOUT_SECRET: this.#secret };
    this.#program = new Program(process.execPath, this.#args, { env, detached: this.#detached });
    await this.#program.says("listens on");
  }

  /** Sends a signal and goes on. */
  signal(name: NodeJS.Signals): void {
    this.#program?.process.kill(name);
  }

  /** Sends a signal and waits for the end. @returns The exit status; `null` when the signal killed it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    await this.#program?.end(signal);
    return this.#program?.process.exitCode ?? null;
  }

  /** Ends it however it stands, and hangs up. */
  async stop(): Promise<void> {
    await this.end("SIGKILL");
    await Promise.all([this.toPostgres.close(), this.toRedis.close()]);
  }
}

/** The same service behind another port of this machine. */
function at(url: string, port: number): string {
  return url.replace(/:\d+(\/|$)/, `:${port}$1`);
}
