import { random, seedOr } from "@motet/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { drawEdits, turn, type } from "./support/crowd.js";
import { JsonClient } from "./support/json-client.js";
import { TestServer } from "./support/test-server.js";

let world: TestServer;
beforeEach(async () => {
  world = await TestServer.start();
});
afterEach(() => world.close());

const SEED = seedOr(20_261_122);

it(`ends with five equal texts after 2,000 edits that nobody waits for, seed ${SEED}`, async () => {
  const names = ["ann", "bob", "cem", "dee", "eve"];
  const edits = drawEdits(random(SEED), names.length, 2_000);
  const clients = await Promise.all(names.map((user) => JsonClient.join(world.address, { user })));
  for (const edit of edits) {
    const client = clients[edit.who]!;
    if (edit.looksUp) await turn();
    client.takeIn();
    type(client, edit);
  }
  for (const client of clients) await client.settle();
  const version = Math.max(...clients.map((client) => client.version));
  for (const client of clients) await client.reach(version);

  expect(clients.flatMap((client) => client.errors)).toEqual([]);
  expect(new Set(clients.map((client) => client.text)).size).toBe(1);
  expect(clients[0]!.text.length).toBeGreaterThan(500);
  const late = await JsonClient.join(world.address, { user: "late" });
  expect(late.text).toBe(clients[0]!.text);
  expect(world.server.getStatus().totalOperations).toBe(2_000);
});
