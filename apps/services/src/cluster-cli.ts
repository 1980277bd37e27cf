import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Cluster, clusterMissing } from "./cluster.js";

const HELP = `Usage: pnpm cluster [--port <number>] [--nodes <number>]

Three servers on this machine, on one PostgreSQL and one Redis, behind a balancer. Nothing is kept when they end.

  --port <number>   the balancer's port; the servers take the ports behind it, and 0 free ones [8080]
  --nodes <number>  how many servers, 1 to 9 [3]`;

/** Signals within so many milliseconds are one. */
const TWICE_MS = 1_000;

const CLI = fileURLToPath(new URL("../../server/dist/cli.js", import.meta.url));

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8080" },
    nodes: { type: "string", default: "3" },
    help: { type: "boolean", default: false },
  },
});
const [port, nodes] = [Number(values.port), Number(values.nodes)];
const missing = clusterMissing();
if (values.help) console.log(HELP);
else if (
  !(
    Number.isInteger(port) &&
    port >= 0 &&
    port < 65_527 &&
    Number.isInteger(nodes) &&
    nodes > 0 &&
    nodes < 10
  )
) {
  fail(HELP);
} else if (missing !== undefined) fail(missing);
else await run().catch((error: Error) => fail(error.message));

async function run(): Promise<void> {
  const cluster = await Cluster.start({ cli: CLI, port, nodes, detached: true });
  console.log(`balancer    ${cluster.balancer.address}`);
  for (const [at, { address }] of cluster.nodes.entries()) console.log(`server ${at + 1}    ${address}`);
  console.log(`PostgreSQL  ${cluster.postgres.url}`);
  console.log(`Redis       ${cluster.redis.url}`);
  console.log(
    `\nOpen ${cluster.balancer.address}/d/hello in two browsers, and write. Ctrl-C ends everything.`,
  );
  let endingSinceMs: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (endingSinceMs === undefined) void cluster.drain().then(() => process.exit(0));
      // At once: what still runs is killed. One Ctrl-C comes twice where a package manager passes it on as well.
      else if (performance.now() - endingSinceMs > TWICE_MS) process.exit(1);
      endingSinceMs ??= performance.now();
    });
  }
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(2); // Whatever was started goes with it.
}
