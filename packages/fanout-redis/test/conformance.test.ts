import { startRedis } from "@motet/services";
import { fanoutLaws } from "@motet/transport/testing";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, it } from "vitest";
import { RedisFanout } from "../src/index.js";
import { hasRedis, newPrefix, secret, url } from "./support.js";

describe.skipIf(!hasRedis)("a fan-out over Redis", () => {
  for (const law of fanoutLaws) {
    it(law.name, () => {
      const prefix = newPrefix();
      return law.check({ node: () => new RedisFanout({ url, secret, prefix }) });
    });
  }
});

describe.skipIf(!hasRedis)("a fan-out over a Redis Cluster", () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  beforeAll(async () => {
    server = await startRedis({ cluster: true });
    const redis = new Redis(server.url);
    await redis.call("CLUSTER", ["ADDSLOTSRANGE", "0", "16383"]);
    while (!`${await redis.call("CLUSTER", ["INFO"])}`.includes("cluster_state:ok")) await redis.ping();
    redis.disconnect();
  });
  afterAll(() => server.stop());

  for (const law of fanoutLaws) {
    it(law.name, () => {
      const prefix = newPrefix();
      return law.check({ node: () => new RedisFanout({ url: server.url, cluster: true, secret, prefix }) });
    });
  }
});
