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
});
