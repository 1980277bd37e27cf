import { MemoryDocumentStore } from "@motet/document";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { CallbackAuthenticator, type Grant } from "../src/index.js";
import { JsonClient } from "./support/json-client.js";
import { ReplicaClient } from "./support/replica-client.js";
import { TestServer } from "./support/test-server.js";

/** Tokens say it all: `acme.ann.write` is Ann's of Acme, who may write; a fourth word keeps them from beginning documents. */
const tokens = new CallbackAuthenticator(({ token = "" }) => {
  const [tenant, user, rights, noCreate] = token.split(".");
  if (tenant === undefined || user === undefined) return undefined;
  return { tenant, user, rights: rights as Grant["rights"], create: noCreate === undefined };
});

let world: TestServer;
const store = new MemoryDocumentStore();
beforeEach(async () => {
  world = await TestServer.start({ authenticator: tokens, store });
});
afterEach(async () => {
  expect(world.defects).toEqual([]);
  await world.close();
});

const join = (token: string, document = "page") =>
  JsonClient.join(world.address, { token, user: token.split(".")[1]!, document });

const get = async (token: string, path: string) => {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${world.address}/api/v1/documents/${path}`, { headers });
  return [response.status, await response.text()] as const;
};

describe("two tenants with a document of the same name", () => {
  it("never share a byte: not in a frame, not over HTTP, not in the store (D13)", async () => {
    const people = { acme: "acme.ann.write", bolt: "bolt.ann.write" };
    const frames: string[] = [];
    const listener = new WebSocket(`${world.address.replace("http", "ws")}/documents/page`);
    listener.on("message", (data) => frames.push(String(data)));
    await new Promise((resolve) => listener.once("open", resolve));
    const hello = { user_id: "ann", doc_id: "page", client_id: "x", type: "join", token: people.bolt };
    listener.send(JSON.stringify(hello));
    const [acme, bolt] = [await join(people.acme), await join(people.bolt)];
    const replica = await ReplicaClient.join(world.address, {
      token: people.bolt,
      user: "ann",
      replica: "b1",
    });

    acme.insert(0, "canary-text");
    acme.send({ type: "set_title", title: "canary-title", id: 2 });
    acme.send({ type: "set_field", field: "canary", value: "canary-field", id: 3 });
    acme.send({ type: "cursor_move", line: 0, column: 5 });
    acme.send({ type: "presence_update", state: { canary: true } });
    acme.send({ type: "broadcast", payload: "canary-broadcast" });
    await acme.roundTrip();
    bolt.insert(0, "bolt's own");
    await bolt.settle();
    await bolt.roundTrip();
    await replica.until(() => replica.document.text === "bolt's own");

    for (const path of ["page", "page/history", "page/history?of=changes", "page/blame", "page/versions"]) {
      frames.push((await get(people.bolt, path))[1]);
    }
    const told = [...bolt.received, ...replica.received].map((message) => JSON.stringify(message));
    const seen = [...frames, ...told, JSON.stringify(replica.document.snapshot())].join("\n");
    expect(seen).toContain("bolt's own");
    expect(seen).not.toContain("canary");
    expect((await get(people.acme, "page"))[1]).toContain("canary-text");
    expect((await store.list({ limit: 10 })).toSorted()).toEqual(["acme/page", "bolt/page"]);
    listener.terminate();
  });

  it("have people of their own: nobody of the other joins, leaves or counts (D11)", async () => {
    const [acme, bolt] = [await join("acme.ann.write"), await join("bolt.bob.write")];
    expect(bolt.state?.users.map(({ user_id }) => user_id)).toEqual(["bob"]);
    acme.send({ type: "presence_update", status: "away" });
    await acme.roundTrip();
    await bolt.roundTrip();
    expect(bolt.received.map(({ type }) => type)).toEqual(["state", "heartbeat"]);
  });

  it("do not replace each other's connections, whatever they call themselves", async () => {
    const mine = { user: "ann", client: "tab" };
    const acme = await JsonClient.join(world.address, { ...mine, token: "acme.ann.write" });
    await JsonClient.join(world.address, { ...mine, token: "bolt.ann.write" });
    await acme.roundTrip();
    expect(acme.closed).toBeUndefined();
  });

  it("do not use up each other's connections", async () => {
    await world.close();
    world = await TestServer.start({ authenticator: tokens, limits: { connectionsPerUserMax: 1 } });
    await join("acme.ann.write");
    expect((await join("bolt.ann.write")).state).toBeDefined();
  });
});

describe("another tenant's document", () => {
  it("answers like one that is not there (D11)", async () => {
    const acme = await join("acme.ann.write", "only-acme");
    acme.insert(0, "here");
    await acme.settle();
    expect(await get("bolt.bob.admin", "only-acme")).toEqual(await get("bolt.bob.admin", "never"));
  });
});

describe("a document that nobody has written", () => {
  it("is not begun by who may not, however they come, and nothing is kept of it (D14)", async () => {
    for (const rights of ["read", "write"]) {
      const client = await JsonClient.connect(world.address, { document: "fresh", user: "bob" });
      client.send({ type: "join", token: `acme.bob.${rights}.no-create` });
      expect(await client.ended()).toBe(4403);
      expect(client.errors[0]).toMatchObject({ code: "NO_DOCUMENT", in_reply_to: "join" });
      expect((await get(`acme.bob.${rights}.no-create`, "fresh"))[0]).toBe(404);
    }
    expect(world.server.getStatus()).toMatchObject({ connectedClients: 0, activeDocuments: 0 });
    expect(await store.list({ limit: 10 })).not.toContain("acme/fresh");
  });

  it("is not begun by joining alone (D14)", async () => {
    await join("acme.ann.write", "joined");
    await join("acme.bob.read", "joined");
    expect(await store.list({ limit: 10 })).not.toContain("acme/joined");
  });

  it("is open to all who may read it once it has been begun", async () => {
    const ann = await join("acme.ann.write", "begun");
    ann.insert(0, "hello");
    await ann.settle();
    const bob = await join("acme.bob.write.no-create", "begun");
    expect(bob.text).toBe("hello");
    bob.insert(5, "!");
    await bob.settle();
  });
});

describe("a document's name (D12)", () => {
  it.each(["a%2fb", "..", "a:b", "*", "a%00", "x".repeat(10_240), "%D0%B0", "a.b"])(
    "%j is none, whoever asks",
    async (name) => {
      expect((await get("acme.ann.admin", name))[0]).toBe(404);
      const line = new WebSocket(`${world.address.replace("http", "ws")}/documents/${name}`);
      const refused = await new Promise((resolve) => line.once("error", resolve));
      expect(String(refused)).toMatch(/404|431/);
    },
  );
});
