import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { JsonClient } from "./support/json-client.js";
import { TestServer } from "./support/test-server.js";

/** Somebody else's server, which has a page, and a connection of its own at `/chat`. */
let theirs: Server;
let chat: WebSocketServer;
let world: TestServer;
let address: string;

beforeEach(async () => {
  theirs = createServer((_request, response) => response.end("theirs"));
  world = new TestServer();
  await world.server.attach(theirs);
  chat = new WebSocketServer({ server: theirs, path: "/chat" }); // Added later: it must not hear of documents all the same.
  await once(theirs.listen(0, "127.0.0.1"), "listening");
  address = `http://127.0.0.1:${(theirs.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await world.close();
  theirs.closeAllConnections();
  theirs.close();
  expect(world.defects).toEqual([]);
});

const answer = async (path: string): Promise<string> => (await fetch(address + path)).text();

describe("a server that shares the port of another one", () => {
  it("lets people edit at /documents, and answers for them under /api/v1", async () => {
    const [ann, bob] = await Promise.all(
      ["ann", "bob"].map((user) => JsonClient.join(address, { document: "page", user })),
    );
    ann!.insert(0, "hello");
    await bob!.reach(5);
    expect(bob!.text).toBe("hello");
    expect(JSON.parse(await answer("/api/v1/documents/page"))).toMatchObject({ text: "hello" });
    expect(JSON.parse(await answer("/api/v1/documents?limit=5"))).toMatchObject({
      items: [{ doc_id: "page" }],
    });
  });

  it("leaves every other address to the listeners that were there, or came later", async () => {
    for (const path of ["/", "/health", "/status", "/metrics", "/api/v1", "/api/v10/x", "/documents/page"]) {
      expect(await answer(path)).toBe("theirs");
    }
    const talk = new WebSocket(`${address.replace("http", "ws")}/chat`);
    const [visitor] = await once(chat, "connection");
    visitor.send("theirs");
    expect(String((await once(talk, "message"))[0])).toBe("theirs");
    talk.close();
  });

  it("refuses connections to other addresses where nobody else takes any", async () => {
    chat.close();
    const lost = new WebSocket(`${address.replace("http", "ws")}/elsewhere`);
    expect(String((await once(lost, "error"))[0])).toContain("404");
  });

  it("sends everybody away when it closes, and leaves the port to its owner", async () => {
    const ann = await JsonClient.join(address);
    ann.insert(0, "hello");
    await ann.settle();
    await world.close();
    expect(await ann.ended()).toBe(1012);
    expect(await answer("/api/v1/documents/page")).toBe("theirs");
    const late = new WebSocket(`${address.replace("http", "ws")}/documents/page`);
    expect(String((await once(late, "error"))[0])).toContain("400"); // The chat's answer to any other path.
    await expect(world.server.attach(theirs)).rejects.toMatchObject({ code: "CLOSED" });
  });

  it("listens on a port of its own as well, if it is told to", async () => {
    const ann = await JsonClient.join(await world.server.listen(), { user: "ann" });
    const bob = await JsonClient.join(address, { user: "bob" });
    ann.insert(0, "hello");
    await bob.reach(5);
    expect(bob.text).toBe("hello");
  });
});
