import { describe, expect, it } from "vitest";
import { nextSyncState, type SyncEvent, type SyncState } from "../src/index.js";
import { settle, World } from "./support/world.js";

describe("the states of a document", () => {
  const states = Object.keys(nextSyncState) as SyncState[];
  const leads = (event: SyncEvent) => states.map((state) => nextSyncState[state][event]);

  it("say saved only from states in which the server has told what it has", () => {
    const before = states.filter((state) => Object.values(nextSyncState[state]).includes("saved"));
    expect(before.sort()).toEqual(["read-only", "saved", "saving", "syncing"]);
  });

  it("lead to offline when the line is lost, but from a refusal", () => {
    expect(new Set(leads("lost"))).toEqual(new Set(["offline", "refused"]));
    expect(nextSyncState.refused.lost).toBe("refused");
  });

  it("lead out of a refusal by another attempt only", () => {
    const { attempt, ...rest } = nextSyncState.refused;
    expect([attempt, new Set(Object.values(rest))]).toEqual(["connecting", new Set(["refused"])]);
  });
});

describe("a document on a server", () => {
  it("is edited at once, and saved when the server says so", async () => {
    const world = new World();
    const page = world.openNow();
    page.document.insert(0, "hello");
    expect([page.text, page.document.state, page.document.unsaved]).toEqual(["hello", "offline", 5]);
    const saved = page.document.whenSaved();
    await settle();
    await saved;
    expect(page.states).toEqual(["connecting", "syncing", "saving", "saved"]);
    expect([world.server.document.text, page.document.unsaved]).toEqual(["hello", 0]);
  });

  it("is not said to be saved while the server's disk stands still", async () => {
    const world = new World();
    const page = await world.open();
    world.server.hold();
    let isSaved = false;
    page.document.insert(0, "hello");
    void page.document.whenSaved().then(() => {
      isSaved = true;
    });
    await settle();
    expect([world.server.document.text, page.document.state, isSaved]).toEqual(["hello", "saving", false]);
    world.server.release();
    await settle();
    expect([page.document.state, isSaved]).toEqual(["saved", true]);
  });

  it("tells whoever asked before more was typed, though more is not saved yet", async () => {
    const world = new World();
    const page = await world.open();
    world.server.hold();
    page.document.insert(0, "first");
    const first = page.document.whenSaved();
    await settle();
    page.document.insert(5, " second");
    world.server.release();
    world.server.hold();
    await first;
    expect(page.document.state).toBe("saving");
  });

  it("shows what others do, and shows them what is done here", async () => {
    const world = new World();
    const [ann, bob] = [await world.open(), await world.open({ user: "bob" })];
    await ann.type("hello");
    await settle();
    await bob.type(" world");
    world.server.edit({ type: "set_title", title: "Minutes" });
    await settle();
    expect([ann.text, bob.text, ann.document.title]).toEqual(["hello world", "hello world", "Minutes"]);
  });

  it("says of each change how the text changed and whose it is", async () => {
    const world = new World();
    const [ann, bob] = [await world.open(), await world.open({ user: "bob" })];
    const changes: unknown[] = [];
    bob.document.on("change", ({ change, origin }) => changes.push([origin, ...change.operations()]));
    await ann.type("hello");
    await settle();
    bob.document.delete(0, 1);
    expect(changes).toEqual([
      ["remote", { type: "insert", position: 0, text: "hello" }],
      ["local", { type: "delete", position: 0, length: 1 }],
    ]);
  });

  it("has a title, counters and fields, and keeps them in step", async () => {
    const world = new World();
    const [ann, bob] = [await world.open(), await world.open({ user: "bob" })];
    ann.document.setTitle("Minutes");
    ann.document.increment("votes", 2);
    bob.document.increment("votes");
    bob.document.setField("archived", true);
    await settle();
    for (const { document } of [ann, bob]) {
      expect([document.title, document.counter("votes"), document.fields.get("archived")]).toEqual([
        "Minutes",
        3,
        true,
      ]);
    }
  });

  it("takes back what was done here, and only that", async () => {
    const world = new World();
    const [ann, bob] = [await world.open(), await world.open({ user: "bob" })];
    await ann.type("ann");
    await settle();
    await bob.type(" bob");
    await settle();
    ann.document.undo();
    await settle();
    expect([ann.text, bob.text]).toEqual([" bob", " bob"]);
    ann.document.redo();
    await settle();
    expect([bob.text, ann.document.canUndo.redo]).toEqual(["ann bob", false]);
  });

  it("refuses a position that is not in the text, and changes nothing", async () => {
    const world = new World();
    const page = await world.open();
    expect(() => page.document.insert(1, "x")).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
    await settle();
    expect([page.document.state, page.document.unsaved]).toEqual(["saved", 0]);
  });

  it("refuses what is no text, as a page without types may pass it", async () => {
    const page = await new World().open();
    for (const text of [undefined, null, 5]) {
      expect(() => page.document.insert(0, text as unknown as string)).toThrow(
        expect.objectContaining({ code: "MALFORMED" }),
      );
    }
  });

  it("stays saved when nothing is deleted", async () => {
    const page = await new World().open();
    await page.type("hello");
    await settle();
    page.document.delete(2, 0);
    expect([page.document.state, page.document.unsaved]).toEqual(["saved", 0]);
    await page.document.whenSaved();
    expect(page.states).toEqual(["connecting", "syncing", "saved", "saving", "saved"]);
  });

  it("says which document it is, and who one is in it", async () => {
    const world = new World();
    const page = world.openNow({ name: "Ann" });
    expect([page.document.id, page.document.session]).toEqual(["minutes", undefined]);
    await settle();
    expect(page.document.session).toMatchObject({ user: "ann", rights: "write" });
    world.server.rights = "read";
    page.document.disconnect();
    page.document.reconnect();
    await settle();
    expect([page.document.session?.rights, page.document.isReadOnly]).toEqual(["read", true]);
  });

  it("tells whoever waits for it when it is as the server has it, after each loss of the line anew", async () => {
    const world = new World();
    world.server.edit({ type: "insert", position: 0, text: "hello" });
    const page = world.openNow();
    let synced = 0;
    const whenSynced = () => page.document.whenSynced().then(() => synced++);
    void whenSynced();
    expect(page.text).toBe("");
    await settle();
    void whenSynced();
    await settle();
    expect([synced, page.text]).toEqual([2, "hello"]);
    page.document.disconnect();
    void whenSynced();
    await settle();
    expect(synced).toBe(2);
    page.document.reconnect();
    await settle();
    expect(synced).toBe(3);
    page.document.disconnect();
    const waiting = page.document.whenSynced();
    await Promise.all([expect(waiting).rejects.toMatchObject({ code: "CLOSED" }), page.document.close()]);
    await expect(page.document.whenSynced()).rejects.toMatchObject({ code: "CLOSED" });
  });

  it("refuses an address and a document that are none", () => {
    const world = new World();
    expect(() => world.openNow({ document: "../minutes" })).toThrow(
      expect.objectContaining({ code: "MALFORMED" }),
    );
  });
});

describe("what is sent", () => {
  it("is one frame for all that is done in one turn", async () => {
    const world = new World();
    const page = await world.open();
    for (const letter of "hello") page.document.insert(page.document.length, letter);
    page.document.setTitle("Minutes");
    await settle();
    expect(world.server.frames.length).toBe(1);
  });

  it("is put together while an acknowledgement is out", async () => {
    const world = new World();
    const page = await world.open();
    world.server.hold();
    await page.type(..."abcdefghij");
    await settle();
    expect(world.server.frames.length).toBe(1);
    world.server.release();
    await settle();
    expect([world.server.frames.length, world.server.document.text]).toEqual([2, "abcdefghij"]);
  });

  it("fits into frames, however much is pasted at once", async () => {
    const world = new World();
    const page = await world.open();
    const text = "ä👋".repeat(150_000);
    page.document.insert(0, text);
    await settle();
    expect(Math.max(...world.server.frames.map(({ length }) => length))).toBeLessThan(1_048_576);
    expect(world.server.document.text === text).toBe(true);
    expect(page.document.state).toBe("saved");
  });
});

describe("a user who may only read", () => {
  it("sees everything, and cannot edit", async () => {
    const world = new World();
    world.server.rights = "read";
    world.server.edit({ type: "insert", position: 0, text: "hello" });
    const page = await world.open();
    expect([page.text, page.document.state]).toEqual(["hello", "read-only"]);
    expect(() => page.document.insert(0, "x")).toThrow(expect.objectContaining({ code: "READ_ONLY" }));
  });

  it("keeps the edits that were made when the right was lost, and sends them when it is back", async () => {
    const world = new World();
    const page = await world.open();
    world.server.judge = () => ({ code: "FORBIDDEN" });
    page.document.insert(0, "hello");
    await settle();
    expect([page.document.state, page.document.unsaved]).toEqual(["read-only", 5]);
    world.server.judge = () => undefined;
    world.server.cutAll();
    await world.pass(1_000);
    expect([page.document.state, world.server.document.text]).toEqual(["saved", "hello"]);
  });
});

describe("presence", () => {
  it("shows who is there, their cursors and what they say of themselves", async () => {
    const world = new World();
    const [ann, bob] = [await world.open({ name: "Ann" }), await world.open({ user: "bob" })];
    await ann.type("hello");
    ann.document.moveCursor({ line: 0, column: 3 });
    ann.document.moveCursor({ line: 0, column: 4 });
    ann.document.setPresence({ status: "away", state: { page: 2 } });
    await settle();
    expect(bob.document.people.get("ann")).toMatchObject({
      name: "Ann",
      status: "away",
      state: { page: 2 },
      cursor: { line: 0, column: 4 },
    });
    expect(world.server.heard.filter(({ type }) => type === "cursor_move").length).toBe(1);
  });

  it("shows nobody while there is no line, and everybody again afterwards", async () => {
    const world = new World();
    const [ann, bob] = [await world.open(), await world.open({ user: "bob" })];
    await ann.type("hello");
    ann.document.moveCursor({ line: 0, column: 4 });
    await settle();
    world.server.cutAll();
    await settle();
    expect(bob.document.people.size).toBe(0);
    await world.pass(1_000);
    expect([...bob.document.people.keys()].sort()).toEqual(["ann", "bob"]);
    expect(bob.document.people.get("ann")?.cursor).toEqual({ line: 0, column: 4 });
  });

  it("lets go of who has left", async () => {
    const world = new World();
    const [ann, bob] = [await world.open(), await world.open({ user: "bob" })];
    await ann.document.close();
    await settle();
    expect([...bob.document.people.keys()]).toEqual(["bob"]);
  });
});

describe("a message of the application's own", () => {
  it("reaches the others", async () => {
    const world = new World();
    const [ann, bob] = [await world.open(), await world.open({ user: "bob" })];
    expect(ann.document.broadcast({ wave: true })).toBe(true);
    await settle();
    expect([ann.broadcasts, bob.broadcasts]).toEqual([[], [{ wave: true }]]);
  });

  it("says when it was not sent, and is refused when it is too large", async () => {
    const world = new World();
    world.isNetworkUp = false;
    const page = await world.open();
    expect(page.document.broadcast("hello")).toBe(false);
    const badPayload = expect.objectContaining({ code: "BAD_PAYLOAD" });
    for (const payload of ["x".repeat(4_095), undefined, 1n]) {
      expect(() => page.document.broadcast(payload)).toThrow(badPayload);
    }
    expect(() => page.document.setPresence({ state: { note: "x".repeat(1_014) } })).toThrow(badPayload);
  });
});

describe("a listener that throws", () => {
  it("keeps nobody else from hearing, and is a problem that is told", async () => {
    const world = new World();
    const page = await world.open();
    page.document.on("change", () => {
      throw new Error("a defect of the application");
    });
    let heard = 0;
    page.document.on("change", () => heard++);
    page.document.insert(0, "a");
    await settle();
    expect([heard, page.problems.map(({ code }) => code), page.document.state]).toEqual([
      1,
      ["LISTENER_FAILED"],
      "saved",
    ]);
  });
});

describe("somebody who works offline by choice", () => {
  it("is left alone, however long it takes, and loses nothing", async () => {
    const world = new World();
    const page = await world.open();
    page.document.insert(0, "before ");
    page.document.disconnect();
    await settle();
    expect([page.document.state, page.document.people.size, world.server.members]).toEqual(["offline", 0, 0]);
    page.document.insert(7, "while away");
    world.wake();
    await world.pass(600_000, 10_000);
    expect([page.document.state, world.attempts, world.server.document.text]).toEqual([
      "offline",
      1,
      "before ",
    ]);
    page.document.reconnect();
    await settle();
    expect([page.document.state, world.server.document.text]).toEqual(["saved", "before while away"]);
  });

  it("may come back under another name", async () => {
    const world = new World();
    let name = "Ann";
    const page = await world.open({ name: () => name });
    name = "Anna";
    page.document.disconnect();
    page.document.reconnect();
    await settle();
    expect(world.server.joins.map((join) => join.name)).toEqual(["Ann", "Anna"]);
  });
});

describe("a closed document", () => {
  it("leaves the server, takes no more edits and tells whoever waits", async () => {
    const world = new World();
    const page = await world.open();
    world.server.hold();
    page.document.insert(0, "hello");
    const saved = page.document.whenSaved();
    await settle();
    const closing = page.document.close();
    await expect(saved).rejects.toMatchObject({ code: "CLOSED" });
    await closing;
    await settle();
    expect(world.server.members).toBe(0);
    expect(() => page.document.insert(0, "x")).toThrow(expect.objectContaining({ code: "CLOSED" }));
    expect(() => page.document.reconnect()).toThrow(expect.objectContaining({ code: "CLOSED" }));
    expect(() => page.document.disconnect()).toThrow(expect.objectContaining({ code: "CLOSED" }));
    expect(world.clock.waiting).toBe(0);
  });
});
