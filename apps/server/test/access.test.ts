import { connect, MemoryLocalStore } from "@motet/client";
import { type Access, documentId, documentKey, MemoryDocumentStore, tenantId, userId } from "@motet/document";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CallbackAuthenticator } from "../src/index.js";
import { JsonClient } from "./support/json-client.js";
import { ReplicaClient } from "./support/replica-client.js";
import { TestServer } from "./support/test-server.js";

/** Tokens are a user and what they may do with all documents: `bob.write`. */
const tokens = new CallbackAuthenticator(({ token = "" }) => {
  const [user, rights] = token.split(".");
  return user === undefined || rights === undefined ? undefined : { user, rights: rights as Access };
});

const page = documentKey(tenantId("main"), documentId("page"));
const [ann, bob] = [userId("ann"), userId("bob")];

let world: TestServer;
let store: MemoryDocumentStore;
let owner: JsonClient;
beforeEach(async () => {
  store = new MemoryDocumentStore();
  world = await TestServer.start({ authenticator: tokens, store });
  owner = await join("ann.admin");
  owner.insert(0, "hello");
  await owner.settle();
});
afterEach(async () => {
  expect(world.defects).toEqual([]);
  await world.close();
});

const join = (token: string) => JsonClient.join(world.address, { token, user: token.split(".")[0]! });
const set = (access: Access | undefined) =>
  world.server.document(documentId("page")).setAccess(bob, access, ann);
const http = async (token: string, path: string, method = "GET", body?: object) => {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  const response = await fetch(`${world.address}/api/v1/documents/page${path}`, init);
  const text = await response.text();
  return [response.status, text === "" ? undefined : JSON.parse(text)] as const;
};

describe("somebody who may write, and then may only read", () => {
  it("is told, is refused their next change, and goes on reading (D5)", async () => {
    const client = await join("bob.write");
    await set("read");
    client.send({ type: "set_title", id: 1, title: "no" });
    expect(await client.next("rights", 0)).toMatchObject({ user_id: "bob", rights: "read" });
    expect(await client.next("error", 0)).toMatchObject({ code: "FORBIDDEN", in_reply_to: 1 });
    owner.insert(5, "!");
    await client.reach(6);
    expect(client.text).toBe("hello!");
  });

  it("is refused updates as well", async () => {
    const replica = await ReplicaClient.join(world.address, {
      token: "bob.write",
      user: "bob",
      replica: "b",
    });
    await set("read");
    replica.insert(0, "no");
    expect(await replica.refusal()).toMatchObject({ code: "FORBIDDEN", in_reply_to: "update" });
  });

  it("sees their document become read-only as it stands, and writable again", async () => {
    const document = connect(world.address.replace("http", "ws"), {
      document: "page",
      user: "bob",
      token: async () => "bob.write",
      store: new MemoryLocalStore(),
    });
    await world.until(() => document.state === "saved");
    await set("read");
    await world.until(() => document.state === "read-only");
    expect(() => document.insert(0, "no")).toThrow(expect.objectContaining({ code: "READ_ONLY" }));
    await set("admin");
    await world.until(() => document.state === "saved");
    document.insert(0, "yes");
    await world.until(() => document.state === "saved");
    expect(document.text).toBe("yeshello");
    await document.close();
  });
});

describe("somebody who may do nothing any more", () => {
  it("is cut off with 4403, on every connection, and does not come in again", async () => {
    const clients = [await join("bob.write"), await join("bob.write")];
    await set("none");
    expect(await Promise.all(clients.map((client) => client.ended()))).toEqual([4403, 4403]);
    expect(clients[0]?.errors[0]).toMatchObject({ code: "FORBIDDEN" });
    const again = await JsonClient.connect(world.address, { user: "bob" });
    again.send({ type: "join", token: "bob.write" });
    expect(await again.ended()).toBe(4403);
    expect((await http("bob.admin", ""))[0]).toBe(403);
    expect(owner.closed).toBeUndefined();
  });

  it("does not slip in while the document is being opened", async () => {
    const client = await JsonClient.connect(world.address, { user: "bob" });
    client.send({ type: "join", token: "bob.write" });
    await Promise.all([set("none"), client.ended()]);
    expect(client.closed?.code).toBe(4403);
  });
});

describe("somebody who may do nothing elsewhere", () => {
  it("may do with one document what it says, until that is taken back", async () => {
    await set("write");
    const client = await join("bob.none");
    client.insert(5, " world");
    await client.settle();
    expect((await http("bob.none", ""))[1]).toMatchObject({ text: "hello world" });
    await set(undefined);
    expect(await client.ended()).toBe(4403);
  });
});

describe("a rule", () => {
  it("is there after a restart", async () => {
    await set("none");
    await world.close();
    world = await TestServer.start({ authenticator: tokens, store });
    const client = await JsonClient.connect(world.address, { user: "bob" });
    client.send({ type: "join", token: "bob.write" });
    expect(await client.ended()).toBe(4403);
  });

  it("outlives the token: who shows a new one gets no more by it", async () => {
    const client = await join("bob.write");
    await set("read");
    await client.next("rights", 0);
    const answer = client.next("rights");
    client.send({ type: "refresh", token: "bob.admin" });
    expect(await answer).toMatchObject({ rights: "read" });
  });

  it("decides who finds the document in the list, whether it is in memory or not", async () => {
    const found = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${world.address}/api/v1/documents`, { headers });
      return ((await response.json()) as { items: { doc_id: string }[] }).items.map(({ doc_id }) => doc_id);
    };
    const both = async () => [await found("bob.write"), await found("bob.none")];
    const restart = async () => {
      await world.close();
      world = await TestServer.start({ authenticator: tokens, store });
    };
    expect(await both()).toEqual([["page"], []]);
    await set("none");
    expect(await both()).toEqual([[], []]);
    await restart();
    expect(await both()).toEqual([[], []]);
    await set("read");
    expect(await both()).toEqual([["page"], ["page"]]);
    await restart();
    expect(await both()).toEqual([["page"], ["page"]]);
  });

  it("is made, listed and taken back over HTTP, by administrators of the document alone", async () => {
    const client = await join("bob.write");
    const body = { access: "read" };
    expect((await http("bob.write", "/access/bob", "PUT", { access: "admin" }))[0]).toBe(403);
    expect((await http("bob.write", "/access"))[0]).toBe(403);
    expect((await http("ann.admin", "/access/bob", "PUT", body))[0]).toBe(204);
    expect(await client.next("rights", 0)).toMatchObject({ rights: "read" });
    const listed = { user_id: "bob", access: "read", by: "ann", at_ms: world.clock.wallMs() };
    expect(await http("ann.admin", "/access")).toEqual([200, { items: [listed] }]);
    const again = client.next("rights");
    expect((await http("ann.admin", "/access/bob", "DELETE"))[0]).toBe(204);
    expect(await again).toMatchObject({ rights: "write" });
    expect(await http("ann.admin", "/access")).toEqual([200, { items: [] }]);
  });

  it.each([
    ["/access/b%2fb", "PUT", { access: "read" }, 404],
    ["/access/bob", "PUT", { access: "owner" }, 400],
    ["/access/bob", "PUT", { access: "read", for: "ever" }, 400],
    ["/access/bob", "POST", { access: "read" }, 405],
  ])("is refused as what it is not: %s %s %j", async (path, method, body, status) => {
    expect((await http("ann.admin", path, method, body))[0]).toBe(status);
  });

  it("is not made for a document that nobody has written", async () => {
    const fresh = world.server.document(documentId("fresh"));
    await expect(fresh.setAccess(bob, "read")).rejects.toMatchObject({
      code: "NO_DOCUMENT",
    });
    expect(await store.list({ limit: 10 })).toEqual([page]);
  });
});
