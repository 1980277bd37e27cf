import { randomBytes } from "node:crypto";
import { Balancer } from "./balancer.js";
import { ClusterNode } from "./cluster-node.js";
import { type Postgres, postgresMissing, startPostgres } from "./postgres.js";
import { type Redis, redisMissing, startRedis } from "./redis.js";
import type { TcpLineFaults } from "./tcp-line.js";

/** What a {@link Cluster} is to be. */
export interface ClusterSettings {
  /** The server's command line program. */
  readonly cli: string;
  /** @default 3 */
  readonly nodes?: number;
  /** Further flags for each server. */
  readonly flags?: readonly string[];
  /** What goes wrong on each server's line to PostgreSQL. */
  readonly faults?: TcpLineFaults;
  /** Each process in a group of its own, which Ctrl-C at a terminal does not reach: whoever started the cluster ends it. @default false */
  readonly detached?: boolean;
  /** The balancer's port; the servers take those behind it. 0 takes free ones. @default 0 */
  readonly port?: number;
}

/** What is missing for a cluster on this machine, and how to get it; `undefined` when everything is there. */
export function clusterMissing(): string | undefined {
  const missing = [postgresMissing(), redisMissing()].filter((one) => one !== undefined);
  return missing.length === 0 ? undefined : missing.join(" ");
}

/** PostgreSQL, Redis, servers and a balancer on loopback, each a process of its own but the balancer. */
export class Cluster {
  readonly postgres: Postgres;
  readonly redis: Redis;
  readonly nodes: readonly ClusterNode[];
  readonly balancer: Balancer;

  private constructor(postgres: Postgres, redis: Redis, nodes: readonly ClusterNode[], balancer: Balancer) {
    this.postgres = postgres;
    this.redis = redis;
    this.nodes = nodes;
    this.balancer = balancer;
  }

  /** Starts everything, and resolves once the servers listen. @throws when PostgreSQL or Redis is not installed. */
  static async start(options: ClusterSettings): Promise<Cluster> {
    const { cli, nodes = 3, flags = [], faults, port, detached = false } = options;
    const [postgres, redis] = await Promise.all([startPostgres({ detached }), startRedis({ detached })]);
    const secret = randomBytes(24).toString("base64url");
    const started: ClusterNode[] = [];
    // One after the other: the first one makes the tables.
    for (let at = 1; at <= nodes; at++) {
      const settings = { cli, postgres, redis, secret, flags, faults, detached };
      started.push(await ClusterNode.start({ ...settings, port: port ? port + at : undefined }));
    }
    const addresses = started.map(({ address }) => address);
    return new Cluster(postgres, redis, started, await Balancer.over(addresses, port));
  }

  /** Ends the servers as an operator would, and then the rest. */
  async drain(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.end("SIGTERM")));
    await this.stop();
  }

  /** Ends everything at once, and removes its data. */
  async stop(): Promise<void> {
    await this.balancer.close();
    await Promise.all(this.nodes.map((node) => node.stop()));
    await Promise.all([this.postgres.stop(), this.redis.stop()]);
  }
}
