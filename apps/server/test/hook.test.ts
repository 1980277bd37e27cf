import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { documentId } from "@motet/document";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CallbackAuthenticator, HookAuthenticator, type HookOptions } from "../src/index.js";
import { JsonClient } from "./support/json-client.js";
import { TestClock, TestServer } from "./support/test-server.js";

const SECRET = "bJ3k9-drawn-by-a-generator-Q2x8m";
const clock = new TestClock();

let hook: Server;
let url: string;
let answer: (response: ServerResponse) => void;
let asked: { readonly headers: IncomingHttpHeaders; readonly body: string }[];

beforeEach(async () => {
  asked = [];
  hook = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    asked.push({ headers: request.headers, body });
    answer(response);
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/who`;
});
afterEach(() => {
  hook.closeAllConnections();
  hook.close();
});

const says = (value: unknown, status = 200) => {
  answer = (response) => response.writeHead(status).end(JSON.stringify(value));
};
const hooked = (options: Partial<HookOptions> = {}) =>
  new HookAuthenticator({ url, secret: SECRET, clock, ...options });
const page = documentId("page");

describe("a hook", () => {
  it("is told what somebody shows, and says who they are", async () => {
    says({ user: "ann", rights: "write", tenant: "acme", expiresMs: clock.wallMs() + 1_000 });
    const identity = await hooked().authenticate({ token: "t", user: "ann", document: page });
    expect(identity).toMatchObject({ user: "ann", tenant: "acme", expiresMs: clock.wallMs() + 1_000 });
    expect(JSON.parse(asked[0]!.body)).toEqual({ token: "t", user: "ann", document: "page" });
  });

  it("can tell by a signature that it is asked by the server, and when", async () => {
    says({ user: "ann", rights: "write" });
    await hooked().authenticate({ token: "t" });
    const { headers, body } = asked[0]!;
    const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signature } = headers;
    expect(at).toBe(String(clock.wallMs() / 1_000));
    const due = createHmac("sha256", SECRET).update(`${id}.${at}.${body}`).digest("base64");
    expect(signature).toBe(`v1,${due}`);
  });

  it.each([401, 403, 404])(
    "says with %i that a token does not hold, and is asked again next time",
    async (status) => {
      says({}, status);
      const by = hooked();
      expect(await by.authenticate({ token: "t" })).toBeUndefined();
      says({ user: "ann", rights: "read" });
      expect(await by.authenticate({ token: "t" })).toMatchObject({ user: "ann" });
    },
  );

  it("is asked once for many who show the same, until its answer is too old", async () => {
    says({ user: "ann", rights: "write" });
    const by = hooked({ cacheMs: 5_000 });
    await Promise.all(Array.from({ length: 20 }, () => by.authenticate({ token: "t", document: page })));
    expect(asked).toHaveLength(1);
    await by.authenticate({ token: "t", document: documentId("other") });
    await by.authenticate({ token: "u", document: page });
    expect(asked).toHaveLength(3);
    clock.advance(5_000);
    await by.authenticate({ token: "t", document: page });
    expect(asked).toHaveLength(4);
  });

  it("is asked again when what it said has run out", async () => {
    says({ user: "ann", rights: "write", expiresMs: clock.wallMs() + 1_000 });
    const by = hooked({ cacheMs: 5_000 });
    await by.authenticate({ token: "t" });
    clock.advance(1_000);
    await by.authenticate({ token: "t" });
    expect(asked).toHaveLength(2);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ["fails", (response) => response.writeHead(500).end()],
    ["sends elsewhere", (response) => response.writeHead(302, { location: "/elsewhere" }).end()],
    ["answers with what is no grant", (response) => response.end('{"user":"ann"}')],
    [
      "answers with an unknown field",
      (response) => response.end('{"user":"ann","rights":"admin","docs":{}}'),
    ],
    ["answers with no JSON", (response) => response.end("<html>")],
    ["answers without end", (response) => response.end(`"${"x".repeat(100_000)}"`)],
    ["hangs up", (response) => response.destroy()],
    ["never answers", () => {}],
  ])("that %s lets nobody in, and turns nobody away for good", async (_what, act) => {
    answer = act;
    const by = hooked({ timeoutMs: 200 });
    await expect(by.authenticate({ token: "t" })).rejects.toMatchObject({ code: "AUTH_UNAVAILABLE" });
    says({ user: "ann", rights: "read" });
    expect(await by.authenticate({ token: "t" })).toMatchObject({ user: "ann" });
  });

  it("that fails has clients come back later, and requests as well", async () => {
    answer = (response) => response.writeHead(500).end();
    const world = await TestServer.start({ authenticator: hooked({ clock }) });
    const client = await JsonClient.connect(world.address);
    client.send({ type: "join", token: "t" });
    expect(await client.ended()).toBe(1011);
    expect(client.errors[0]).toMatchObject({ code: "AUTH_UNAVAILABLE" });
    const response = await fetch(`${world.address}/api/v1/documents/page`);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(world.defects).toEqual([]);
    await world.close();
  });
});

describe("a function of the program itself", () => {
  it("says who somebody is", async () => {
    const by = new CallbackAuthenticator(({ token, document }) =>
      token === "good" ? { user: "ann", rights: "none", documents: { [document!]: "write" } } : undefined,
    );
    const world = await TestServer.start({ authenticator: by });
    const ann = await JsonClient.join(world.address, { token: "good" });
    expect(ann.state?.session.rights).toBe("write");
    const eve = await JsonClient.connect(world.address);
    eve.send({ type: "join", token: "bad" });
    expect(await eve.ended()).toBe(4401);
    await world.close();
  });

  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("no database");
      },
    ],
    ["says what is no grant", () => ({ user: "a/b", rights: "write" })],
    ["says no time", () => ({ user: "ann", rights: "write", expiresMs: "soon" })],
  ])("that %s lets nobody in, and turns nobody away for good", async (_what, callback) => {
    const by = new CallbackAuthenticator(callback as () => undefined);
    await expect(by.authenticate({})).rejects.toMatchObject({ code: "AUTH_UNAVAILABLE" });
  });
});
