import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Cluster, clusterMissing } from "@motet/services";
import { random, seedOr } from "@motet/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ClusterCrowd, until } from "./support/cluster-crowd.js";
import { Editor } from "./support/cluster-writers.js";

// Real servers, a real PostgreSQL and a real Redis. `pnpm --filter @motet/server cluster-faults` has the long form, and says how long things took.

const isLong = process.env["CLUSTER_FAULTS"] === "long";
/** Tokens of each writer that are acknowledged while something is wrong. */
const TOKENS = isLong ? 60 : 6;
const EDITORS = isLong ? 200 : 24;
/** Longer than a server may be silent to itself before it takes itself for one that was paused. */
const PAUSE_MS = isLong ? 30_000 : 9_000;
const seed = seedOr(8);

const missing = clusterMissing();
if (missing !== undefined && process.env["CI"]) throw new Error(missing);
if (missing !== undefined) console.warn(`Left out the tests of a cluster. ${missing}`);

let cluster: Cluster;
let crowd: ClusterCrowd | undefined;
/** Whether an answer of PostgreSQL to this is to be lost, and the line with it. */
let losesAnswerTo = (_: Buffer): boolean => false;

beforeAll(async () => {
  if (missing !== undefined) return;
  const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
  const faults = { cutsAnswerTo: (chunk: Buffer) => losesAnswerTo(chunk) };
  cluster = await Cluster.start({ cli, faults, flags: ["--log-level=warn", "--compact-entries=64"] });
});
afterEach(async () => {
  await crowd?.leave();
  crowd = undefined;
});
afterAll(() => cluster?.stop());

const nodes = () => cluster.nodes.map(({ address }) => address);
const balancer = () => [cluster.balancer.address];

/** People write while `fault` comes and goes; in the end each server has each of their tokens once. */
async function survives(
  name: string,
  addresses: readonly string[],
  fault: (writing: ClusterCrowd) => Promise<unknown>,
  people = 9,
): Promise<void> {
  crowd = await ClusterCrowd.join(addresses, name, people);
  await crowd.untilAcknowledged(2);
  await fault(crowd);
  const convergedMs = await crowd.converge();
  await crowd.check(nodes());
  const { acked, gapMsMax } = crowd;
  if (isLong) {
    const gap = `longest time without a line ${Math.round(gapMsMax)} ms`;
    console.log(
      `${name}: ${acked} tokens acknowledged, all there once; the same everywhere ${convergedMs} ms after all was well; ${gap}`,
    );
  }
}

describe.skipIf(missing !== undefined)(
  "no acknowledged token is lost or doubled, and everybody sees the same",
  { timeout: 180_000 },
  () => {
    it("while Redis is killed and started again (G1, G2, G3)", () =>
      survives("redis-killed", nodes(), async (writing) => {
        await cluster.redis.kill();
        await writing.untilAcknowledged(TOKENS);
        await writing.rest(); // Nothing comes afterwards that would show what is missing.
        await cluster.redis.start();
        writing.healed();
        await allHear();
      }));

    it("while Redis throws the servers out, now the ears and now the mouths (G2)", () =>
      survives("redis-clients-killed", nodes(), async (writing) => {
        for (const type of ["pubsub", "normal", "pubsub"]) {
          await writing.untilAcknowledged(TOKENS);
          await cluster.redis.ask(`CLIENT KILL TYPE ${type}`);
        }
        writing.healed();
      }));

    it("while one server is cut off from Redis, and from nothing else (G1, G3)", () =>
      survives("redis-partition", nodes(), async (writing) => {
        await cluster.nodes[0]!.toRedis.sever();
        await writing.untilAcknowledged(TOKENS);
        await writing.rest();
        await cluster.nodes[0]!.toRedis.mend();
        writing.healed();
        await allHear();
      }));

    it("while one server takes in nothing of what Redis tells it, and holds nobody up (G1, G9)", () =>
      survives("redis-unread", nodes(), async (writing) => {
        cluster.nodes[2]!.toRedis.hold();
        await writing.untilAcknowledged(2 * TOKENS);
        await writing.rest();
        cluster.nodes[2]!.toRedis.resume();
        writing.healed();
      }));

    it(`while connections to PostgreSQL break between a commit and its answer (F9, F10), seed ${seed}`, async () => {
      const rng = random(seed);
      let cuts = 0;
      const losing = (chunk: Buffer) => {
        const isLost = chunk.includes("append") && rng.int(4) === 0;
        if (isLost) cuts++;
        return isLost;
      };
      await survives("answers-lost", nodes(), async (writing) => {
        losesAnswerTo = losing;
        await writing.untilAcknowledged(2 * TOKENS);
        losesAnswerTo = () => false;
        writing.healed();
      });
      expect(cuts).toBeGreaterThan(10);
    });

    it("while PostgreSQL cannot be reached by anybody, and who comes meanwhile waits (F10)", () =>
      survives("database-away", nodes(), async (writing) => {
        await Promise.all(cluster.nodes.map(({ toPostgres }) => toPostgres.sever()));
        const late = new Editor(nodes()[0]!, "database-away", "late");
        await until(() => writing.writers.every(({ sent, acked }) => sent > acked));
        await Promise.all(cluster.nodes.map(({ toPostgres }) => toPostgres.mend()));
        writing.healed();
        await writing.untilAcknowledged(2);
        await until(() => late.text.includes("user0:1>"));
        await late.leave();
      }));

    it("while a server is killed, whose people are gone within 30 s and go on elsewhere (G6, G10)", () =>
      survives("server-killed", balancer(), async (writing) => {
        const killed = cluster.nodes[1]!;
        const guest = new Editor(killed.address, "server-killed-too", "guest");
        const witness = new Editor(nodes()[0]!, "server-killed-too", "witness");
        await until(() => witness.people.includes("guest"));
        await killed.end("SIGKILL");
        await writing.untilAcknowledged(TOKENS);
        await until(() => !witness.people.includes("guest"));
        await Promise.all([guest.leave(), witness.leave()]);
        await killed.start();
        await cluster.balancer.until(killed.address, true);
        writing.healed();
        await writing.untilAcknowledged(2);
      }));

    it(`while a server is stopped for ${PAUSE_MS / 1_000} s and goes on, and holds nobody up (G8, G9)`, () =>
      survives("server-stopped", nodes(), async (writing) => {
        const [stopped] = cluster.nodes;
        stopped!.signal("SIGSTOP");
        const resumed = wait(PAUSE_MS).then(() => stopped!.signal("SIGCONT"));
        const elsewhere = writing.writers.filter(({ address }) => address !== stopped!.address);
        await writing.untilAcknowledged(TOKENS, elsewhere);
        await resumed;
        writing.healed();
      }));

    it("while a server is drained (J1)", () =>
      survives("server-drained", balancer(), async (writing) => {
        const [, , drained] = cluster.nodes;
        expect(await drained!.end("SIGTERM")).toBe(0);
        await writing.untilAcknowledged(TOKENS);
        await drained!.start();
        await cluster.balancer.until(drained!.address, true);
        writing.healed();
      }));

    it(`while all servers are restarted one after the other under ${EDITORS} editors (J4)`, () =>
      survives(
        "rolling-restart",
        balancer(),
        async (writing) => {
          for (const node of cluster.nodes) {
            expect(await node.end("SIGTERM")).toBe(0);
            await node.start();
            await cluster.balancer.until(node.address, true);
            if (node !== cluster.nodes.at(-1)) await writing.untilAcknowledged(1); // Everybody is back.
          }
          writing.healed();
        },
        EDITORS,
      ));
  },
);

/** Resolves once every server hears the others. */
async function allHear(): Promise<void> {
  for (const address of nodes()) {
    for (let health = ""; health !== '{"status":"ok"}'; ) {
      health = await (await fetch(`${address}/health`)).text();
      if (health !== '{"status":"ok"}') await wait(20);
    }
  }
}
