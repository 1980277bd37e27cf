import { afterEach, beforeEach, expect, it } from "vitest";
import { JsonClient } from "./support/json-client.js";
import { TestServer } from "./support/test-server.js";

const TIMEOUT_MS = 4_000;

let world: TestServer;
beforeEach(async () => {
  world = await TestServer.start({ limits: { heartbeatTimeoutMs: TIMEOUT_MS } });
});
afterEach(() => world.close());

const join = (user: string) => JsonClient.join(world.address, { user });

it("a client that stops answering is gone within the configured time, and the others hear of it", async () => {
  const [ann, bob] = [await join("ann"), await join("bob")];
  bob.freeze();
  const left = ann.next("user_left");
  world.pass(TIMEOUT_MS / 2); // Both are asked; ann answers.
  await ann.until(() => ann.pings === 1);
  ann.send({ type: "heartbeat" });
  await ann.next("heartbeat", 0);
  expect(world.server.getStatus().connectedClients).toBe(2);
  world.pass(TIMEOUT_MS / 2);
  expect(await left).toMatchObject({ user_id: "bob" });
  expect(world.server.getStatus().connectedClients).toBe(1);
  const cem = await join("cem");
  expect(cem.state?.users.map(({ user_id }) => user_id)).toEqual(["ann", "cem"]);
});

it("a client that only answers pings stays", async () => {
  const ann = await join("ann");
  for (let round = 1; round <= 3; round++) {
    world.pass(TIMEOUT_MS / 2);
    await ann.until(() => ann.pings === round);
    await ann.roundTrip();
  }
  expect(ann.closed).toBeUndefined();
  expect(world.server.getStatus().connectedClients).toBe(1);
});

it("whoever types is not asked", async () => {
  const ann = await join("ann");
  for (let round = 0; round < 5; round++) {
    world.clock.advance(TIMEOUT_MS / 2 - 1);
    ann.insert(0, "x");
    await ann.settle();
    world.server.tick();
  }
  expect(ann.pings).toBe(0);
});

it("a line that is cut without a word counts as left", async () => {
  const [ann, bob] = [await join("ann"), await join("bob")];
  const left = ann.next("user_left");
  bob.vanish();
  expect(await left).toMatchObject({ user_id: "bob" });
});
