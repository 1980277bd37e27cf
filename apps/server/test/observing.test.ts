import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ServerEvent } from "../src/index.js";
import { JsonClient } from "./support/json-client.js";
import { OpenApiClient } from "./support/openapi-client.js";
import { TestServer } from "./support/test-server.js";

const page = "page";
const ann = "ann";
const insert = (position: number, text: string) => ({ type: "insert", position, text }) as const;

let world: TestServer;
const told: ServerEvent[] = [];
beforeEach(async () => {
  told.length = 0;
  world = await TestServer.start();
  world.server.events.subscribe((event) => told.push(event));
});
afterEach(async () => {
  await world.close();
  expect(world.defects).toEqual([]);
});

const ofType = (...types: string[]) => told.filter(({ type }) => types.includes(type));

describe("a program that embeds the server", () => {
  it("reads, edits, names and restores a document, and everybody who has it open sees it", async () => {
    const bob = await JsonClient.join(world.address, { user: "bob" });
    const document = world.server.document(page);
    await document.create([insert(0, "Dear")], { user: ann });
    await document.nameVersion("draft");
    const { version } = await document.edit([insert(4, " all"), { type: "set_title", title: "Letter" }]);
    await bob.reach(version);
    expect([bob.text, bob.title]).toEqual(["Dear all", "Letter"]);
    expect((await document.read({ name: "draft" })).text).toBe("Dear");
    expect(await document.history((history) => history.blame().map(({ user }) => user))).toEqual([
      "ann",
      "server",
    ]);
    await bob.reach(await document.restore({ name: "draft" }, ann));
    expect([bob.text, (await document.read()).text]).toEqual(["Dear", "Dear"]);
    expect(document.users().map(({ id }) => id)).toEqual(["bob"]);
    await bob.leave();
  });

  it("is refused names that cannot be, and what nobody may do, by the same errors", async () => {
    const malformed = { code: "MALFORMED" };
    expect(() => world.server.document("main/page")).toThrow(expect.objectContaining(malformed));
    expect(() => world.server.document(page, "a tenant")).toThrow(expect.objectContaining(malformed));
    const document = world.server.document(page);
    await document.create([insert(0, "a")]);
    await expect(document.create([insert(0, "b")], { user: "a b" })).rejects.toMatchObject(malformed);
    await expect(document.edit([insert(0, "b")], { user: "a b" })).rejects.toMatchObject(malformed);
    await expect(document.create([insert(0, "b")])).rejects.toMatchObject({ code: "EXISTS" });
    await expect(document.edit([insert(9, "b")])).rejects.toMatchObject({ code: "OUT_OF_RANGE" });
    const request = { key: "k", digest: "d" };
    expect((await document.edit([insert(0, "b")], { request })).repeated).toBe(false);
    expect((await document.edit([insert(0, "b")], { request })).repeated).toBe(true);
    expect([await document.delete(), await document.delete()]).toEqual([true, false]);
  });

  it("hears what happens to one document, until it does not want to any more", async () => {
    const heard: string[] = [];
    const end = world.server.document(page).observe(({ type }) => heard.push(type));
    await world.server.document("other").create([insert(0, "x")]);
    await world.server.document(page).create([insert(0, "x")]);
    expect(heard).toEqual(["opened", "created", "changed", "saved"]);
    end();
    await world.server.document(page).edit([insert(0, "y")]);
    expect(heard).toHaveLength(4);
  });
});

describe("an observer", () => {
  it("hears of people, of changes once they are durable, of refusals, and of the end", async () => {
    const bob = await JsonClient.join(world.address, { user: "bob", name: "Bob" });
    const again = await JsonClient.join(world.address, { user: "bob", client: "phone" });
    bob.insert(0, "hello");
    await bob.settle();
    bob.send({ type: "insert", id: 99, position: 999, text: "x" });
    await bob.roundTrip();
    await again.leave();
    await bob.leave();
    await world.until(() => ofType("left").length === 2);
    await world.server.document(page).delete();
    const who = { document: "main/page", user: "bob" };
    expect(ofType("joined", "left")).toMatchObject([
      { type: "joined", ...who, name: "Bob", kind: "json", isFirst: true },
      { type: "joined", ...who, isFirst: false },
      { type: "left", ...who, isLast: false },
      { type: "left", ...who, code: 1000, isLast: true },
    ]);
    expect(ofType("created", "changed")).toMatchObject([
      { type: "created", ...who, from: 0, to: 5 },
      { type: "changed", ...who, from: 0, to: 5 },
    ]);
    expect(ofType("saved")).toMatchObject([{ operations: 5, ackMs: 0, relayMs: 0 }]);
    expect(ofType("refused")).toEqual([{ type: "refused", code: "OUT_OF_RANGE", over: "socket" }]);
    expect(ofType("opened", "deleted").map(({ type }) => type)).toEqual(["opened", "opened", "deleted"]);
    expect(JSON.stringify(told)).not.toContain("hello");
  });

  it("hears which trace a change over HTTP belongs to, and how each request ended, without its address", async () => {
    const client = await OpenApiClient.of(world.address);
    await client.call("createDocument", { user_id: "ann", body: { doc_id: "page" } });
    const id = "4bf92f3577b34da6a3ce929d0e0e4736";
    await fetch(`${world.address}/api/v1/documents/page/operations?user_id=ann`, {
      method: "POST",
      headers: { "content-type": "application/json", traceparent: `00-${id}-00f067aa0ba902b7-01` },
      body: JSON.stringify({ operations: [insert(0, "x")] }),
    });
    await fetch(`${world.address}/api/v1/documents/page/nothing`);
    expect(ofType("changed").at(-1)).toMatchObject({ traceparent: expect.stringContaining(id) });
    expect(ofType("answered").slice(-2)).toMatchObject([
      { method: "POST", route: "/api/v1/documents/:id/operations", status: 200, traceId: id },
      { method: "GET", status: 404 },
    ]);
    expect(JSON.stringify(ofType("answered"))).not.toContain("page");
  });

  it("that throws keeps nobody from being served, and the process hears of it", async () => {
    const broken = new Error("a broken listener");
    const others = process.listeners("unhandledRejection"); // The test runner's own would fail the run.
    process.removeAllListeners("unhandledRejection");
    const heard = new Set<unknown>();
    process.on("unhandledRejection", (error) => heard.add(error));
    const end = world.server.events.subscribe(({ type }) => {
      if (type === "created") throw broken;
    });
    const { version } = await world.server.document(page).create([insert(0, "x")]);
    await world.until(() => heard.size > 0);
    end();
    process.removeAllListeners("unhandledRejection");
    for (const other of others) process.on("unhandledRejection", other);
    expect([version, ...heard]).toEqual([1, broken]);
  });
});
