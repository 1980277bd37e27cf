import { connect, MemoryLocalStore } from "@motet/client";
import { userId } from "@motet/document";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Authenticator } from "../src/index.js";
import { JsonClient } from "./support/json-client.js";
import { ReplicaClient } from "./support/replica-client.js";
import { TestServer } from "./support/test-server.js";

const START_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;

/** Whoever knows the users answers when this is settled. */
let answers: Promise<void>;

/** Tokens say it all: `ann write 3600000` is Ann's, who may write, and runs out an hour after the start. */
const tokens: Authenticator = {
  authenticate: async ({ token = "" }) => {
    await answers;
    const [user, rights, lifeMs] = token.split(" ");
    if (user === undefined || rights === undefined) return undefined;
    const expiry = lifeMs === undefined ? {} : { expiresMs: START_MS + Number(lifeMs) };
    return { user: userId(user), ...expiry, rightsOn: () => rights as "read" };
  },
};

let world: TestServer;
beforeEach(async () => {
  answers = Promise.resolve();
  world = await TestServer.start({ authenticator: tokens });
});
afterEach(async () => {
  expect(world.defects).toEqual([]);
  await world.close();
});

const join = (token: string) => JsonClient.join(world.address, { user: token.split(" ")[0]!, token });

/** Lets `byMs` pass with everybody giving a sign of life each ten seconds. */
async function pass(byMs: number, ...clients: readonly { roundTrip(): Promise<void> }[]): Promise<void> {
  for (let left = byMs; left > 0; left -= 10_000) {
    world.pass(Math.min(left, 10_000));
    for (const client of clients) await client.roundTrip();
  }
}

describe("a token that runs out while its user is connected", () => {
  it("takes nothing any more from the 31st second after its end on, though nobody has looked at the clock (D4)", async () => {
    const ann = await join(`ann write ${HOUR_MS}`);
    const bob = await join("bob read");
    world.clock.advance(HOUR_MS + 30_001);
    ann.insert(0, "too late");
    expect(await ann.ended()).toBe(4401);
    await bob.roundTrip();
    expect(bob.received.filter(({ type }) => type === "changes")).toEqual([]);
  });

  it("is asked for 60 s ahead and again each 15 s, and the connection closed with 4401 30 s after its end", async () => {
    const ann = await join(`ann write ${HOUR_MS}`);
    await pass(HOUR_MS - 61_000, ann);
    expect(ann.received.filter(({ type }) => type === "refresh")).toEqual([]);
    await pass(1_000, ann);
    expect(ann.received.at(-2)).toMatchObject({ type: "refresh", user_id: "ann", expires_in_ms: 60_000 });
    await pass(90_000, ann);
    const asked = ann.received.filter(({ type }) => type === "refresh");
    expect(asked.length).toBe(5); // A tick each 10 s here, so each 20 s.
    expect(asked.at(-1)).toMatchObject({ expires_in_ms: 0 });
    ann.insert(0, "in time");
    await ann.settle();
    world.pass(1_000);
    expect(await ann.ended()).toBe(4401);
    expect(ann.errors).toMatchObject([{ code: "UNAUTHENTICATED", in_reply_to: "refresh" }]);
  });

  it("is followed by another on the same connection, and that one's rights hold from then on", async () => {
    const ann = await join(`ann write ${HOUR_MS}`);
    ann.send({ type: "refresh", token: `ann read ${2 * HOUR_MS}` });
    expect(await ann.next("rights", 0)).toMatchObject({ user_id: "ann", rights: "read" });
    await pass(HOUR_MS + 60_000, ann);
    ann.send({ type: "insert", id: 1, position: 0, text: "x" });
    expect(await ann.next("error", 0)).toMatchObject({ code: "FORBIDDEN", in_reply_to: 1 });
    ann.send({ type: "refresh", token: "ann write" }); // Never runs out.
    await ann.next("rights");
    await pass(3 * HOUR_MS, ann);
    ann.send({ type: "insert", id: 2, position: 0, text: "y" });
    await ann.until(() => ann.acked.has(2));
  });

  it.each([
    ["of somebody else", "bob write", "WRONG_USER"],
    ["that does not hold", "nonsense", "UNAUTHENTICATED"],
  ])("is not followed by one %s, which changes nothing", async (_what, token, code) => {
    const ann = await join(`ann write ${HOUR_MS}`);
    ann.send({ type: "refresh", token });
    expect(await ann.next("error", 0)).toMatchObject({ code, in_reply_to: "refresh" });
    ann.insert(0, "still here");
    await ann.settle();
    await pass(HOUR_MS + 30_000, ann);
    world.pass(1_000);
    expect(await ann.ended()).toBe(4401);
  });

  it("is not renewed in another's name, nor while one is looked at", async () => {
    const ann = await join(`ann write ${HOUR_MS}`);
    ann.send({ type: "refresh", user_id: "bob", token: "bob write" });
    expect(await ann.next("error", 0)).toMatchObject({ code: "WRONG_USER", in_reply_to: "refresh" });
    let answer = () => {};
    answers = new Promise((resolve) => {
      answer = resolve;
    });
    ann.send({ type: "refresh", token: "ann read" });
    ann.send({ type: "refresh", token: "ann admin" });
    await ann.until(() => ann.errors.length === 2);
    expect(ann.errors[1]).toMatchObject({ code: "TOO_BUSY", in_reply_to: "refresh" });
    answer();
    expect(await ann.next("rights", 0)).toMatchObject({ rights: "read" });
  });

  it("ends the connection with 4403 when its user may not open the document any more", async () => {
    const ann = await join(`ann write ${HOUR_MS}`);
    ann.send({ type: "refresh", token: "ann none" });
    expect(await ann.ended()).toBe(4403);
    expect(ann.errors).toMatchObject([{ code: "FORBIDDEN", in_reply_to: "refresh" }]);
  });

  it("is asked of a replica too", async () => {
    const ann = await ReplicaClient.join(world.address, { user: "ann", token: `ann write ${HOUR_MS}` });
    await pass(HOUR_MS - 60_000, ann);
    expect(ann.received.at(-2)).toMatchObject({ type: "refresh", expires_in_ms: 60_000 });
    ann.say({ type: "refresh", token: "ann read" });
    await ann.until(() => ann.received.some(({ type }) => type === "rights"));
    ann.insert(0, "x");
    expect(await ann.refusal()).toMatchObject({ code: "FORBIDDEN", in_reply_to: "update" });
  });
});

describe("a client of the SDK whose token runs out", () => {
  it("fetches another on the same line, and goes on", async () => {
    const issued: string[] = [];
    const token = async () => {
      issued.push(`ann write ${HOUR_MS * (issued.length + 1)}`);
      return issued.at(-1)!;
    };
    const ann = connect(world.address, { document: "page", token, store: new MemoryLocalStore() });
    const sessions: unknown[] = [];
    ann.on("session", (session) => sessions.push(session));
    ann.insert(0, "before ");
    await ann.whenSaved();
    const bob = await join("bob write");
    world.server.handleHeard("c1");
    for (let minute = 0; minute < 118; minute++) {
      for (let step = 0; step < 6; step++) {
        world.server.handleHeard("c1");
        await pass(10_000, bob);
      }
    }
    ann.insert(7, "after");
    await ann.whenSaved();
    await bob.reach(12);
    expect([bob.text, issued.length, sessions.length]).toEqual(["before after", 2, 1]);
    await ann.close();
  });

  it("need not know who its user is: the token says it", async () => {
    const ann = connect(world.address, {
      document: "page",
      token: async () => "ann write",
      store: new MemoryLocalStore(),
    });
    const session = new Promise((resolve) => ann.on("session", resolve));
    expect(await session).toMatchObject({ user: "ann", name: "ann", rights: "write" });
    ann.insert(0, "hello");
    ann.moveCursor({ line: 0, column: 5 });
    await ann.whenSaved();
    expect([...ann.people.keys()]).toEqual(["ann"]);
    await ann.close();
  });

  it("may write no more when the next one only lets it read", async () => {
    const rights = ["write", "read"];
    const ann = connect(world.address, {
      document: "page",
      token: async () => `ann ${rights.shift()} ${HOUR_MS}`,
      store: new MemoryLocalStore(),
    });
    ann.insert(0, "hello");
    await ann.whenSaved();
    const readOnly = new Promise<void>((resolve) =>
      ann.on("state", ({ state }) => state === "read-only" && resolve()),
    );
    for (let left = HOUR_MS - 60_000; left > 0; left -= 10_000) {
      world.server.handleHeard("c1");
      world.pass(10_000);
    }
    await readOnly;
    expect(() => ann.insert(0, "x")).toThrow(expect.objectContaining({ code: "READ_ONLY" }));
    await ann.close();
  });
});
