import { afterEach, beforeEach, expect, it } from "vitest";
import { generateSession } from "./support/generated-session.js";
import { JsonClient } from "./support/json-client.js";
import { ServerProcess } from "./support/server-process.js";
import { knownBefore, loadTrace, type Trace } from "./support/trace.js";

let server: ServerProcess;
let address: string;
beforeEach(async () => {
  ({ server, address } = await ServerProcess.start());
});
afterEach(() => server.kill());

const { source, trace } = loadTrace("friendsforever");

it(`replays ${source}: two people typing at once, a third who joins at the end, one text`, async () => {
  await expectReplay(trace);
}, 180_000);

it("replays a generated session of two people, seed 5", async () => {
  await expectReplay(generateSession(5, 4_000));
}, 60_000);

/** Lets the two agents of `session` type through a client each, every one in a view of its own, and compares all with the end. */
async function expectReplay(session: Trace): Promise<void> {
  const clients = await Promise.all(
    ["0", "1"].map((user) => JsonClient.join(address, { user: `agent-${user}` })),
  );
  await replay(session, clients);
  for (const client of clients) await client.settle();
  const version = Math.max(...clients.map((client) => client.version));
  for (const client of clients) await client.reach(version);
  const late = await JsonClient.join(address, { user: "late" });
  for (const client of [...clients, late]) {
    expect(client.errors).toEqual([]);
    expect(client.text).toBe(session.endContent);
  }
  const sent = clients.reduce((sum, client) => sum + client.sentCount, 0);
  const status = await (await fetch(`${address}/status`)).json();
  expect(status).toMatchObject({ connectedClients: 3, activeDocuments: 1, totalOperations: sent });
}

/**
 * Before a transaction, its agent has taken in exactly what the trace says it had seen of the other; its own messages
 * are in its view, acknowledged or not. Nobody waits for anything else.
 */
async function replay(session: Trace, clients: readonly JsonClient[]): Promise<void> {
  const known = knownBefore(session);
  /** For each agent, how many messages its first n transactions took. */
  const messages = clients.map(() => [0]);
  for (const [index, { agent, patches }] of session.txns.entries()) {
    const [me, other] = [clients[agent]!, clients[1 - agent]!];
    await see(me, other, messages[1 - agent]![known[index]![1 - agent]!]!);
    for (const [position, deleted, inserted] of patches) {
      if (deleted > 0) me.delete(position, deleted);
      if (inserted !== "") me.insert(position, inserted);
    }
    messages[agent]!.push(me.sentCount);
  }
}

/** `me` takes in the first `count` messages of `other`, and no more. */
async function see(me: JsonClient, other: JsonClient, count: number): Promise<void> {
  if (count === 0) return;
  await other.until(() => other.acked.has(count));
  const version = other.acked.get(count)!;
  await me.until(() => me.receivedVersion >= version);
  me.takeInTo(version);
}
