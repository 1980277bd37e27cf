import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Registry } from "prom-client";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { JsonClient } from "./support/json-client.js";
import { OpenApiClient } from "./support/openapi-client.js";
import { ServerProcess } from "./support/server-process.js";
import { WebhookReceiver } from "./support/webhook-receiver.js";

// Canaries: wherever one turns up, something was told that should not be.
const TOKEN = "canary-token-of-ann-0001";
const WRONG_TOKEN = "canary-token-of-nobody-1";
const ADMIN_TOKEN = "canary-token-of-an-administrator-1";
const TEXT = "canary-text";
const NAME = "canary-name";
const USER = "canary-user";
const SECRET = `whsec_${Buffer.from("canary-secret-of-a-webhook-32-by").toString("base64")}`;

let folder: string;
let server: ServerProcess;
let address: string;
let admin: string;
const receiver = new WebhookReceiver();

/** The command with everything on: tokens, a port for administrators, two webhooks of which one is answered, documents on disk. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "motet-"));
  const tokens = [{ token: TOKEN, user: USER, name: NAME, rights: "admin" }];
  await writeFile(join(folder, "tokens.json"), JSON.stringify({ tokens }));
  const webhooks = ["http://127.0.0.1:9/hook", await receiver.listen()].map((url) => ({
    url,
    secret: SECRET,
  }));
  await writeFile(join(folder, "webhooks.json"), JSON.stringify({ webhooks }));
  server = new ServerProcess(
    [
      ...["--port", "0", "--admin-port", "0", "--data", join(folder, "data")],
      ...["--tokens", join(folder, "tokens.json"), "--webhooks", join(folder, "webhooks.json")],
      ...["--webhook-interval-ms", "0"],
    ],
    { MOTET_ADMIN_TOKEN: ADMIN_TOKEN },
  );
  address = await server.address();
  admin = (await server.says(/Administrators see it at (\S+)\/admin\//))[1]!;
});
afterAll(async () => {
  await server.kill();
  await receiver.close();
  await rm(folder, { recursive: true });
});

const get = (url: string, headers: Record<string, string> = {}) => fetch(url, { headers });
const asAdmin = { authorization: `Bearer ${ADMIN_TOKEN}` };

/** People and strangers at work: an edit, a refusal, a wrong token, a wrong request. */
async function work(): Promise<void> {
  const ann = await JsonClient.join(address, { user: USER, token: TOKEN, document: "page" });
  ann.insert(0, TEXT);
  ann.send({ type: "insert", id: 9, position: 999, text: TEXT });
  await ann.roundTrip();
  await ann.settle();
  const stranger = await JsonClient.connect(address, { user: USER, document: "page" });
  stranger.send({ type: "join", token: WRONG_TOKEN });
  await stranger.ended();
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  const base = `${address}/api/v1/documents`;
  await fetch(`${base}/page/operations`, { method: "POST", headers, body: `{"operations":"${TEXT}"}` });
  await fetch(`${base}/page/operations`, { method: "POST", headers, body: `${TEXT} is no JSON` });
  await fetch(`${base}/page?${TEXT}=1`, { headers });
  await fetch(`${base}/page`, { headers: { authorization: `Bearer ${WRONG_TOKEN}` } });
  await ann.leave();
}

describe("a server as people run it", () => {
  it("says that it lives and is ready, to everybody, and nothing else (D18)", async () => {
    for (const port of [address, admin]) {
      expect(await (await get(`${port}/health`)).json()).toEqual({ status: "ok" });
      expect(await (await get(`${port}/ready`)).json()).toEqual({ status: "ready" });
    }
  });

  it.each(["/status", "/metrics", "/admin/inspector.json"])(
    "shows %s to administrators, on their own port alone",
    async (path) => {
      const answers = await Promise.all([
        get(admin + path, asAdmin),
        get(admin + path),
        get(admin + path, { authorization: `Bearer ${TOKEN}` }),
        get(address + path, asAdmin),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 401, 401, 404]);
    },
  );

  it("counts and times what it does, in the form that Prometheus reads", async () => {
    await work();
    const text = await (await get(`${admin}/metrics`, asAdmin)).text();
    const value = (line: string) => Number(new RegExp(`^${line} (\\S+)$`, "m").exec(text)?.[1]);
    expect(value("motet_operations_total")).toBeGreaterThanOrEqual(TEXT.length);
    expect(value("motet_ack_seconds_count")).toBeGreaterThan(0);
    expect(value("motet_fanout_seconds_count")).toBeGreaterThan(0);
    expect(value('motet_store_seconds_count{call="append"}')).toBeGreaterThan(0);
    expect(value('motet_refusals_total{over="socket",code="OUT_OF_RANGE"}')).toBe(1);
    expect(value('motet_refusals_total{over="socket",code="UNAUTHENTICATED"}')).toBe(1);
    expect(value('motet_refusals_total{over="http",code="BAD_REQUEST"}')).toBe(3);
    expect(value('motet_joins_total{kind="json"}')).toBeGreaterThan(0);
    expect([value("motet_ready"), value("motet_healthy"), value("motet_queued_bytes")]).toEqual([1, 1, 0]);
    for (const name of [
      "motet_connections",
      "motet_documents",
      "motet_slow_readers",
      "nodejs_eventloop_lag_p99_seconds",
      "process_resident_memory_bytes",
      "process_open_fds",
    ]) {
      expect(value(name), name).toBeGreaterThanOrEqual(0);
    }
    expect(text).toContain('route="/api/v1/documents/:id/operations"');
    expect(Registry.PROMETHEUS_CONTENT_TYPE).toContain("0.0.4");
  });

  it("shows documents and who has them open, and never what they say", async () => {
    const ann = await JsonClient.join(address, { user: USER, token: TOKEN, document: "shown" });
    ann.send({ type: "set_title", title: "Minutes" });
    ann.insert(0, TEXT);
    await ann.settle(); // What is acknowledged is behind the title, and what is not durable yet is shown to nobody.
    const state = (await (await get(`${admin}/admin/inspector.json`, asAdmin)).json()) as {
      readonly documents: readonly { readonly doc_id: string }[];
    };
    const shown = state.documents.find(({ doc_id }) => doc_id === "shown");
    expect(shown).toMatchObject({
      tenant: "main",
      title: "Minutes",
      version: TEXT.length + 1,
      text_units: TEXT.length,
      connection_count: 1,
      connections: [{ user_id: USER, kind: "json", behind_ms: null }],
    });
    expect(JSON.stringify(state)).not.toContain(TEXT);
    await ann.leave();
  });

  it("has a page for that which runs its own script alone", async () => {
    const page = await get(`${admin}/admin/`);
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; script-src 'self'/);
    const html = await page.text();
    for (const [, file] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await get(`${admin}/admin/${file}`)).status, file).toBe(200);
    }
    expect(html).not.toMatch(/<script>|onclick|style="/);
  });

  it("takes over the trace of a request, and hands its id on", async () => {
    const id = "4bf92f3577b34da6a3ce929d0e0e4736";
    const given = await get(`${address}/health`, { traceparent: `00-${id}-00f067aa0ba902b7-01` });
    expect(given.headers.get("x-request-id")).toBe(id);
    for (const traceparent of [
      "",
      "nonsense",
      `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
      `${"x".repeat(5_000)}`,
    ]) {
      const drawn = await get(`${address}/health`, { traceparent });
      expect(drawn.headers.get("x-request-id")).toMatch(/^[0-9a-f]{32}$/);
      expect(drawn.headers.get("x-request-id")).not.toBe(id);
    }
  });

  it("writes no token, no text and no user into its log (J8)", async () => {
    await work();
    const client = await OpenApiClient.of(address);
    expect(client.operations.size).toBeGreaterThan(10);
    await server.says(/refused OUT_OF_RANGE/);
    await server.says(/"over":"http".*refused BAD_REQUEST/);
    expect(server.output).not.toMatch(/canary/);
    for (const line of server.output.split("\n").filter((one) => one.startsWith("{"))) {
      expect(Object.keys(JSON.parse(line))).toEqual(expect.arrayContaining(["level", "time", "msg"]));
    }
  });

  it("tells other programs who came, what was begun and changed, and who left, and signs it", async () => {
    await (await JsonClient.join(address, { user: USER, token: TOKEN, document: "told" })).leave();
    const ann = await JsonClient.join(address, { user: USER, token: TOKEN, document: "told" });
    ann.insert(0, TEXT);
    await ann.settle();
    await ann.leave();
    const told = () => receiver.told.filter(({ data }) => data["doc_id"] === "told").map(({ type }) => type);
    await vi.waitUntil(() => told().length >= 6, 20_000);
    expect(told().toSorted()).toEqual([
      ...["document.changed", "document.created"],
      ...["user.joined", "user.joined", "user.left", "user.left"],
    ]);
    const verifier = new Webhook(SECRET);
    for (const { body, headers } of receiver.received)
      verifier.verify(body, headers as Record<string, string>);
  });

  it("shows no metrics to a page elsewhere, or through a proxy, where no token is set (D18)", async () => {
    const open = new ServerProcess(["--port", "0", "--memory"]);
    const base = await open.address();
    expect((await get(`${base}/metrics`)).status).toBe(200);
    expect((await get(`${base}/metrics`, { "x-forwarded-for": "203.0.113.9" })).status).toBe(404);
    const { port } = new URL(base);
    const rebound = await new Promise<number | undefined>((resolve) => {
      request({ port, host: "127.0.0.1", path: "/metrics", headers: { host: "evil.example" } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).end();
    });
    expect(rebound).toBe(404);
    await open.kill();
  });

  it("does not start with a port for administrators that others reach and no token", async () => {
    const exposed = new ServerProcess([
      "--port",
      "0",
      "--memory",
      "--admin-port",
      "0",
      "--admin-host",
      "0.0.0.0",
    ]);
    expect(await exposed.exitCode()).toBe(2);
    expect(exposed.output).toContain("MOTET_ADMIN_TOKEN is missing");
  });
});
