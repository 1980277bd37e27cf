import { redisMissing, startRedis } from "@motet/services";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where Redis is; empty when there is none and the tests are left out. */
    redisUrl: string;
  }
}

/** A Redis for this project: the one that `REDIS_URL` names, or one of its own. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env["REDIS_URL"];
  const missing = url === undefined ? redisMissing() : undefined;
  if (missing !== undefined && process.env["CI"]) throw new Error(missing);
  if (missing !== undefined) console.warn(`Left out the tests of @motet/fanout-redis. ${missing}`);
  const own = url === undefined && missing === undefined ? await startRedis() : undefined;
  project.provide("redisUrl", url ?? own?.url ?? "");
  return async () => own?.stop();
}
