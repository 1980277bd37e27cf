import { MemoryDocumentStore } from "@motet/document";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TokenList } from "../src/index.js";
import { JsonClient } from "./support/json-client.js";
import { ReplicaClient } from "./support/replica-client.js";
import { TestServer } from "./support/test-server.js";

const tokenOf = (user: string) => `token-of-${user}-0123456789`;

const USERS: readonly { readonly user: string; readonly [field: string]: unknown }[] = [
  { user: "ann", name: "Ann", rights: "admin" },
  { user: "bob", rights: "write", documents: { diary: "none", constructor: "read" } },
  { user: "cem", rights: "read" },
  { user: "dan", rights: "none", documents: { page: "read" } },
];

const list = TokenList.parse(
  JSON.stringify({ tokens: USERS.map((one) => ({ ...one, token: tokenOf(one.user) })) }),
  "tokens.json",
);

let world: TestServer;
beforeEach(async () => {
  world = await TestServer.start({ authenticator: list, store: new MemoryDocumentStore() });
});
afterEach(async () => {
  expect(world.defects).toEqual([]);
  await world.close();
});

const join = (user: string, more: object = {}) =>
  JsonClient.join(world.address, { user, token: tokenOf(user), ...more });

/** Sends a join that is not to be accepted; resolves with the error's code and the close code. */
async function refused(message: object, document = "page"): Promise<[string, number]> {
  const client = await JsonClient.connect(world.address, { document });
  client.send({ type: "join", ...message });
  const code = await client.ended();
  return [client.errors[0]?.code ?? "", code];
}

describe("a token", () => {
  it("says who somebody is: their name and their rights, whatever they call themselves", async () => {
    const ann = await join("ann", { name: "Eve" });
    expect(ann.state?.session).toMatchObject({ name: "Ann", rights: "admin" });
    const bob = await join("bob", { name: "Bobby" });
    expect(bob.state?.session).toMatchObject({ name: "Bobby", rights: "write" });
  });

  it.each([
    ["that is missing", { user_id: "ann" }, ["UNAUTHENTICATED", 4401]],
    ["that is wrong", { user_id: "ann", token: tokenOf("eve") }, ["UNAUTHENTICATED", 4401]],
    ["that every object has", { user_id: "ann", token: "constructor" }, ["UNAUTHENTICATED", 4401]],
    [
      "that is only the beginning",
      { user_id: "ann", token: tokenOf("ann").slice(0, -1) },
      ["UNAUTHENTICATED", 4401],
    ],
    ["of somebody else", { user_id: "ann", token: tokenOf("bob") }, ["WRONG_USER", 4401]],
  ])("%s ends the connection", async (_what, message, answer) => {
    expect(await refused(message)).toEqual(answer);
    expect(world.server.getStatus()).toMatchObject({ connectedClients: 0, activeDocuments: 0 });
  });

  it("in an address counts for nothing, for connections and over HTTP (D6)", async () => {
    const query = `?token=${tokenOf("ann")}&access_token=${tokenOf("ann")}`;
    const client = await JsonClient.connect(world.address, { document: `page${query}`, user: "ann" });
    client.send({ type: "join", doc_id: "page" });
    expect(await client.ended()).toBe(4401);
    const answer = await fetch(`${world.address}/api/v1/documents/page${query}`);
    expect([answer.status, await answer.text()]).toEqual([401, expect.not.stringContaining("token-of")]);
  });

  it("without rights on a document does not open it, whether it exists or not", async () => {
    const ann = await join("ann", { document: "diary" });
    ann.insert(0, "dear diary");
    await ann.settle();
    const bob = { user_id: "bob", token: tokenOf("bob") };
    const dan = { user_id: "dan", token: tokenOf("dan") };
    expect(await refused(bob, "diary")).toEqual(["FORBIDDEN", 4403]);
    expect(await refused(dan, "diary")).toEqual(["FORBIDDEN", 4403]);
    expect(await refused(dan, "never-written")).toEqual(["FORBIDDEN", 4403]);
  });
});

describe("who may only read", () => {
  it.each([
    ["insert", { position: 0, text: "x" }],
    ["delete", { position: 0, length: 1 }],
    ["set_title", { title: "x" }],
    ["increment_counter", { amount: 1 }],
    ["set_field", { field: "x", value: 1 }],
  ])("is refused %s, and goes on reading", async (type, fields) => {
    const [ann, cem] = [await join("ann"), await join("cem")];
    cem.send({ type, id: 1, ...fields });
    expect(await cem.next("error", 0)).toMatchObject({ code: "FORBIDDEN", in_reply_to: 1 });
    ann.insert(0, "still told");
    await cem.reach(10);
    expect(cem.text).toBe("still told");
  });

  it("is refused updates in binary, and told which operation", async () => {
    const cem = await ReplicaClient.join(world.address, { user: "cem", token: tokenOf("cem") });
    expect(cem.session?.session.rights).toBe("read");
    cem.insert(0, "x");
    expect(await cem.refusal()).toMatchObject({
      code: "FORBIDDEN",
      in_reply_to: "update",
      replica: "cem",
      seq: 1,
    });
    expect((await join("ann")).text).toBe("");
  });

  it("may show a cursor, say how they are, and send custom messages", async () => {
    const [ann, cem] = [await join("ann"), await join("cem")];
    cem.send({ type: "cursor_move", line: 0, column: 0 });
    cem.send({ type: "presence_update", status: "away" });
    cem.send({ type: "broadcast", payload: "hello" });
    const { users } = await ann.next("presence_update", 0);
    expect(users).toEqual([{ user_id: "cem", status: "away", cursor: { line: 0, column: 0 } }]);
    expect(ann.received.map(({ type }) => type)).toEqual([
      "state",
      "user_joined",
      "broadcast",
      "presence_update",
    ]);
    expect(cem.errors).toEqual([]);
  });

  it("has that right on a document whose name every object knows", async () => {
    const bob = await join("bob", { document: "constructor" });
    expect(bob.state?.session.rights).toBe("read");
  });
});

describe("over HTTP", () => {
  const get = (user: string | undefined, path = "") =>
    fetch(`${world.address}/api/v1/documents/page${path}`, {
      headers: user === undefined ? {} : { authorization: `Bearer ${tokenOf(user)}` },
    });
  const name = (user: string, query = "") =>
    fetch(`${world.address}/api/v1/documents/page/versions${query}`, {
      method: "POST",
      headers: { authorization: `Bearer ${tokenOf(user)}`, "content-type": "application/json" },
      body: JSON.stringify({ name: `of ${user}` }),
    });

  it("only an administrator trims a document (A15)", async () => {
    const bob = await join("bob");
    bob.insert(0, "hello");
    await bob.settle();
    const forget = (user: string) =>
      fetch(`${world.address}/api/v1/documents/page/forget`, {
        method: "POST",
        headers: { authorization: `Bearer ${tokenOf(user)}`, "content-type": "application/json" },
        body: JSON.stringify({ before: "5" }),
      });
    expect([(await forget("bob")).status, (await forget("ann")).status]).toEqual([403, 200]);
  });

  it("the same tokens give the same rights", async () => {
    const ann = await join("ann");
    ann.insert(0, "hello");
    await ann.settle();
    expect((await get(undefined)).status).toBe(401);
    expect((await get("eve")).status).toBe(401);
    expect((await get("cem")).status).toBe(200);
    expect((await get("dan", "/history")).status).toBe(200);
    expect((await name("cem")).status).toBe(403);
    expect((await name("bob", "?user_id=ann")).status).toBe(401);
    expect((await name("bob")).status).toBe(201);
  });

  it("who may not read a document learns nothing of whether it exists", async () => {
    const answers = await Promise.all(
      ["page", "never-written"].map(async (document) => {
        const response = await fetch(`${world.address}/api/v1/documents/${document}`);
        return [response.status, await response.text()];
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
  });
});

describe("a list of tokens", () => {
  const problemsOf = (content: unknown): string => {
    try {
      TokenList.parse(typeof content === "string" ? content : JSON.stringify(content), "tokens.json");
    } catch (error) {
      expect(error).toMatchObject({ code: "BAD_CONFIG" });
      return (error as Error).message;
    }
    throw new Error("accepted");
  };

  it("is read as a whole: every mistake is named at once, and no token", () => {
    const problems = problemsOf({
      tokens: [
        { token: "short-secret", user: "ann", rights: "write" },
        { token: tokenOf("bob"), user: "b/b", rights: "everything" },
        { token: tokenOf("cem"), user: "cem", rights: "read", role: "boss" },
        { token: tokenOf("dan"), user: "dan", rights: "read", documents: { "a/b": "read" } },
      ],
    });
    for (const place of [
      "tokens.0.token",
      "tokens.1.user",
      "tokens.1.rights",
      "tokens.2.role",
      "tokens.3.documents",
    ]) {
      expect(problems).toContain(`tokens.json: ${place} must`);
    }
    expect(problems).not.toContain("secret");
    expect(problems).not.toContain(tokenOf("bob"));
  });

  it("holds each token once", () => {
    const twice = { token: tokenOf("ann"), user: "ann", rights: "read" };
    expect(problemsOf({ tokens: [twice, { ...twice, rights: "admin" }] })).toBe(
      "tokens.json: tokens.1.token is the same as tokens.0.token.",
    );
  });

  it.each([
    ["not JSON", '{ "tokens": [ secret'],
    ["a list", "[]"],
    ["null", "null"],
    ["nothing in it", "{}"],
  ])("is refused when it is %s", (_what, text) => {
    expect(problemsOf(text)).not.toContain("secret");
  });

  it("that cannot be read keeps the server from starting", async () => {
    await expect(TokenList.read("/nowhere/tokens.json")).rejects.toMatchObject({ code: "BAD_CONFIG" });
  });
});
