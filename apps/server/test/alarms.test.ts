import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { TestServer } from "./support/test-server.js";

it("every alarm is about a metric that there is (J11)", async () => {
  const rules = readFileSync(new URL("../operations/prometheus-rules.yml", import.meta.url), "utf8");
  const named = new Set([...rules.matchAll(/\b(?:motet|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name));
  expect(named.size).toBeGreaterThan(12);
  const world = await TestServer.start();
  const text = await (await fetch(`${world.address}/metrics`)).text();
  const there = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  expect([...named].filter((name) => !there.has(name.replace(/_bucket$/, "")))).toEqual([]);
  await world.close();
});
