import { afterEach, beforeEach, expect, it } from "vitest";
import { ClockWatch } from "../src/clock-watch.js";
import { type ServerEvent, ServerEvents } from "../src/server-events.js";
import { HeldStore } from "./support/held-store.js";
import { JsonClient } from "./support/json-client.js";
import { TestServer } from "./support/test-server.js";

let store: HeldStore;
let world: TestServer;
beforeEach(async () => {
  store = new HeldStore();
  world = await TestServer.start({
    store,
    limits: { heartbeatTimeoutMs: 3_600_000 },
    adminAddress: { port: 0 },
  });
});
afterEach(async () => {
  store.release("append");
  await world.close();
});

async function ask(path: "/health" | "/ready", port = world.address) {
  const answer = await fetch(port + path);
  return [answer.status, await answer.json()];
}

it("a store that takes longer than a second over a write is a slow one, and no reason to send people elsewhere", async () => {
  const ann = await JsonClient.join(world.address, { user: "ann" });
  store.hold("append");
  ann.insert(0, "slow");
  await world.until(() => store.waiting("append") === 1);
  world.clock.advance(1_000);
  expect(await ask("/health")).toEqual([200, { status: "ok" }]);
  world.clock.advance(1);
  expect(await ask("/health")).toEqual([200, { status: "degraded", problems: ["store slow"] }]);
  expect(await ask("/ready")).toEqual([200, { status: "ready" }]);
  store.release("append");
  await ann.settle();
  expect(await ask("/health")).toEqual([200, { status: "ok" }]);
  await ann.leave();
});

it("a store that refuses keeps new people away, until a write succeeds or ten seconds have passed", async () => {
  const write = async () => {
    const ann = await JsonClient.join(world.address, { user: "ann" });
    ann.insert(0, "x");
    await ann.until(() => ann.errors.length > 0 || ann.acked.size > 0);
    await ann.leave();
  };
  store.break("append");
  await write();
  expect(await ask("/ready")).toEqual([503, { status: "not ready" }]);
  expect(await ask("/health")).toEqual([200, { status: "degraded", problems: ["store failing"] }]);
  world.clock.advance(10_000);
  expect(await ask("/ready")).toEqual([200, { status: "ready" }]);
  await write();
  store.repair("append");
  await write();
  expect(await ask("/ready")).toEqual([200, { status: "ready" }]);
});

it("a server that stops is not ready any more, and says so as long as it has anything to finish", async () => {
  const ann = await JsonClient.join(world.address, { user: "ann" });
  store.hold("append");
  ann.insert(0, "last words");
  await world.until(() => store.waiting("append") === 1);
  const admin = world.server.adminAddress!;
  const closed = world.close();
  expect(await ask("/ready", admin)).toEqual([503, { status: "not ready" }]);
  expect((await ask("/health", admin))[0]).toBe(200);
  store.release("append");
  await closed;
  expect(ann.acked.size).toBe(1);
  await expect(ask("/ready", admin)).rejects.toThrow();
});

it.each([3_600_000, -3_600_000, -1_700_000_000_000])(
  "a jump of the wall clock by %i ms is told, once (H3)",
  (byMs) => {
    const events = new ServerEvents();
    const told: ServerEvent[] = [];
    events.subscribe((event) => told.push(event));
    let [wallMs, monotonicMs] = [1_700_000_000_000, 5];
    const watch = new ClockWatch({ wallMs: () => wallMs, monotonicMs: () => monotonicMs }, events);
    const pass = (ms: number) => {
      wallMs += ms;
      monotonicMs += ms;
      watch.look();
    };
    pass(1_000);
    wallMs += 499; // A clock that is set a little is no jump.
    pass(1_000);
    expect(told).toEqual([]);
    wallMs += byMs;
    pass(1_000);
    pass(1_000);
    expect(told).toEqual([{ type: "clock_jumped", byMs }]);
  },
);
