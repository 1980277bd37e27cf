import { replicaId, Update, VersionVector } from "@motet/crdt-core";
import { Document, documentId, documentKey, tenantId } from "@motet/document";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HeldStore } from "./support/held-store.js";
import { JsonClient } from "./support/json-client.js";
import { ReplicaClient, type ReplicaJoining } from "./support/replica-client.js";
import { TestServer } from "./support/test-server.js";

let store: HeldStore;
let world: TestServer;
beforeEach(async () => {
  store = new HeldStore();
  world = await TestServer.start({ store });
});
afterEach(async () => {
  store.release("append");
  expect(world.defects).toEqual([]);
  await world.close();
});

const join = (user: string, more: ReplicaJoining = {}) =>
  ReplicaClient.join(world.address, { user, ...more });

/** The operations of an update, as `ann 1-5`. */
function told({ update }: { readonly update?: Uint8Array }): string[] {
  if (update === undefined) return [];
  return Update.decode(update).ranges.map(({ replica, from, to }) => `${replica} ${from}-${to}`);
}

describe("a replica that joins", () => {
  it("is told who it is, then what the server has and it lacks", async () => {
    const ann = await join("ann");
    ann.insert(0, "hello");
    await ann.settle();
    const bob = await join("bob");
    expect(bob.session).toMatchObject({
      protocol: 1,
      session: { name: "bob", server_time_ms: world.clock.wallMs() },
      users: [{ user_id: "ann" }, { user_id: "bob" }],
    });
    expect(bob.frames).toMatchObject([{ kind: "state" }]);
    expect(bob.frames[0]?.vector.toJSON()).toEqual({ ann: 5 });
    expect(bob.text).toBe("hello");
  });

  it("is sent nothing but the vector when it lacks nothing", async () => {
    const ann = await join("ann");
    ann.insert(0, "hello");
    await ann.settle();
    await ann.leave();
    const back = await join("ann", { from: ann.document });
    expect(back.frames[0]?.update).toBeUndefined();
    expect(back.frames[0]?.vector.toJSON()).toEqual({ ann: 5 });
  });

  it("is sent only what it lacks, and what it has more than the server is asked for by the vector", async () => {
    const [ann, bob] = [await join("ann"), await join("bob")];
    ann.insert(0, "one ");
    await ann.settle();
    await bob.until(() => bob.text === "one ");
    await bob.leave();
    ann.insert(4, "two");
    await ann.settle();
    bob.document.apply({ type: "insert", position: 0, text: "offline " }, 0);
    const back = await join("bob", { from: bob.document });
    expect(told(back.frames[0]!)).toEqual(["ann 5-7"]);
    expect(back.frames[0]?.vector.toJSON()).toEqual({ ann: 7 });
    back.sendUpdate(back.document.encode(back.frames[0]!.vector));
    await ann.until(() => ann.text === "offline one two");
  });

  it("is told in one frame, of as many bytes as the update in it and at most 200 more, vector aside", async () => {
    const scribe = await join("scribe");
    for (let page = 0; page < 300; page++) {
      scribe.document.writeAs(replicaId(`page-load-number-${page}-of-300`));
      scribe.insert(page % 7, `word ${page} `);
    }
    const newest = replicaId("page-load-number-299-of-300");
    await scribe.until(() => scribe.acknowledged.get(newest) > 0);

    const bob = await join("bob");
    await bob.roundTrip();
    expect([bob.frames.length, bob.text]).toEqual([1, scribe.text]);
    expect(bob.bytes - bob.frames[0]!.update!.length).toBeLessThanOrEqual(200); // An update of everything says the vector.

    await bob.leave();
    scribe.insert(0, "one more");
    await scribe.roundTrip();
    const back = await join("bob", { from: bob.document });
    await back.roundTrip();
    const [state] = back.frames;
    expect([back.frames.length, back.text, told(state!)]).toEqual([1, scribe.text, [`${newest} 10-17`]]);
    expect(back.bytes - state!.vector.encode().length - state!.update!.length).toBeLessThanOrEqual(200);
  });

  it("sees nothing that is not durable", async () => {
    const ann = await join("ann");
    store.hold("append");
    ann.insert(0, "secret");
    await ann.roundTrip();
    const bob = await ReplicaClient.connect(world.address, { user: "bob" });
    bob.knock();
    await ann.roundTrip();
    expect([bob.received, bob.frames, ann.frames.length]).toEqual([[], [], 1]);
    store.release("append");
    await bob.until(() => bob.text === "secret");
    expect(bob.frames).toHaveLength(1);
  });

  it("costs no encoding when another has just come for the same", async () => {
    const ann = await join("ann");
    ann.insert(0, "hello");
    await ann.settle();
    let encodings = 0;
    const content = Object.getOwnPropertyDescriptor(Document.prototype, "content")!;
    Object.defineProperty(Document.prototype, "content", {
      ...content,
      get(this: Document) {
        encodings++; // Whoever encodes a whole document asks for its text.
        return content.get!.call(this);
      },
    });
    try {
      const [bob, cem] = [await join("bob"), await join("cem")];
      expect([bob.text, cem.text, encodings]).toEqual(["hello", "hello", 1]);
      ann.insert(5, "!");
      await ann.settle();
      expect((await join("dan")).text).toBe("hello!");
    } finally {
      Object.defineProperty(Document.prototype, "content", content);
    }
  });

  it("is sent no character of deleted text, also when it has typed before; who has something is sent all it lacks", async () => {
    const [ann, bob] = [await join("ann"), await join("bob")];
    ann.insert(0, "one ");
    await ann.settle();
    await bob.until(() => bob.text === "one ");
    await bob.leave();
    ann.insert(4, "secret two");
    ann.do({ type: "delete", position: 4, length: 7 });
    await ann.settle();
    const typed = new Document({ id: documentId("page"), replica: replicaId("cem") });
    typed.apply({ type: "insert", position: 0, text: "cem " }, 0);
    const [cem, dan] = [await join("cem", { from: typed }), await join("dan")];
    const back = await join("bob", { from: bob.document });
    const words = ({ frames }: ReplicaClient) => Buffer.from(frames[0]!.update!).toString("latin1");
    expect([cem, dan, back].map((one) => words(one).includes("secret"))).toEqual([false, false, true]);
    expect([cem, dan, back].map(({ text }) => text)).toEqual(["cem one two", "one two", "one two"]);
    cem.sendUpdate(typed.takeUpdate()!);
    await cem.settle();
    await dan.until(() => dan.text === "cem one two");
  });

  it("may be late with its vector, but not for ever", async () => {
    const ann = await ReplicaClient.connect(world.address);
    ann.say({ type: "join", replica: { id: "ann", secret: "s".repeat(22) } });
    await world.until(() => world.server.getStatus().connectedClients === 0);
    ann.sendUpdate(Uint8Array.of(1));
    expect(await ann.refusal()).toMatchObject({ code: "NOT_JOINED", in_reply_to: "update" });
    world.pass(30_001);
    expect(await ann.ended()).toBe(4408);
  });
});

describe("a batch of changes", () => {
  it("is one frame for everybody, and for who wrote it an acknowledgement", async () => {
    const [ann, bob, cem] = [await join("ann"), await join("bob"), await join("cem")];
    store.hold("append");
    cem.insert(0, "first");
    await cem.roundTrip();
    await world.until(() => store.waiting("append") === 1);
    ann.insert(0, "A");
    ann.insert(1, "a");
    bob.insert(0, "B");
    await Promise.all([ann.roundTrip(), bob.roundTrip()]);
    store.release("append");
    await Promise.all([ann.settle(), bob.settle()]);
    await cem.until(() => cem.frames.length === 3);
    expect(cem.frames.slice(1).map((frame) => [frame.vector.toJSON(), told(frame)])).toEqual([
      [{ cem: 5 }, []],
      [{}, ["ann 1-2", "bob 1-1"]],
    ]);
    expect(ann.frames.slice(1).map((frame) => [frame.vector.toJSON(), told(frame)])).toEqual([
      [{}, ["cem 1-5"]],
      [{ ann: 2 }, ["bob 1-1"]],
    ]);
    expect([ann.text, bob.text]).toEqual([cem.text, cem.text]);
  });

  it("of a crowd of writers is still complete for each", async () => {
    const names = ["ann", "bob", "cem", "dan", "eve", "fay"];
    const crowd = await Promise.all(names.map((name) => join(name)));
    store.hold("append");
    crowd[0]!.insert(0, ".");
    await crowd[0]!.roundTrip();
    await world.until(() => store.waiting("append") === 1);
    for (const one of crowd) one.insert(0, "x");
    for (const one of crowd) await one.roundTrip();
    store.release("append");
    for (const one of crowd) await one.until(() => one.document.versionNumber === 7);
    expect(new Set(crowd.map(({ text }) => text)).size).toBe(1);
    for (const one of crowd) await one.settle();
  });

  it("reaches JSON clients as positions, and theirs reach replicas as operations", async () => {
    const ann = await join("ann");
    const bob = await JsonClient.join(world.address, { user: "bob" });
    ann.do({ type: "insert", position: 0, text: "hello" }, { type: "set_title", title: "Greeting" });
    await ann.settle();
    await bob.reach(6);
    expect([bob.text, bob.title]).toEqual(["hello", "Greeting"]);
    bob.insert(5, " world");
    await bob.settle();
    await ann.until(() => ann.text === "hello world");
    expect(ann.received.map(({ type }) => type)).toEqual(["session", "user_joined"]);
  });

  it("acknowledges again what is sent again, and applies it once", async () => {
    const ann = await join("ann");
    ann.insert(0, "once");
    await ann.settle();
    const before = world.server.getStatus().totalOperations;
    ann.sendUpdate(ann.document.encode());
    await ann.until(() => ann.frames.length === 3);
    expect(ann.frames[2]?.vector.toJSON()).toEqual({ ann: 4 });
    expect(world.server.getStatus().totalOperations).toBeLessThanOrEqual(before + 1);
    expect((await join("bob")).text).toBe("once");
  });

  it("acknowledges what waited for another's operation once that has come", async () => {
    const [ann, bob] = [await join("ann"), await join("bob")];
    const lost = new Document({ id: documentId("page"), replica: ann.document.replica });
    lost.apply({ type: "insert", position: 0, text: "base" }, 0);
    const first = lost.takeUpdate()!;
    bob.document.receive(first);
    bob.insert(4, "!");
    await bob.roundTrip();
    expect(bob.acknowledged.total).toBe(0);
    ann.document.receive(first);
    ann.sendUpdate(first);
    await bob.settle();
    await ann.until(() => ann.acknowledged.get(ann.document.replica) === 4);
    await ann.until(() => ann.text === "base!"); // Who has brought what it waited for has not seen it yet.
  });

  it("acknowledges all of it to who sent it, also where it comes by and by, and what freed a part waits on itself", async () => {
    const [ann, bob, cem] = [await join("ann"), await join("bob"), await join("cem")];
    const lost = (name: string, position: number, text: string) => {
      const document = new Document({ id: documentId("page"), replica: replicaId(name) });
      for (const update of made) document.receive(update);
      document.apply({ type: "insert", position, text }, 0);
      made.push(document.takeUpdate()!);
      return made.at(-1)!;
    };
    const made: Uint8Array[] = [];
    const [base, more, rest] = [lost("ann", 0, "base"), lost("cem", 4, "more"), lost("dan", 8, "rest")];
    for (const [update, position] of [
      [base, 4],
      [more, 8],
    ] as const) {
      bob.document.receive(update);
      bob.insert(position, "!");
    }
    await bob.roundTrip();
    const annOwn = new Document({ id: documentId("page"), replica: replicaId("ann") });
    for (const update of [base, more, rest]) annOwn.receive(update);
    annOwn.apply({ type: "insert", position: 12, text: "?" }, 0);
    ann.sendUpdate(annOwn.encode(undefined, new VersionVector([[replicaId("ann"), 5]])));
    await bob.until(() => bob.acknowledged.get(replicaId("bob")) === 1);
    cem.sendUpdate(more);
    await bob.until(() => bob.acknowledged.get(replicaId("bob")) === 2);
    expect(bob.text).toBe("basemore!!");
  });
});

describe("a replica's identity", () => {
  it("is refused to another user, who is told which operation (D8, D15)", async () => {
    const ann = await join("ann");
    ann.insert(0, "mine");
    await ann.settle();
    await ann.leave();
    const mallory = await join("mallory", { replica: "m" });
    const forged = new Document({ id: documentId("page"), replica: ann.document.replica });
    forged.receive(ann.document.encode());
    forged.apply({ type: "insert", position: 0, text: "not " }, 0);
    mallory.sendUpdate(forged.takeUpdate()!);
    expect(await mallory.refusal()).toMatchObject({
      code: "REPLICA_TAKEN",
      in_reply_to: "update",
      replica: "ann",
      seq: 5,
    });
    expect((await join("bob")).text).toBe("mine");
  });

  it("that is another user's cannot even join", async () => {
    const ann = await join("ann");
    ann.insert(0, "mine");
    await ann.settle();
    await ann.leave();
    const mallory = await ReplicaClient.connect(world.address, { user: "mallory", replica: "ann" });
    mallory.knock();
    expect(await mallory.refusal()).toMatchObject({ code: "REPLICA_TAKEN", in_reply_to: "join" });
    expect(await mallory.ended()).toBe(4423);
  });

  it("at work on a connection is refused to whoever does not know its secret", async () => {
    const ann = await join("ann");
    const copy = await ReplicaClient.connect(world.address, { user: "ann", secret: "t".repeat(22) });
    copy.knock();
    expect(await copy.refusal()).toMatchObject({ code: "REPLICA_TAKEN", in_reply_to: "join" });
    expect(await copy.ended()).toBe(4423);
    ann.insert(0, "still here");
    await ann.settle();
  });

  it("that comes again with its secret takes the old connection's place", async () => {
    const ann = await join("ann");
    const back = await join("ann", { from: ann.document });
    expect(await ann.ended()).toBe(4409);
    expect(world.server.getStatus().connectedClients).toBe(1);
    back.insert(0, "back");
    await back.settle();
  });

  it("may bring what an earlier instance of the same user has saved", async () => {
    const old = await join("ann", { replica: "ann-1" });
    old.insert(0, "one");
    await old.settle();
    await old.leave();
    old.document.apply({ type: "insert", position: 3, text: " two" }, 0);
    const fresh = await join("ann", { replica: "ann-2" });
    fresh.sendUpdate(old.document.takeUpdate()!);
    await fresh.until(() => fresh.acknowledged.get(old.document.replica) === 7);
    expect((await join("bob")).text).toBe("one two");
  });
});

describe("an update that is refused", () => {
  it("blocks what comes after it under the same id, and nothing else", async () => {
    const ann = await join("ann");
    ann.do({ type: "set_title", title: "from the future" }, { type: "insert", position: 0, text: "x" });
    await ann.settle();
    const late = new Document({ id: documentId("page"), replica: ann.document.replica });
    late.receive(ann.document.encode());
    late.apply({ type: "set_title", title: "far ahead" }, 9_000_000_000_000);
    ann.sendUpdate(late.takeUpdate()!);
    late.apply({ type: "insert", position: 0, text: "y" }, 0);
    ann.sendUpdate(late.takeUpdate()!);
    await ann.until(() => ann.errors.length === 2);
    expect(ann.errors).toMatchObject([
      { code: "CLOCK_AHEAD", in_reply_to: "update", replica: "ann", seq: 3 },
      { code: "REPLICA_REFUSED", in_reply_to: "update", replica: "ann", seq: 4 },
    ]);
    const again = new Document({ id: documentId("page"), replica: ann.document.replica });
    ann.sendUpdate(ann.document.encode(again.version));
    await ann.roundTrip();
    expect(ann.errors).toHaveLength(2);
    expect((await join("bob")).document.title).toBe("from the future");
  });

  it("because it says something else under an id that is taken leaves what was said first, and nothing more is taken under that id (D9)", async () => {
    const ann = await join("ann");
    ann.insert(0, "first");
    await ann.settle();
    const twin = new Document({ id: documentId("page"), replica: ann.document.replica });
    twin.apply({ type: "insert", position: 0, text: "other" }, 0);
    ann.sendUpdate(twin.takeUpdate()!);
    expect(await ann.refusal()).toMatchObject({ code: "CONFLICT", in_reply_to: "update", replica: "ann" });
    twin.apply({ type: "insert", position: 5, text: " words" }, 0);
    ann.sendUpdate(twin.takeUpdate()!);
    await ann.until(() => ann.errors.length === 2);
    expect(ann.errors[1]?.code).toBe("REPLICA_REFUSED");
    const fresh = await join("ann", { replica: "ann-2" });
    fresh.insert(5, "!");
    await fresh.settle();
    expect((await join("bob")).text).toBe("first!");
  });

  it("because too much waits for what never comes keeps nobody else from writing (E7)", async () => {
    const [mallory, ann] = [await join("mallory"), await join("ann")];
    const elsewhere = new Document({ id: documentId("page"), replica: replicaId("elsewhere") });
    elsewhere.apply({ type: "insert", position: 0, text: "x".repeat(1_001) }, 0);
    elsewhere.takeUpdate();
    const forged = new Document({ id: documentId("page"), replica: mallory.document.replica });
    forged.receive(elsewhere.encode());
    for (let at = 0; at <= 1_000; at++) {
      forged.apply({ type: "insert", position: at * 2 + 1, text: "y" }, 0);
      mallory.sendUpdate(forged.takeUpdate()!);
    }
    expect(await mallory.refusal()).toMatchObject({
      code: "LIMIT",
      in_reply_to: "update",
      replica: "mallory",
    });
    ann.insert(0, "unhindered");
    await ann.settle();
    expect(mallory.acknowledged.total).toBe(0);
    expect((await join("bob")).text).toBe("unhindered");
  });

  it("that cannot be read names the connection's own replica", async () => {
    const ann = await join("ann");
    ann.sendUpdate(Uint8Array.of(255, 1, 2));
    expect(await ann.refusal()).toMatchObject({ in_reply_to: "update", replica: "ann", seq: 1 });
  });

  it("because the store failed is not refused: its author joins again and sends it again", async () => {
    const ann = await join("ann");
    store.break("append");
    ann.insert(0, "kept by ann");
    expect(await ann.ended()).toBe(1011);
    expect(ann.errors.filter(({ in_reply_to }) => in_reply_to === "update")).toEqual([]);
    store.repair("append");
    const back = await join("ann", { from: ann.document });
    back.sendUpdate(back.document.encode(back.frames[0]!.vector));
    await back.settle();
  });
});

describe("of the two kinds of client", () => {
  it("a replica sends no operations in JSON (C6)", async () => {
    const ann = await join("ann");
    ann.say({ type: "insert", id: 7, position: 0, text: "x" });
    expect(await ann.refusal()).toMatchObject({ code: "BINARY_ONLY", in_reply_to: 7 });
  });

  it("a replica sends its vector once, and no server's frames", async () => {
    const ann = await join("ann");
    ann.sendRaw(Uint8Array.of(1, 0));
    ann.sendRaw(Uint8Array.of(4, 1, 0));
    ann.sendRaw(Uint8Array.of());
    await ann.until(() => ann.errors.length === 3);
    expect(ann.errors.map(({ code }) => code)).toEqual(["ALREADY_JOINED", "UNKNOWN_FRAME", "UNKNOWN_FRAME"]);
  });

  it("each hears the other's cursors, presence and custom messages", async () => {
    const ann = await join("ann");
    const bob = await JsonClient.join(world.address, { user: "bob" });
    ann.say({ type: "broadcast", payload: { wave: true } });
    expect(await bob.next("broadcast", 0)).toMatchObject({ user_id: "ann", payload: { wave: true } });
    bob.send({ type: "cursor_move", line: 0, column: 0 });
    bob.send({ type: "broadcast", payload: ["back"] });
    await ann.until(() => ann.received.length === 4);
    expect(ann.received.map(({ type }) => type)).toEqual([
      "session",
      "user_joined",
      "broadcast",
      "presence_update",
    ]);
    const selection = { head: { element: null, side: "left" } };
    expect(ann.received.at(-1)).toMatchObject({ users: [{ user_id: "bob", selection }] });
  });
});

it("a document that was only joined leaves nothing in the store", async () => {
  const [ann, bob] = [await join("ann"), await JsonClient.join(world.address, { user: "bob" })];
  await ann.leave();
  await bob.leave();
  expect(await store.list({ limit: 10 })).toEqual([]);
  expect(await store.load(documentKey(tenantId("main"), documentId("page")))).toEqual([]);
});
