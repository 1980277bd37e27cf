import { connect } from "node:net";
import { documentId } from "@motet/document";
import { RawClient } from "@motet/transport/testing/node";
import { afterEach, describe, expect, it } from "vitest";
import { Unread } from "../src/unread.js";
import { JsonClient } from "./support/json-client.js";
import { TestServer } from "./support/test-server.js";

describe("whole documents that nobody has read yet", () => {
  const cut: string[] = [];
  afterEach(() => {
    cut.length = 0;
  });
  const answer = (user: string, bytes: number, kept: object = {}) => {
    const name = `${user}:${bytes}`;
    return { connection: { name }, answer: { user, kept, bytes, cut: () => void cut.push(name) } };
  };
  const add = (unread: Unread, ...made: Parameters<typeof answer>) => {
    const { connection, answer: sent } = answer(...made);
    unread.add(connection, sent);
    return connection;
  };

  it("cost their bytes until they are read", () => {
    const unread = new Unread(100);
    const [first, second] = [add(unread, "ann", 40), add(unread, "bob", 50)];
    expect(unread.bytes).toBe(90);
    unread.remove(first);
    unread.remove(first);
    expect(unread.bytes).toBe(50);
    unread.remove(second);
    expect([unread.bytes, cut]).toEqual([0, []]);
  });

  it("cost their bytes once where a crowd is sent the same", () => {
    const unread = new Unread(100);
    const state = {};
    const crowd = ["ann", "bob", "cem"].map((user) => add(unread, user, 80, state));
    expect([unread.bytes, cut]).toEqual([80, []]);
    for (const connection of crowd) unread.remove(connection);
    expect(unread.bytes).toBe(0);
  });

  it("are taken from whoever has the most of them, the oldest first", () => {
    const unread = new Unread(100);
    for (const bytes of [20, 21, 22]) add(unread, "mallory", bytes);
    add(unread, "bob", 30);
    add(unread, "ann", 40);
    expect([cut, unread.bytes]).toEqual([["mallory:20", "mallory:21"], 92]);
  });

  it("keep nobody else from asking for more", () => {
    const unread = new Unread(100);
    add(unread, "mallory", 49);
    unread.mustHaveRoom("mallory");
    const last = add(unread, "mallory", 1);
    expect(() => unread.mustHaveRoom("mallory")).toThrow(expect.objectContaining({ code: "TOO_BUSY" }));
    unread.mustHaveRoom("ann");
    unread.remove(last);
    unread.mustHaveRoom("mallory");
  });

  it("are sent all the same where a single one is too large", () => {
    const unread = new Unread(100);
    add(unread, "ann", 1_000);
    expect(cut).toEqual([]);
    add(unread, "bob", 10);
    expect([cut, unread.bytes]).toEqual([["ann:1000"], 10]);
  });
});

describe("somebody who asks for a document and does not read it", () => {
  const MIB = 1_048_576;
  /** Takes six bytes in JSON for each. */
  const TEXT = "\u0001".repeat(2_500_000);
  let world: TestServer;
  afterEach(() => world.close());

  /** A document of 15 MB: more than the kernel takes for who does not read. */
  async function start(): Promise<void> {
    world = await TestServer.start({ limits: { unreadBytesMax: 50 * MIB } });
    await world.server.document(documentId("page")).edit([{ type: "insert", position: 0, text: TEXT }]);
  }

  async function stalled(user: string): Promise<RawClient> {
    const line = await RawClient.open(`${world.address}/documents/page`);
    line.freeze();
    line.say({ type: "join", user_id: user, doc_id: "page" });
    return line;
  }

  it("over a WebSocket is not let in again, and keeps nobody else out", async () => {
    await start();
    const lines = [await stalled("mallory"), await stalled("mallory")];
    await world.until(() => world.server.getStatus().connectedClients === 2);
    const refused = await RawClient.open(`${world.address}/documents/page`);
    refused.say({ type: "join", user_id: "mallory", doc_id: "page" });
    expect(await refused.hear()).toMatchObject({ type: "error", code: "TOO_BUSY", in_reply_to: "join" });
    expect(await refused.closeCode()).toBe(4429);
    const ann = await JsonClient.join(world.address, { user: "ann" });
    expect(ann.text).toHaveLength(TEXT.length);
    for (const line of lines) line.vanish();
    await ann.leave();
  });

  it("over HTTP is told to wait, and keeps nobody else out", async () => {
    await start();
    const { hostname, port } = new URL(world.address);
    const ask = "GET /api/v1/documents/page?user_id=mallory HTTP/1.1\r\nhost: localhost\r\n\r\n";
    const lines = Array.from({ length: 2 }, () => connect(Number(port), hostname).pause());
    for (const line of lines) line.write(ask);
    const read = async (user: string) => {
      const answer = await fetch(`${world.address}/api/v1/documents/page?user_id=${user}`);
      await answer.text();
      return answer.status;
    };
    await expect.poll(() => read("mallory")).toBe(503);
    expect(await read("ann")).toBe(200);
    for (const line of lines) line.destroy();
    await expect.poll(() => read("mallory")).toBe(200);
  });
});
