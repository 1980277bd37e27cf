import { type ConnectOptions, connect, MemoryLocalStore, type RemoteDocument } from "@motet/client";
import { MemoryDocumentStore } from "@motet/document";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JsonClient } from "./support/json-client.js";
import { Line } from "./support/line.js";
import { TestServer } from "./support/test-server.js";

let store: MemoryDocumentStore;
let world: TestServer;
let line: Line;
let open: RemoteDocument[];

beforeEach(async () => {
  store = new MemoryDocumentStore();
  world = await TestServer.start({ store });
  line = await Line.to(world.address);
  open = [];
});

afterEach(async () => {
  await Promise.all(open.map((document) => document.close()));
  await line.close();
  await world.close();
  expect(world.defects).toEqual([]);
});

/** A client that comes back at once. */
function client(user: string, options: Partial<ConnectOptions> = {}): RemoteDocument {
  const document = connect(line.address, {
    document: "page",
    user,
    store: new MemoryLocalStore(),
    platform: { random: () => 0 },
    ...options,
  });
  open.push(document);
  return document;
}

/** Resolves once `document` is in that state. */
function reached(document: RemoteDocument, state: RemoteDocument["state"]): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (document.state === state) resolve();
    };
    document.on("state", look);
    look();
  });
}

const letters = (text: string) => [...text].sort().join("");

describe("clients of the SDK on a real server", () => {
  it("edit together with each other and with a JSON client", async () => {
    const [ann, bob] = [client("ann"), client("bob")];
    const joe = await JsonClient.join(world.address, { user: "joe" });
    ann.insert(0, "hello");
    await ann.whenSaved();
    const joesText = () => {
      joe.takeIn();
      return joe.text;
    };
    await world.until(() => bob.text === "hello" && joesText() === "hello");
    bob.insert(5, " world");
    ann.setTitle("Minutes");
    await Promise.all([ann.whenSaved(), bob.whenSaved()]);
    await world.until(() => ann.text === "hello world" && joesText() === "hello world");
    expect([bob.title, ann.state, bob.state]).toEqual(["Minutes", "saved", "saved"]);
    expect([...ann.people.keys()].sort()).toEqual(["ann", "bob", "joe"]);
    await joe.leave();
  });

  it("see each other's cursors, states and messages", async () => {
    const [ann, bob] = [client("ann", { name: "Ann" }), client("bob")];
    await Promise.all([reached(ann, "saved"), reached(bob, "saved")]);
    const heard = new Promise((resolve) => bob.on("broadcast", resolve));
    ann.insert(0, "hello");
    ann.moveCursor({ line: 0, column: 5 });
    ann.setPresence({ state: { page: 2 } });
    ann.broadcast({ wave: true });
    expect(await heard).toEqual({ user: "ann", name: "Ann", payload: { wave: true } });
    await world.until(() => bob.people.get("ann")?.cursor !== undefined);
    expect(bob.people.get("ann")).toMatchObject({ state: { page: 2 }, cursor: { line: 0, column: 5 } });
  });

  it("have every edit when the server has been killed and another has taken its place", async () => {
    const [ann, bob] = [client("ann"), client("bob")];
    ann.insert(0, "before ");
    await ann.whenSaved();
    await world.close();
    await reached(ann, "offline");
    ann.insert(7, "during ");
    bob.insert(bob.length, "meanwhile ");
    world = await TestServer.start({ store });
    line.port = Number(new URL(world.address).port);
    await Promise.all([ann.whenSaved(), bob.whenSaved()]);
    await world.until(() => ann.text === bob.text && ann.length === 24);
    expect(letters(ann.text)).toBe(letters("before during meanwhile "));
  });

  it("deliver after a reload what was typed without a line", async () => {
    const kept = new MemoryLocalStore();
    const before = client("ann", { store: kept });
    before.insert(0, "saved");
    await before.whenSaved();
    const { port } = line;
    line.port = 1; // Nobody is there.
    line.cut();
    await reached(before, "offline");
    before.insert(5, " and kept");
    await before.close();
    line.port = port;
    const after = client("ann", { store: kept });
    await after.whenLoaded();
    expect(after.text).toBe("saved and kept");
    await after.whenSaved();
    const bob = client("bob");
    await reached(bob, "saved");
    expect(bob.text).toBe("saved and kept");
  });

  it("get a title through though their clocks are wrong by an hour", async () => {
    const wrong = {
      now: () => Date.now() + 3_600_000,
      after: (ms: number, run: () => void) => later(ms, run),
    };
    const ann = client("ann", { platform: { random: () => 0, clock: wrong } });
    ann.setTitle("made before the server's time was known");
    await ann.whenSaved();
    ann.setTitle("Minutes");
    await ann.whenSaved();
    const bob = client("bob");
    await reached(bob, "saved");
    expect(bob.title).toBe("Minutes");
  });
});

function later(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}
