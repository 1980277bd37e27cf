import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JsonClient } from "./support/json-client.js";
import { TestServer } from "./support/test-server.js";

let world: TestServer;
beforeEach(async () => {
  world = await TestServer.start();
});
afterEach(() => world.close());

describe("over HTTP", () => {
  it("is healthy", async () => {
    const answer = await fetch(`${world.address}/health`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: "ok" });
  });

  it("tells how many clients edit how many documents, and how much they have done", async () => {
    const ann = await JsonClient.join(world.address, { user: "ann", document: "minutes" });
    const bob = await JsonClient.join(world.address, { user: "bob", document: "minutes" });
    const cem = await JsonClient.join(world.address, { user: "cem", document: "other" });
    ann.insert(0, "hello");
    ann.delete(0, 1);
    await ann.settle();
    world.clock.advance(1_500);
    const answer = await fetch(`${world.address}/status?pretty`);
    const status = {
      connectedClients: 3,
      activeDocuments: 2,
      totalOperations: 2,
      uptimeMs: 1_500,
      queuedBytes: 0,
      slowReaders: { readers: 0, bytes: 0 },
    };
    expect(await answer.json()).toEqual(status);
    expect(world.server.getStatus()).toEqual(status);
    for (const client of [ann, bob, cem]) await client.leave();
  });

  it("sends JSON that no browser takes for a page", async () => {
    const { headers } = await fetch(`${world.address}/status`);
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("answers HEAD without a body, refuses other methods, and knows no other page", async () => {
    const head = await fetch(`${world.address}/health`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const post = await fetch(`${world.address}/health`, { method: "POST", body: "x" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    for (const path of ["/", "/healthy", "/documents/page", "/__proto__"]) {
      expect((await fetch(world.address + path)).status).toBe(404);
    }
  });
});

describe("in HTTP/1.0, without saying whom it asks for", () => {
  it.each([
    ["/health", 200],
    ["/ready", 200],
    ["/api/v1/documents", 200],
    ["/status", 404], // A page elsewhere could make a browser ask under any name.
  ])("a balancer that asks for %s is answered with %i", async (path, status) => {
    expect(await statusOf(`GET ${path} HTTP/1.0\r\n\r\n`)).toBe(status);
  });
});

describe("an upgrade", () => {
  it.each([
    "/",
    "/documents",
    "/documents/",
    "/documents/a/b",
    "/documents/..",
    "/documents/a.b",
    "/documents/a%2Fb",
    "/documents/%61",
    "/documents/a:b",
    "/documents/a*",
    `/documents/${"x".repeat(129)}`,
    `/documents/${"x".repeat(10_240)}`,
    "/status",
  ])("to %s is refused with 404", async (path) => {
    expect(await upgradeStatus(path)).toBe(404);
  });

  it("to a document is accepted, whatever its query says", async () => {
    expect(await upgradeStatus(`/documents/${"x".repeat(128)}`)).toBe(101);
    expect(await upgradeStatus("/documents/page?from=link")).toBe(101);
  });

  it("to a name with a look-alike letter is refused before it gets that far", async () => {
    expect(await upgradeStatus("/documents/p\u0430ge")).toBe(400); // The second letter is Cyrillic.
  });

  it("that is no WebSocket handshake is refused", async () => {
    expect(await upgradeStatus("/documents/page", { "sec-websocket-key": "short" })).toBe(400);
  });
});

/** The status that answers an upgrade of `path`, sent byte for byte as it stands. */
function upgradeStatus(path: string, headers: Record<string, string> = {}): Promise<number> {
  const lines = {
    host: "localhost",
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  return statusOf(`GET ${path} HTTP/1.1\r\n${head.join("")}\r\n`);
}

/** The status that answers these bytes. */
function statusOf(request: string): Promise<number> {
  const { hostname, port } = new URL(world.address);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.on("error", reject);
    socket.once("data", (data) => {
      socket.destroy();
      resolve(Number(/^HTTP\/1.1 (\d+)/.exec(String(data))?.[1]));
    });
  });
}
