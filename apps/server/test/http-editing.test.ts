import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LmdbDocumentStore } from "@motet/storage-lmdb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TokenList } from "../src/index.js";
import { HttpApi } from "./support/http-api.js";
import { JsonClient } from "./support/json-client.js";
import { type CallInput, OpenApiClient } from "./support/openapi-client.js";
import { TestServer } from "./support/test-server.js";

const insert = (position: number, text: string) => ({ type: "insert", position, text });
const ann = { user_id: "ann" };

let world: TestServer;
let client: OpenApiClient;
beforeEach(async () => {
  world = await TestServer.start();
  client = await OpenApiClient.of(world.address);
});
afterEach(async () => {
  await world.close();
  expect(world.defects).toEqual([]);
});

const create = (body: object, more: object = {}) => client.call("createDocument", { ...ann, body, ...more });
const edit = (operations: readonly object[], more: object = {}) =>
  client.call("applyOperations", { ...ann, id: "page", body: { operations }, ...more });
const read = (more: object = {}) => client.call("readDocument", { id: "page", ...more });

it("somebody who hangs up in the middle of a body has made a mistake, not found a defect", async () => {
  const statuses: number[] = [];
  world.server.events.subscribe((event) => {
    if (event.type === "answered" && event.method === "POST") statuses.push(event.status);
  });
  const { hostname, port } = new URL(world.address);
  const head = ["POST /api/v1/documents?user_id=ann HTTP/1.1", "host: localhost"];
  const body = ["content-type: application/json", "content-length: 100", "", "{"];
  const line = connect(Number(port), hostname);
  line.write([...head, ...body].join("\r\n"), () => setImmediate(() => line.destroy()));
  await world.until(() => statuses.length > 0);
  expect(statuses).toEqual([400]);
  line.destroy();
});

describe("creating a document over HTTP", () => {
  it("gives it what it begins with, and says where it is", async () => {
    const title = { type: "set_field", field: "language", value: "en" };
    const { status, headers, body } = await create({
      doc_id: "page",
      title: "Letter",
      text: "Dear",
      operations: [title],
    });
    expect([status, headers.get("location"), body.version]).toEqual([201, "/api/v1/documents/page", 6]);
    expect((await read()).body).toMatchObject({ title: "Letter", text: "Dear", fields: { language: "en" } });
  });

  it("is decided once, however many try", async () => {
    const both = await Promise.all(["one", "two", "three"].map((text) => create({ doc_id: "page", text })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(both.find(({ status }) => status === 409)?.body.code).toBe("EXISTS");
    expect(["one", "two", "three"]).toContain((await read()).body.text);
  });

  it("draws an id where none is given, and the same one when the request is made again", async () => {
    const [first, second] = [await create({ text: "a" }), await create({ text: "a" })];
    expect(first.body.doc_id).not.toBe(second.body.doc_id);
    const key = { "Idempotency-Key": "k-1" };
    const [third, again] = [await create({ text: "b" }, key), await create({ text: "b" }, key)];
    expect([again.status, again.body]).toEqual([201, third.body]);
  });

  it("is seen at once by who has opened it before", async () => {
    const bob = await JsonClient.join(world.address, { user: "bob" });
    const { body } = await create({ doc_id: "page", text: "Dear all" });
    await bob.reach(body.version);
    expect(bob.text).toBe("Dear all");
    await bob.leave();
  });
});

describe("editing over HTTP", () => {
  beforeEach(() => create({ doc_id: "page", text: "Dear all" }));

  it("is one change, told to everybody and credited to the caller", async () => {
    const bob = await JsonClient.join(world.address, { user: "bob" });
    const { status, body } = await edit([
      insert(8, "!"),
      { type: "delete", position: 0, length: 4 },
      insert(0, "Hello"),
      { type: "increment_counter", amount: 2 },
    ]);
    expect(status).toBe(200);
    await bob.reach(body.version);
    expect([bob.text, (await read()).body.counters]).toEqual(["Hello all!", { default: 2 }]);
    const { body: blame } = await client.call("readBlame", { id: "page" });
    expect(blame.ranges.map(({ user_id }: { user_id: string }) => user_id)).toEqual(["ann"]);
    await bob.leave();
  });

  it("is refused as a whole when one of it cannot be done", async () => {
    const { status, body } = await edit([insert(0, "x"), insert(99, "y")]);
    expect([status, body.code]).toEqual([400, "OUT_OF_RANGE"]);
    expect((await read()).body.text).toBe("Dear all");
    expect((await edit([])).status).toBe(400);
    expect((await edit([{ ...insert(0, "x"), colour: "red" }])).status).toBe(400);
    expect(
      (await client.call("applyOperations", { ...ann, id: "none", body: { operations: [insert(0, "x")] } }))
        .status,
    ).toBe(404);
  });

  it("is done once under one key, and a mistake under a key that was another's", async () => {
    const key = { "Idempotency-Key": "k-1" };
    const first = await edit([insert(0, "> ")], key);
    await edit([insert(0, "later ")]);
    const again = await edit([insert(0, "> ")], key);
    expect([again.body, again.headers.get("etag")]).toEqual([first.body, first.headers.get("etag")]);
    expect((await edit([insert(0, "# ")], key)).body.code).toBe("KEY_REUSED");
    expect((await edit([insert(0, "x")], { "Idempotency-Key": "a b" })).status).toBe(400);
    expect((await read()).body.text).toBe("later > Dear all");
  });

  it("counts positions in the state that the caller names", async () => {
    const then = (await read()).body.version;
    await edit([insert(0, "Monday. ")]);
    await edit([insert(8, ", and you")], {
      body: { operations: [insert(8, ", and you")], version: String(then) },
    });
    expect((await read()).body.text).toBe("Monday. Dear all, and you");
  });

  it("is refused with If-Match when somebody else was faster, and a state is read again only when it is another", async () => {
    const tag = (await read()).headers.get("etag")!;
    expect((await read({ "If-None-Match": tag })).status).toBe(304);
    const text = await read({ accept: "text/plain" });
    expect([text.body, text.headers.get("etag") === tag]).toEqual(["Dear all", false]);
    expect((await edit([insert(0, "a")], { "If-Match": tag })).status).toBe(200);
    expect((await edit([insert(0, "b")], { "If-Match": tag })).body.code).toBe("PRECONDITION_FAILED");
    expect((await client.call("deleteDocument", { ...ann, id: "page", "If-Match": tag })).status).toBe(412);
    const now = await read({ "If-None-Match": tag });
    expect([now.status, now.body.text]).toEqual([200, "aDear all"]);
    expect((await edit([insert(0, "c")], { "If-Match": now.headers.get("etag") })).status).toBe(200);
  });
});

describe("deleting over HTTP", () => {
  it("closes its connections with 4410, and a later document of that name begins anew", async () => {
    await create({ doc_id: "page", text: "secret" });
    const bob = await JsonClient.join(world.address, { user: "bob" });
    expect((await client.call("deleteDocument", { ...ann, id: "page" })).status).toBe(204);
    expect(await bob.ended()).toBe(4410);
    expect([
      (await read()).status,
      (await client.call("deleteDocument", { ...ann, id: "page" })).status,
    ]).toEqual([404, 404]);
    await create({ doc_id: "page", text: "new" });
    const { body } = await client.call("readHistory", { id: "page" });
    expect([(await read()).body.text, body.items.length]).toEqual(["new", 1]);
    const cem = await JsonClient.join(world.address, { user: "cem" });
    expect(cem.text).toBe("new");
    await cem.leave();
  });
});

describe("a document's log", () => {
  it("goes from one server to another with its history and its authors", async () => {
    await create({ doc_id: "page", text: "Dear all" });
    await client.call("nameVersion", { ...ann, id: "page", body: { name: "draft" } });
    await edit([insert(8, "!")], { user_id: "bob" });
    const log = await client.call("exportLog", { id: "page" });
    const elsewhere = await TestServer.start();
    const other = await OpenApiClient.of(elsewhere.address);
    const bring = (body: unknown) => other.call("importLog", { ...ann, id: "copy", body });
    expect((await bring(log.body.slice(0, -1))).status).toBe(400);
    expect((await bring(Uint8Array.from([...log.body.slice(0, -1), log.body.at(-1) ^ 1]))).status).toBe(400);
    expect((await bring(log.body)).status).toBe(201);
    expect((await bring(log.body)).body.code).toBe("EXISTS");
    const then = await other.call("readDocument", { id: "copy", version: "name:draft" });
    const { body: blame } = await other.call("readBlame", { id: "copy" });
    expect([then.body.text, blame.ranges.length, blame.ranges[1].user_id]).toEqual(["Dear all", 2, "bob"]);
    expect((await other.call("exportLog", { id: "nothing" })).status).toBe(404);
    await elsewhere.close();
  });
});

describe("who is there", () => {
  it("is told with their cursors", async () => {
    const bob = await JsonClient.join(world.address, { user: "bob" });
    bob.send({ type: "cursor_move", line: 0, column: 0 });
    await bob.roundTrip();
    const { body } = await client.call("listUsers", { id: "page" });
    expect(body.items).toEqual([expect.objectContaining({ user_id: "bob", cursor: { line: 0, column: 0 } })]);
    await bob.leave();
  });
});

describe("the list of documents", () => {
  const ids = async (more: CallInput = {}) => {
    const { body } = await client.call("listDocuments", more);
    return [body.items.map(({ doc_id }: { doc_id: string }) => doc_id), body.next];
  };

  it("comes page by page, without those that were deleted", async () => {
    for (const doc_id of ["a", "b", "c", "d"]) await create({ doc_id });
    await client.call("deleteDocument", { ...ann, id: "c" });
    expect(await ids()).toEqual([["a", "b", "d"], undefined]);
    expect(await ids({ limit: 2 })).toEqual([["a", "b"], "b"]);
    expect(await ids({ limit: 2, after: "b" })).toEqual([["d"], undefined]);
    expect(await ids({ limit: 1, after: "b" })).toEqual([["d"], "d"]);
    expect(await ids({ limit: 1, after: "d" })).toEqual([[], undefined]);
  });

  it("holds only what the caller may read", async () => {
    const tokens = [
      { token: "token-of-ann-00001", user: "ann", rights: "admin" },
      { token: "token-of-bob-00001", user: "bob", rights: "none", documents: { b: "read" } },
    ];
    const guarded = await TestServer.start({
      authenticator: TokenList.parse(JSON.stringify({ tokens }), "tokens"),
    });
    const get = async (path: string, token: string, init: RequestInit = {}) => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const response = await fetch(`${guarded.address}/api/v1/documents${path}`, { headers, ...init });
      return { status: response.status, body: await response.text() };
    };
    for (const doc_id of ["a", "b", "c"]) {
      await get("", "token-of-ann-00001", { method: "POST", body: JSON.stringify({ doc_id }) });
    }
    expect((await get("", "token-of-bob-00001")).body).toBe('{"items":[{"doc_id":"b"}]}');
    expect((await get("?limit=1", "token-of-bob-00001")).body).toBe('{"items":[{"doc_id":"b"}],"next":"b"}');
    for (const [method, path, status] of [
      ["GET", "/a", 403],
      ["GET", "/b/log", 200],
      ["PUT", "/b/log", 403],
      ["POST", "/b/operations", 403],
      ["DELETE", "/b", 403],
      ["POST", "/b/forget", 403],
      ["GET", "/a/users", 403],
    ] as const) {
      expect((await get(path, "token-of-bob-00001", { method })).status, `${method} ${path}`).toBe(status);
    }
    const needs = JSON.parse((await get("/b", "token-of-bob-00001", { method: "DELETE" })).body);
    expect(needs).toEqual({ code: "FORBIDDEN", message: 'this needs the right "admin" to this document' });
    const refused = await get("", "token-of-bob-00001", { method: "POST", body: '{"doc_id":"mine"}' });
    expect([refused.status, (await get("", "nobody")).status]).toEqual([403, 401]);
    await guarded.close();
  });
});

it("a request made again after a restart gets the same answer, from the disk", async () => {
  const folder = await mkdtemp(join(tmpdir(), "motet-"));
  const answers: unknown[] = [];
  for (let start = 0; start < 2; start++) {
    const store = await LmdbDocumentStore.open({ folder });
    const server = await TestServer.start({ store });
    const api = new HttpApi(server.address);
    const key = { "idempotency-key": "k-1" };
    if (start === 0)
      await fetch(`${server.address}/api/v1/documents?user_id=ann`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"doc_id":"page"}',
      });
    const { status, body } = await api.post(
      "/operations?user_id=ann",
      { operations: [insert(0, "once")] },
      key,
    );
    answers.push([status, body, (await api.get()).body.text]);
    await server.close();
    await store.close();
  }
  expect(answers[1]).toEqual(answers[0]);
  await rm(folder, { recursive: true });
});
