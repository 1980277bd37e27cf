import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newFolder } from "./support/folder.js";
import { JsonClient } from "./support/json-client.js";
import { TestServer } from "./support/test-server.js";

let folder: string;
let world: TestServer;

beforeAll(async () => {
  folder = await newFolder();
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), '<!doctype html><meta property="csp-nonce" nonce="{{nonce}}">');
  writeFileSync(join(folder, "assets", "index-4f2a.js"), "start();");
  writeFileSync(join(folder, "assets", "index-4f2a.js.map"), "{}");
});
beforeEach(async () => {
  world = await TestServer.start({ playground: folder });
});
afterEach(() => world.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(world.address + path, { headers: { "accept-encoding": "identity", ...headers } });

describe("the playground", () => {
  it.each(["/", "/d/minutes", "/d/<script>"])("is one page, the same at %s", async (path) => {
    const answer = await get(path);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=UTF-8"]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect((await answer.text()).replace(/nonce="[^"]*"/, "")).toBe(
      '<!doctype html><meta property="csp-nonce" >',
    );
  });

  it("runs nothing, and connects to nobody, but what is this server's", async () => {
    const { headers } = await get("/d/minutes");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-");
    expect(policy).not.toMatch(/unsafe|data:|https?:|\*/);
    expect(policy).toMatch(/base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/);
    expect([headers.get("x-content-type-options"), headers.get("referrer-policy")]).toEqual([
      "nosniff",
      "no-referrer",
    ]);
  });

  it("has another nonce with each load, the one in its policy", async () => {
    const nonces = await Promise.all(
      ["/", "/"].map(async (path) => {
        const answer = await get(path);
        const nonce = /nonce="([^"]{22,})"/.exec(await answer.text())?.[1];
        expect(answer.headers.get("content-security-policy")).toContain(`'nonce-${nonce}'`);
        return nonce;
      }),
    );
    expect(new Set(nonces).size).toBe(2);
  });

  it("has files that are kept for a year, because other content has another name", async () => {
    const answer = await get("/assets/index-4f2a.js");
    expect([await answer.text(), answer.headers.get("content-type")]).toEqual([
      "start();",
      "text/javascript; charset=utf-8",
    ]);
    expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  });

  it("sends them compressed to whoever takes them so", async () => {
    const [plain, zipped] = await Promise.all([
      get("/assets/index-4f2a.js"),
      get("/assets/index-4f2a.js", { "accept-encoding": "br, gzip" }),
    ]);
    expect([plain.headers.get("content-encoding"), zipped.headers.get("content-encoding")]).toEqual([
      null,
      "gzip",
    ]);
    expect([plain.headers.get("vary"), await zipped.text()]).toEqual(["accept-encoding", "start();"]);
  });

  it.each([
    "/assets/",
    "/assets/other.js",
    "/assets/index-4f2a.js.map",
    "/assets/..%2findex.html",
    "/assets/%2e%2e/%2e%2e/package.json",
    "/index.html",
    "/d",
  ])("has no file at %s", async (path) => {
    const answer = await get(path);
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([404, "no-store"]);
    expect(await answer.json()).toMatchObject({ code: "NOT_FOUND" });
  });

  it("never shows what somebody wrote as a page", async () => {
    const ann = await JsonClient.join(world.address, { user: "ann", document: "minutes" });
    ann.insert(0, "<script>alert(1)</script>");
    await ann.settle();
    const page = await get("/d/minutes");
    expect(await page.text()).not.toContain("alert");
    for (const accept of ["application/json", "text/plain", "text/html"]) {
      const { headers } = await get("/api/v1/documents/minutes", { accept });
      expect(headers.get("content-type")).not.toContain("html");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
    await ann.leave();
  });
});

it("is not served by a server that was given none", async () => {
  const bare = await TestServer.start();
  expect((await fetch(`${bare.address}/`)).status).toBe(404);
  await bare.close();
});

it("stops the start when the folder holds no page", async () => {
  const empty = await newFolder();
  await expect(TestServer.start({ playground: empty })).rejects.toMatchObject({ code: "ENOENT" });
});
