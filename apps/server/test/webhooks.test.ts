import { documentId, documentKey, tenantId, userId } from "@motet/document";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ServerEvent, ServerEvents } from "../src/server-events.js";
import type { WebhookEndpoint } from "../src/webhooks/webhook.js";
import { Webhooks } from "../src/webhooks/webhooks.js";
import { TestClock } from "./support/test-server.js";
import { WebhookReceiver } from "./support/webhook-receiver.js";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const page = documentKey(tenantId("main"), documentId("page"));
const [ann, bob] = [userId("ann"), userId("bob")];

let receiver: WebhookReceiver;
let url: string;
let clock: TestClock;
let events: ServerEvents;
const lost: ServerEvent[] = [];
beforeEach(async () => {
  receiver = new WebhookReceiver();
  url = await receiver.listen();
  clock = new TestClock();
  events = new ServerEvents();
  lost.length = 0;
  events.subscribe((event) => event.type === "webhook_lost" && lost.push(event));
});
afterEach(() => receiver.close());

function hooks(endpoint: Partial<WebhookEndpoint> = {}): Webhooks {
  const endpoints = [{ url, secret: SECRET, ...endpoint }];
  return new Webhooks({ endpoints, intervalMs: 1_000, events, clock, random: () => 0.5 });
}

const change = (from: number, to: number, user = ann, more: object = {}) =>
  events.emit({ type: "changed", document: page, user, from, to, atMs: clock.wallMs(), ...more });
const joined = (isFirst: boolean) =>
  events.emit({ type: "joined", document: page, user: ann, name: "Ann", kind: "json", isFirst });

/** Lets time pass, and sends what is due then; so many have arrived afterwards. */
async function pass(webhooks: Webhooks, byMs: number, count: number): Promise<void> {
  clock.advance(byMs);
  await webhooks.tend(clock.monotonicMs());
  expect(receiver.received).toHaveLength(count);
}

describe("webhooks", () => {
  it("do not tell what another server does, which tells it itself", async () => {
    const webhooks = hooks();
    change(0, 5, ann, { isForeign: true });
    await pass(webhooks, 2_000, 0);
  });

  it("are signed so that a library of somebody else's takes them, and are refused when changed on the way", async () => {
    const webhooks = hooks();
    joined(true);
    clock.advance(Date.now() - clock.wallMs());
    await pass(webhooks, 0, 1);
    const [{ headers, body }] = receiver.received as [{ headers: Record<string, string>; body: string }];
    const verifier = new Webhook(SECRET);
    expect(verifier.verify(body, headers)).toMatchObject({
      type: "user.joined",
      data: { tenant: "main", doc_id: "page", user_id: "ann", name: "Ann" },
    });
    expect(() => verifier.verify(body.replace("Ann", "Bob"), headers)).toThrow();
    const late = { ...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) + 1) };
    expect(() => verifier.verify(body, late)).toThrow();
  });

  it("tell the changes of a while as one, with who made them and the trace of the last", async () => {
    const webhooks = hooks();
    change(0, 5);
    change(5, 9, bob, { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` });
    await pass(webhooks, 500, 0);
    expect(receiver.told).toEqual([]);
    change(9, 10);
    await pass(webhooks, 500, 1);
    expect(receiver.told[0]).toMatchObject({
      type: "document.changed",
      data: { from: 0, to: 10, user_ids: ["ann", "bob"] },
    });
    expect(receiver.received[0]?.headers["traceparent"]).toContain("a".repeat(32));
  });

  it("tell of users only when their first connection comes and their last goes, and only what an endpoint wants", async () => {
    const webhooks = hooks({ types: ["user.joined", "user.left", "document.created"] });
    joined(true);
    joined(false);
    events.emit({ type: "left", document: page, user: ann, name: "Ann", code: 1000, isLast: false });
    events.emit({ type: "left", document: page, user: ann, name: "Ann", code: 1000, isLast: true });
    events.emit({ type: "created", document: page, user: ann, from: 0, to: 1, atMs: 1 });
    change(0, 1);
    await pass(webhooks, 2_000, 3);
    expect(receiver.told.map(({ type }) => type)).toEqual(["user.joined", "user.left", "document.created"]);
  });

  it("are sent again, under the same id, until they are taken, each after a longer wait", async () => {
    const webhooks = hooks();
    receiver.status = 500;
    joined(true);
    await pass(webhooks, 0, 1);
    await pass(webhooks, 1_000, 1);
    expect(receiver.received).toHaveLength(1);
    await pass(webhooks, 500, 2);
    await pass(webhooks, 2_999, 2);
    receiver.status = 200;
    await pass(webhooks, 1, 3);
    await pass(webhooks, 600_000, 3);
    expect(receiver.received).toHaveLength(3);
    expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(lost).toEqual([]);
  });

  it("are given up after ten attempts, and then the next one has its turn", async () => {
    const webhooks = hooks();
    receiver.status = 503;
    joined(true);
    change(0, 1);
    for (let attempt = 1; attempt < 10; attempt++) await pass(webhooks, 600_000, attempt);
    expect(lost).toEqual([]);
    await pass(webhooks, 600_000, 11);
    expect(lost).toEqual([{ type: "webhook_lost", reason: "failed", url: new URL(url).origin }]);
    expect(receiver.told.at(-1)?.type).toBe("document.changed");
  });

  it("beyond a thousand that wait are lost, and said to be", () => {
    hooks();
    for (let n = 0; n < 1_005; n++) joined(true);
    expect(lost).toHaveLength(5);
    expect(lost[0]).toMatchObject({ reason: "full" });
  });

  it("follow no redirection", async () => {
    const elsewhere = new WebhookReceiver();
    receiver.status = 307;
    receiver.location = await elsewhere.listen();
    const webhooks = hooks();
    joined(true);
    await pass(webhooks, 0, 1);
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  });

  it("that wait are sent once more when the server stops", async () => {
    const webhooks = hooks();
    change(0, 3);
    await webhooks.close();
    expect(receiver.told.map(({ type }) => type)).toEqual(["document.changed"]);
  });

  it.each(["", "secret", "whsec_", "whsec_c2hvcnQ=", `whsec_${"é".repeat(40)}`])(
    "with %j for a secret are refused, and it is not quoted",
    (secret) => {
      expect(() => hooks({ secret })).toThrow(expect.objectContaining({ code: "BAD_CONFIG" }));
      expect(() => hooks({ secret: "plain-secret" })).not.toThrow("plain-secret");
    },
  );
});
