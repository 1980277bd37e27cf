import { MemorySocket, Recorder } from "@motet/transport/testing";
import { afterEach, describe, expect, it } from "vitest";
import { CollaborativeServer } from "../src/index.js";
import { TestServer } from "./support/test-server.js";

const world = new TestServer();
afterEach(() => expect(world.defects).toEqual([]));

const PAGE = "page";

/** Somebody whose socket was opened elsewhere and handed to the server. */
class Visitor {
  readonly #socket: MemorySocket;
  readonly heard = new Recorder();

  constructor(readonly user: string) {
    const [near, far] = MemorySocket.pair();
    near.listen(world.server.serve(near, PAGE));
    far.listen(this.heard);
    this.#socket = far;
  }

  say(message: object): void {
    this.#socket.send(JSON.stringify({ user_id: this.user, doc_id: "page", ...message }));
  }

  async hears(type: string): Promise<object> {
    await this.heard.until(({ messages }) => messages.some((message) => message.type === type));
    return this.heard.messages.find((message) => message.type === type) ?? {};
  }

  leave(): void {
    this.#socket.close(1000, "");
  }
}

it("refuses limits that are none, and names them all", () => {
  const limits = { conectionsMax: 5, idleMs: -1, requestsMax: Number.NaN };
  const make = () => new CollaborativeServer({ limits });
  expect(make).toThrow(expect.objectContaining({ code: "BAD_CONFIG" }));
  expect(make).toThrow(/conectionsMax, idleMs, requestsMax/);
  expect(() => new CollaborativeServer({ documentLimits: { textUnitsMax: 0 } })).toThrow(/textUnitsMax/);
});

describe("a server without a port", () => {
  it("serves sockets that come from elsewhere", async () => {
    const ann = new Visitor("ann");
    ann.say({ type: "join" });
    await ann.hears("state");
    const bob = new Visitor("bob");
    bob.say({ type: "join" });
    await bob.hears("state");
    ann.say({ type: "insert", position: 0, text: "hello" });
    expect(await bob.hears("changes")).toMatchObject({ user_id: "ann", version: 5 });
    expect(world.server.getStatus()).toMatchObject({
      connectedClients: 2,
      activeDocuments: 1,
      totalOperations: 1,
    });
    bob.leave();
    expect(await ann.hears("user_left")).toMatchObject({ user_id: "bob" });
    ann.leave();
    await ann.heard.until(({ closedWith }) => closedWith !== undefined);
    expect(world.server.getStatus()).toMatchObject({
      connectedClients: 0,
      activeDocuments: 0,
      totalOperations: 1,
    });
  });

  it("is called by connection, and takes late calls for connections that are gone", async () => {
    const [near, far] = MemorySocket.pair();
    const heard = far.listen(new Recorder());
    const id = world.server.handleConnect(near, PAGE);
    world.server.handleMessage(id, JSON.stringify({ type: "join", user_id: "cem", doc_id: "page" }));
    await heard.until(({ messages }) => messages.length === 1);
    world.server.handleDisconnect(id);
    world.server.handleDisconnect(id);
    world.server.handleMessage(id, "late");
    world.server.handleHeard(id);
    await heard.until(({ closedWith }) => closedWith !== undefined);
    expect(heard.closedWith?.code).toBe(1000);
    expect(heard.messages).toMatchObject([{ type: "state" }]);
  });

  it("does not listen once it is closed, and closes once", async () => {
    const { server } = new TestServer();
    await Promise.all([server.close(), server.close()]);
    await expect(server.listen()).rejects.toMatchObject({ code: "CLOSED" });
  });
});
