/**
 * PostgreSQL and Redis as child processes on loopback, each in a folder of its own that goes with it, a line between that can be cut, a cluster of servers
 * on these, and a browser with what it is to run.
 *
 * ```ts
 * const postgres = await startPostgres(); // PostgreSQL and Redis must be installed: `missing` says how.
 * const line = await TcpLine.to(postgres.port); // What connects to line.port reaches the database, until line.cut().
 * await postgres.stop();
 * ```
 * @packageDocumentation
 */
export { Balancer } from "./balancer.js";
export { bundle } from "./bundle.js";
export { chromiumMissing, startChromium } from "./chromium.js";
export { Cluster, type ClusterSettings, clusterMissing } from "./cluster.js";
export { ClusterNode, type ClusterNodeSettings } from "./cluster-node.js";
export { freePort } from "./free-port.js";
export { type Postgres, type PostgresSettings, postgresMissing, startPostgres } from "./postgres.js";
export { type Redis, type RedisSettings, redisMissing, startRedis } from "./redis.js";
export { TcpLine, type TcpLineFaults } from "./tcp-line.js";
