import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { isAllowedOrigin, readOrigins } from "../src/origins.js";
import { JsonClient } from "./support/json-client.js";
import { TestServer } from "./support/test-server.js";

describe("a list of origins", () => {
  it.each([
    ["https://example.org", ["https://example.org"]],
    ["https://a.example, http://b.example:8080", ["https://a.example", "http://b.example:8080"]],
  ])("reads %s", (text, origins) => {
    expect(readOrigins(text)).toEqual(origins);
  });

  it.each([
    "",
    "*",
    "null",
    "example.org",
    "https://example.org/",
    "https://example.org/path",
    "https://Example.org",
    "https://example.org:443",
    "https://user@example.org",
    "ftp://example.org",
    "https://*.example.org",
    "https://example.org,",
  ])("is refused with %j in it, which no browser sends or which says more than an origin", (text) => {
    expect(readOrigins(text)).toBeUndefined();
  });

  it.each([
    "null",
    "http://example.org",
    "https://example.org.evil.test",
    "https://evil-example.org",
    "https://sub.example.org",
    "https://example.org:8443",
    "https://example.org/",
    "HTTPS://EXAMPLE.ORG",
    "",
  ])("does not let %j in for https://example.org", (origin) => {
    expect(isAllowedOrigin(origin, ["https://example.org"])).toBe(false);
  });
});

describe("a server for the pages of one origin", () => {
  /** Asks for a connection as a page of `origin` would; resolves with the status line. */
  function handshake(address: string, origin: string | undefined): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(address).port), "127.0.0.1");
      socket.once("data", (data) => {
        resolve(String(data).split("\r\n")[0] ?? "");
        socket.destroy();
      });
      socket.once("error", reject);
      const head = [
        "GET /documents/page HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: Upgrade",
        "Upgrade: websocket",
      ];
      head.push(
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Cookie: session=ann",
      );
      if (origin !== undefined) head.push(`Origin: ${origin}`);
      socket.write(`${head.join("\r\n")}\r\n\r\n`);
    });
  }

  it("answers a page of another one with 403 before the upgrade, whatever cookies it brings (D1)", async () => {
    const world = await TestServer.start({ origins: ["https://example.org"] });
    try {
      expect(await handshake(world.address, "https://evil.test")).toBe("HTTP/1.1 403 Forbidden");
      expect(await handshake(world.address, "null")).toBe("HTTP/1.1 403 Forbidden");
      expect(await handshake(world.address, "https://example.org")).toBe("HTTP/1.1 101 Switching Protocols");
      const bot = await JsonClient.join(world.address);
      expect(bot.state).toBeDefined();
    } finally {
      await world.close();
    }
  });

  it("lets its pages, and no others, read documents over HTTP, refusals too", async () => {
    const world = await TestServer.start({ origins: ["https://example.org"] });
    const call = (path: string, origin: string, init: RequestInit = {}) =>
      fetch(`${world.address}/api/v1/documents${path}`, { ...init, headers: { origin, ...init.headers } });
    const sharedWith = ({ headers }: Response) => headers.get("access-control-allow-origin");
    try {
      const asked = {
        "access-control-request-method": "PUT",
        "access-control-request-headers": "authorization",
      };
      const preflight = await call("/page/access/bob", "https://example.org", {
        method: "OPTIONS",
        headers: asked,
      });
      expect([preflight.status, sharedWith(preflight)]).toEqual([204, "https://example.org"]);
      expect(preflight.headers.get("access-control-allow-methods")).toContain("PUT");
      expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
      expect(preflight.headers.get("access-control-allow-credentials")).toBeNull();
      for (const [path, status] of [
        ["", 200],
        ["/nowhere", 404],
      ] as const) {
        const answer = await call(path, "https://example.org");
        expect([answer.status, sharedWith(answer), answer.headers.get("vary")]).toEqual([
          status,
          "https://example.org",
          "Origin",
        ]);
        expect(sharedWith(await call(path, "https://evil.test"))).toBeNull();
      }
    } finally {
      await world.close();
    }
  });

  it("shares nothing over HTTP with pages of elsewhere where no origin is named", async () => {
    const world = await TestServer.start();
    const headers = { origin: "https://example.org" };
    const answer = await fetch(`${world.address}/api/v1/documents`, { headers });
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    await world.close();
  });
});
