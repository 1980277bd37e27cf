import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HeldStore } from "./support/held-store.js";
import { type Answer, HttpApi } from "./support/http-api.js";
import { JsonClient } from "./support/json-client.js";
import { TestServer } from "./support/test-server.js";

const STARTED_MS = 1_700_000_000_000;
const MINUTE = 60_000;

let store: HeldStore;
let world: TestServer;
let api: HttpApi;
beforeEach(async () => {
  store = new HeldStore();
  world = await TestServer.start({
    store,
    limits: { requestsMax: 3, bodyBytesMax: 1_024, heartbeatTimeoutMs: 3_600_000 },
  });
  api = new HttpApi(world.address);
});
afterEach(async () => {
  for (const call of ["load", "append"] as const) store.release(call);
  await world.close();
  expect(world.defects).toEqual([]);
});

const join = (user: string, more: object = {}) => JsonClient.join(world.address, { user, ...more });

/** Ann writes "Dear all", Bob comes a minute later, and an hour later "Dear" becomes "Hello"; it has a title and a counter. */
async function letter(): Promise<void> {
  const [ann, bob] = [await join("ann"), await join("bob")];
  ann.insert(0, "Dear all");
  await ann.settle();
  world.clock.advance(MINUTE);
  bob.send({ type: "set_title", title: "Letter" });
  bob.send({ type: "increment_counter", counter: "likes", amount: 2 });
  await bob.roundTrip();
  world.clock.advance(60 * MINUTE);
  await bob.reach(10);
  bob.delete(0, 4);
  bob.insert(0, "Hello");
  await bob.settle();
  for (const client of [ann, bob]) await client.leave();
}

const codeOf = ({ status, body }: Answer) => [status, body.code];

describe("a document", () => {
  it("is read as JSON, and as bare text for whoever asks for that", async () => {
    await letter();
    const { status, body } = await api.get();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      doc_id: "page",
      version: 19,
      title: "Letter",
      text: "Hello all",
      counters: { likes: 2 },
      fields: {},
    });
    expect(Object.values<number>(body.vector).reduce((sum, seq) => sum + seq)).toBe(19);
    const text = await api.get("", { accept: "text/plain" });
    expect([text.body, text.headers.get("content-type")]).toEqual(["Hello all", "text/plain; charset=UTF-8"]);
    expect((await api.request("", { method: "HEAD" })).status).toBe(200);
  });

  it("is read as it was: after so many operations, at a moment, in a named state, and by its vector", async () => {
    await letter();
    const { body: then } = await api.get("?version=10");
    expect([then.text, then.title, then.version]).toEqual(["Dear all", "Letter", 10]);
    await api.post("/versions?user_id=ann", { name: "Dear & <b>", version: "10" });
    const moment = new Date(STARTED_MS + 2 * MINUTE).toISOString();
    for (const [version, text] of [
      ["4", "Dear"],
      ["0", ""],
      [`time:${STARTED_MS}`, "Dear all"],
      [`time:${moment}`, "Dear all"],
      ["name:Dear & <b>", "Dear all"],
      [`vector:${JSON.stringify(then.vector)}`, "Dear all"],
      [`time:${STARTED_MS - MINUTE}`, ""],
    ] as const) {
      expect((await api.get(`?version=${encodeURIComponent(version)}`)).body.text, version).toBe(text);
    }
  });

  it("with markup in it is served as anything but a page", async () => {
    const ann = await join("ann");
    ann.insert(0, "<script>alert(1)</script>");
    await ann.settle();
    for (const accept of ["text/html", "text/plain", "*/*", "application/json"]) {
      const { headers } = await api.get("", { accept });
      expect(headers.get("content-type")).toMatch(/^(application\/json|text\/plain)/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  it("that was never written is not there, and asking for it does not make it", async () => {
    for (const path of ["", "/history", "/diff?from=0", "/blame", "/versions"]) {
      expect(codeOf(await api.get(path)), path).toEqual([404, "NO_DOCUMENT"]);
    }
    expect(codeOf(await api.post("/versions?user_id=ann", { name: "first" }))).toEqual([404, "NO_DOCUMENT"]);
    expect(codeOf(await api.post("/restore?user_id=ann", { version: "0" }))).toEqual([404, "NO_DOCUMENT"]);
    expect(await store.list({ limit: 10 })).toEqual([]);
  });
});

describe("its history", () => {
  it("tells when people sat over it, newest first, page by page", async () => {
    await letter();
    const first = {
      user_ids: ["ann", "bob"],
      from_ms: STARTED_MS,
      to_ms: STARTED_MS + MINUTE,
      before: 0,
      after: 10,
    };
    const second = {
      user_ids: ["bob"],
      from_ms: STARTED_MS + 61 * MINUTE,
      to_ms: STARTED_MS + 61 * MINUTE,
      before: 10,
      after: 19,
    };
    expect((await api.get("/history")).body).toEqual({ items: [second, first] });
    expect((await api.get("/history?limit=1")).body).toEqual({ items: [second], next: 10 });
    expect((await api.get("/history?limit=1&before=10")).body).toEqual({ items: [first] });
  });

  it("lists every change, however small the pages", async () => {
    await letter();
    const all = (await api.get("/history?of=changes")).body.items;
    expect(all.at(-1)).toEqual({ user_id: "ann", at_ms: STARTED_MS, before: 0, after: 8 });
    expect(all[0].after).toBe(19);
    const items: unknown[] = [];
    for (let before = "19"; before !== "undefined"; ) {
      const { body } = await api.get(`/history?of=changes&limit=1&before=${before}`);
      items.push(...body.items);
      before = String(body.next);
    }
    expect(items).toEqual(all);
  });

  it("says what changed between two states, and who changed each piece", async () => {
    await letter();
    const { body } = await api.get("/diff?from=8&to=19");
    const atMs = STARTED_MS + 61 * MINUTE;
    expect(body).toMatchObject({
      from: { version: 8 },
      to: { version: 19 },
      title: { from: "", to: "Letter" },
      counters: { likes: { from: 0, to: 2 } },
      fields: {},
    });
    expect(body.text).toEqual(
      expect.arrayContaining([
        { insert: "Hello", user_id: "bob", at_ms: atMs },
        { delete: "Dear", user_id: "bob", at_ms: atMs },
      ]),
    );
    const back = (await api.get("/diff?from=19&to=8")).body;
    expect(back.title).toEqual({ from: "Letter", to: "" });
    expect((await api.get("/diff?from=19")).body).toMatchObject({ text: [], counters: {} });
  });

  it("says who wrote each stretch of the text, and when", async () => {
    await letter();
    const { body } = await api.get("/blame");
    expect(body.version).toBe(19);
    expect(body.ranges).toEqual([
      { from: 0, to: 5, user_id: "bob", at_ms: STARTED_MS + 61 * MINUTE },
      { from: 5, to: 9, user_id: "ann", at_ms: STARTED_MS },
    ]);
  });
});

describe("a named version", () => {
  it("is given once and listed with who named it", async () => {
    await letter();
    const named = await api.post("/versions?user_id=ann", { name: "First draft", version: "8" });
    expect(named.status).toBe(201);
    expect(named.body).toMatchObject({ name: "First draft", user_id: "ann", version: 8 });
    const latest = await api.post("/versions?user_id=bob", { name: "latest" });
    expect(latest.body.version).toBe(19);
    expect((await api.get("/versions")).body).toEqual({ items: [named.body, latest.body] });
    expect(codeOf(await api.post("/versions?user_id=bob", { name: "latest" }))).toEqual([409, "NAME_TAKEN"]);
    expect(codeOf(await api.post("/versions?user_id=bob", { name: "" }))).toEqual([400, "MALFORMED"]);
    expect(codeOf(await api.post("/versions?user_id=bob", { name: "x", version: "99" }))).toEqual([
      404,
      "UNKNOWN_VERSION",
    ]);
  });

  it("is what a document can be taken back to, for everybody who has it open", async () => {
    await letter();
    await api.post("/versions?user_id=ann", { name: "First draft", version: "10" });
    const cem = await join("cem");
    const { status, body } = await api.post("/restore?user_id=dan", { version: "name:First draft" });
    expect(status).toBe(200);
    await cem.reach(body.version);
    expect(cem.text).toBe("Dear all");
    expect(cem.received.findLast(({ type }) => type === "changes")).toMatchObject({ user_id: "dan" });
    expect((await api.get("?version=19")).body.text).toBe("Hello all");
    expect((await api.get("/blame")).body.ranges[0]).toMatchObject({ user_id: "dan" });
  });
});

describe("a request that makes no sense", () => {
  beforeEach(letter);

  it.each([
    ["?version=latest", "version"],
    ["?version=-1", "version"],
    ["?version=1.5", "version"],
    ["?version=", "version"],
    ["?version=time:yesterday", "version"],
    ["?version=vector:17", "version"],
    ["?version=vector:{", "version"],
    ['?version=vector:{"ann":-1}', ""],
    ["?verson=3", "verson is not known here"],
    ["/diff", "from is missing"],
    ["/diff?from=0&to=x", "to"],
    ["/history?limit=0", "limit"],
    ["/history?limit=501", "limit"],
    ["/history?limit=1e3", "limit"],
    ["/history?of=everything", "of"],
    ["/blame?version=3", "version is not known here"],
  ])("%s is refused, saying %j", async (path, sentence) => {
    const { status, body } = await api.get(path);
    expect(status).toBe(400);
    expect(body.message).toContain(sentence);
  });

  it.each([
    ["in no JSON", "{", {}, 400, "BAD_REQUEST"],
    ["with a field that nobody knows", { name: "x", colour: "red" }, {}, 400, "BAD_REQUEST"],
    ["with a prototype", '{"name":"x","__proto__":{"polluted":1}}', {}, 400, "BAD_REQUEST"],
    ["that is a list", [], {}, 400, "BAD_REQUEST"],
    [
      "that a form of another site could send",
      { name: "x" },
      { "content-type": "text/plain" },
      400,
      "BAD_REQUEST",
    ],
    ["that is too large", { name: "x".repeat(2_000) }, {}, 413, "TOO_LARGE"],
  ])("a body %s is refused", async (_what, body, headers, status, code) => {
    expect(codeOf(await api.post("/versions?user_id=ann", body, headers))).toEqual([status, code]);
    expect((await api.get("/versions")).body.items).toEqual([]);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it("a body without end is cut off, whatever it says of its length", async () => {
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(256).fill(32)),
    });
    const init = { method: "POST", headers: { "content-type": "application/json" }, duplex: "half" as const };
    const answer = api.request("/versions?user_id=ann", { ...init, body: endless });
    // Whether the answer comes through or the line is cut first is for the network to say.
    expect(await answer.then(codeOf, () => "cut off")).toSatisfy((heard: unknown) =>
      ["cut off", '[413,"TOO_LARGE"]'].includes(typeof heard === "string" ? heard : JSON.stringify(heard)),
    );
    expect((await api.get("/versions")).status).toBe(200);
  });

  it("a body may come in pieces", async () => {
    const pieces = ['{"na', 'me":"in pie', 'ces"}'].map((piece) => new TextEncoder().encode(piece));
    const body = new ReadableStream({
      pull(controller) {
        const piece = pieces.shift();
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
    });
    const init = { method: "POST", headers: { "content-type": "application/json" }, duplex: "half" as const };
    expect((await api.request("/versions?user_id=ann", { ...init, body })).status).toBe(201);
  });

  it.each(["", "?user_id=", "?user_id=a%2Fb", "?user_id=ann&name=x"])(
    "nobody writes as %j",
    async (query) => {
      expect(codeOf(await api.post(`/versions${query}`, { name: "x" }))).toEqual([400, "BAD_REQUEST"]);
    },
  );

  it("a method or an address that is not there is told apart from a document that is not", async () => {
    const patched = await api.request("", { method: "PATCH" });
    expect([...codeOf(patched), patched.headers.get("allow")]).toEqual([
      405,
      "METHOD_NOT_ALLOWED",
      "GET, HEAD, DELETE",
    ]);
    expect(codeOf(await api.get("/nothing"))).toEqual([404, "NOT_FOUND"]);
    for (const id of ["a.b", "a%2Fb", "x".repeat(129), "%00"]) {
      expect(codeOf(await new HttpApi(world.address, id).get())).toEqual([404, "NOT_FOUND"]);
    }
  });
});

describe("a store that is in trouble", () => {
  it("is told as a passing one, without its reasons, and the document is there again afterwards", async () => {
    await letter();
    store.break("load");
    const answer = await api.get();
    expect([...codeOf(answer), answer.headers.get("retry-after")]).toEqual([503, "STORE_UNAVAILABLE", "1"]);
    expect(JSON.stringify(answer.body)).not.toContain("secret");
    store.repair("load");
    store.break("append");
    expect(codeOf(await api.post("/restore?user_id=ann", { version: "8" }))).toEqual([503, "NOT_SAVED"]);
    store.repair("append");
    expect((await api.get()).body.text).toBe("Hello all");
  });

  const asks = (user: string) => api.get(`?user_id=${user}`);

  it("lets no more requests wait than may", async () => {
    await letter();
    store.hold("load");
    const waiting = ["ann", "bob", "cem"].map(asks);
    await world.until(() => store.waiting("load") === 1);
    const turnedAway = await Promise.race([...waiting, untilBusy()]);
    expect(codeOf(turnedAway)).toEqual([503, "TOO_BUSY"]);
    store.release("load");
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await api.get()).status).toBe(200);
  });

  it("lets nobody have all the requests that may wait", async () => {
    await letter();
    store.hold("load");
    const mallorys = Array.from({ length: 3 }, () => asks("mallory"));
    expect(codeOf(await Promise.race(mallorys))).toEqual([503, "TOO_BUSY"]);
    const anns = asks("ann");
    store.release("load");
    expect((await anns).status).toBe(200);
    expect((await Promise.all(mallorys)).map(({ status }) => status).sort()).toEqual([200, 200, 503]);
    expect((await asks("mallory")).status).toBe(200);
  });

  /** The three that wait may not all have arrived; whoever is one too many hears of it. */
  async function untilBusy(): Promise<Answer> {
    return Promise.race(["dan", "eve", "fay", "gil"].map(asks));
  }

  it("does not keep a server from closing", async () => {
    await letter();
    await Promise.all([api.get(), api.get()]);
    await world.close();
    await expect(api.get()).rejects.toThrow();
  });
});

describe("trimming it (A15)", () => {
  it("takes what was deleted out of the store, and is told to whoever asks for it later", async () => {
    await letter();
    expect((await api.post("/forget", { before: "19" })).body).toEqual({ forgotten: 4 });
    expect(codeOf(await api.get("?version=10"))).toEqual([410, "TRIMMED"]);
    expect(codeOf(await api.get("/diff?from=10"))).toEqual([410, "TRIMMED"]);
    expect(codeOf(await api.post("/restore?user_id=ann", { version: "10" }))).toEqual([410, "TRIMMED"]);
    expect((await api.get()).body).toMatchObject({ text: "Hello all", version: 19 });
    expect((await api.get("/diff?from=0")).body.text).toHaveLength(2);
    const [stored] = await store.load((await store.list({ limit: 1 }))[0]!);
    expect(new TextDecoder("latin1").decode(stored!.bytes)).not.toContain("Dear");
  });

  it("is refused for a state that never was, or a body that does not name one", async () => {
    await letter();
    expect(codeOf(await api.post("/forget", { before: "99" }))).toEqual([404, "UNKNOWN_VERSION"]);
    expect(codeOf(await api.post("/forget", {}))).toEqual([400, "BAD_REQUEST"]);
  });
});

it("every curl line of the README does what it says", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const lines = /```sh http\n([\s\S]*?)```/.exec(readme)?.[1]?.trim().split("\n") ?? [];
  expect(lines.length).toBeGreaterThan(5);
  const ann = await join("ann", { document: "minutes" });
  ann.insert(0, "Dear all");
  await ann.settle();
  for (const line of lines) {
    const { url, init, told } = requestOf(line);
    const response = await fetch(url.replace("http://127.0.0.1:8080", world.address), init);
    expect(response.ok, line).toBe(true);
    const text = await response.text();
    if (told?.startsWith("(")) continue;
    if (told === undefined) expect(text).toBe("Dear ");
    else expect(keysOf(JSON.parse(text)), line).toBe(told);
  }
});

/** What a line of curl asks for, and which keys its answer has, as the comment behind it says. */
function requestOf(line: string): { url: string; init: RequestInit; told: string | undefined } {
  const [command = "", comment] = line.split(/\s+# /);
  const headers = [...command.matchAll(/-H '(\S+): ([^']*)'/g)].map(([, name, value]) => [name, value]);
  const body = /-d '([^']*)'/.exec(command)?.[1];
  const url = /'(http[^']*)'/.exec(command)?.[1] ?? "";
  const method = /-X (\w+)/.exec(command)?.[1] ?? (body === undefined ? "GET" : "POST");
  const init = { method, headers: Object.fromEntries(headers), ...(body && { body }) };
  return { url, init, told: comment };
}

function keysOf(answer: Readonly<Record<string, unknown>>): string {
  const { items } = answer;
  if (!Array.isArray(items)) return Object.keys(answer).join(" ");
  return `items: ${Object.keys(items[0] ?? {}).join(" ")}`;
}
