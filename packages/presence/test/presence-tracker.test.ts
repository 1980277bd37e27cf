import { describe, expect, it } from "vitest";
import { COLOURS, PresenceError, PresenceTracker } from "../src/index.js";

const MINUTE_MS = 60_000;
const doc = "acme/minutes";

/** People in documents, and a clock that they share. */
class World {
  readonly presence: PresenceTracker;
  nowMs = 1_000_000;

  constructor(idleMs?: number) {
    this.presence = new PresenceTracker(idleMs === undefined ? {} : { idleMs });
  }

  join(id: string, document = doc) {
    return this.presence.join(document, { id }, this.nowMs);
  }

  move(id: string, line: number, column: number) {
    return this.presence.updateCursor(doc, id, { line, column }, this.nowMs);
  }

  /** Lets time pass and tells who has become idle. */
  wait(ms: number): string[] {
    this.nowMs += ms;
    return this.presence.checkIdle(this.nowMs).map(({ userId }) => userId);
  }

  get active(): string[] {
    return this.presence.getActiveUsers(doc).map(({ id }) => id);
  }
}

function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof PresenceError) return error.code;
    throw error;
  }
  return "none";
}

describe("joining and leaving", () => {
  it("shows who is there, by name, with a colour and no cursor", () => {
    const world = new World();
    const ann = world.presence.join(doc, { id: "ann", name: "Ann" }, world.nowMs);
    expect(ann).toEqual({
      id: "ann",
      name: "Ann",
      colour: COLOURS[0],
      connections: 1,
      status: "active",
      idle: false,
      state: {},
    });
    expect(world.presence.participants(doc)).toEqual([ann]);
    expect(world.join("bob").name).toBe("bob");
  });

  it("counts a user's tabs as one person, who leaves with the last of them", () => {
    const world = new World();
    const colour = world.join("ann").colour;
    expect(world.join("ann")).toMatchObject({ connections: 2, colour });
    expect(world.presence.leave(doc, "ann")).toMatchObject({ connections: 1 });
    expect(world.active).toEqual(["ann"]);
    expect(world.presence.leave(doc, "ann")).toMatchObject({ connections: 0, colour });
    expect(world.active).toEqual([]);
  });

  it("takes the name that a later tab brings, and keeps it when a tab brings none", () => {
    const world = new World();
    world.join("ann");
    expect(world.presence.join(doc, { id: "ann", name: "Ann" }, world.nowMs).name).toBe("Ann");
    expect(world.join("ann").name).toBe("Ann");
  });

  it("forgets someone who has gone: cursor, state, idle time and all", () => {
    const world = new World();
    world.join("ann");
    world.move("ann", 3, 4);
    world.presence.leave(doc, "ann");
    expect(world.wait(60 * MINUTE_MS)).toEqual([]);
    expect(world.presence.participant(doc, "ann")).toBeUndefined();
    expect(world.join("ann")).not.toHaveProperty("cursor");
  });

  it("has nothing to say about someone who is not there", () => {
    const world = new World();
    world.join("ann");
    expect(world.presence.leave(doc, "bob")).toBeUndefined();
    expect(world.presence.leave("acme/other", "ann")).toBeUndefined();
    expect(world.presence.participants("acme/other")).toEqual([]);
  });

  it("keeps the people of two documents apart", () => {
    const world = new World();
    world.join("ann");
    world.join("bob", "acme/other");
    expect(world.active).toEqual(["ann"]);
    expect(world.presence.participant("acme/other", "bob")?.colour).toBe(COLOURS[0]);
  });

  it("takes __proto__ and constructor for names like any other", () => {
    const world = new World();
    world.join("__proto__", "__proto__");
    expect(world.presence.participants("__proto__").map(({ id }) => id)).toEqual(["__proto__"]);
    expect(world.presence.participants("constructor")).toEqual([]);
    expect(world.presence.participant("__proto__", "toString")).toBeUndefined();
  });

  it("hands out values: what was returned before does not change afterwards", () => {
    const world = new World();
    const before = world.join("ann");
    world.move("ann", 1, 2);
    world.wait(6 * MINUTE_MS);
    expect(before).not.toHaveProperty("cursor");
    expect(before.idle).toBe(false);
  });
});

describe("cursors", () => {
  it("stand where they were moved last, with the name and colour to draw them in", () => {
    const world = new World();
    const { colour } = world.join("ann");
    world.join("bob");
    world.move("ann", 0, 5);
    world.move("ann", 3, 14);
    const position = { id: "ann", name: "ann", colour, line: 3, column: 14 };
    expect(world.presence.getCursorPositions(doc)).toEqual([position]);
  });

  it("of the idle are not shown, until they move", () => {
    const world = new World();
    world.join("ann");
    world.move("ann", 0, 5);
    world.wait(5 * MINUTE_MS);
    expect(world.presence.getCursorPositions(doc)).toEqual([]);
    world.presence.touch(doc, "ann", world.nowMs);
    expect(world.presence.getCursorPositions(doc)).toMatchObject([{ line: 0, column: 5 }]);
  });

  it.each([Number.NaN, -1, -0, 0.5, Number.POSITIVE_INFINITY, 2 ** 53])(
    "are refused at %d, and stay",
    (bad) => {
      const world = new World();
      world.join("ann");
      world.move("ann", 1, 1);
      expect(codeOf(() => world.move("ann", bad, 0))).toBe("BAD_CURSOR");
      expect(codeOf(() => world.move("ann", 0, bad))).toBe("BAD_CURSOR");
      expect(world.presence.getCursorPositions(doc)).toMatchObject([{ line: 1, column: 1 }]);
    },
  );

  it("that are refused do not keep anyone awake", () => {
    const world = new World();
    world.join("ann");
    world.nowMs += 4 * MINUTE_MS;
    codeOf(() => world.move("ann", -1, 0));
    expect(world.wait(MINUTE_MS)).toEqual(["ann"]);
  });

  it("that come late do not bring back someone who has left", () => {
    const world = new World();
    world.join("ann");
    world.presence.leave(doc, "ann");
    expect(codeOf(() => world.move("ann", 0, 0))).toBe("NOT_PRESENT");
    expect(codeOf(() => world.presence.touch(doc, "ann", world.nowMs))).toBe("NOT_PRESENT");
    expect(codeOf(() => world.presence.updateState(doc, "ann", {}, world.nowMs))).toBe("NOT_PRESENT");
    expect(world.presence.participants(doc)).toEqual([]);
  });
});

describe("going idle", () => {
  it("happens after five minutes, to the millisecond, and is told once", () => {
    const world = new World();
    world.join("ann");
    expect(world.wait(5 * MINUTE_MS - 1)).toEqual([]);
    expect(world.active).toEqual(["ann"]);
    expect(world.wait(1)).toEqual(["ann"]);
    expect(world.active).toEqual([]);
    expect(world.wait(60 * MINUTE_MS)).toEqual([]);
    expect(world.presence.participant(doc, "ann")).toMatchObject({ idle: true, status: "idle" });
  });

  it("happens after the time that was configured", () => {
    const world = new World(1_000);
    world.join("ann");
    expect([world.wait(999), world.wait(1)]).toEqual([[], ["ann"]]);
  });

  it("is put off by every move of the cursor", () => {
    const world = new World();
    world.join("ann");
    for (let i = 0; i < 10; i++) {
      expect(world.wait(4 * MINUTE_MS)).toEqual([]);
      world.move("ann", i, 0);
    }
    expect(world.wait(5 * MINUTE_MS)).toEqual(["ann"]);
  });

  it("ends with the next sign of life, and can happen again", () => {
    const world = new World();
    world.join("ann");
    world.wait(5 * MINUTE_MS);
    world.move("ann", 0, 0);
    expect(world.active).toEqual(["ann"]);
    expect(world.wait(5 * MINUTE_MS)).toEqual(["ann"]);
  });

  it("is told of everyone whom it has happened to, in all documents, longest quiet first", () => {
    const world = new World();
    for (const id of ["ann", "bob", "cid"]) world.join(id);
    world.join("dan", "acme/other");
    world.nowMs += 1_000;
    world.move("ann", 0, 0);
    expect(world.presence.checkIdle(world.nowMs + 5 * MINUTE_MS - 1_000)).toEqual([
      { document: doc, userId: "bob" },
      { document: doc, userId: "cid" },
      { document: "acme/other", userId: "dan" },
    ]);
    expect(world.presence.checkIdle(world.nowMs + 5 * MINUTE_MS)).toEqual([{ document: doc, userId: "ann" }]);
  });

  it("is not hastened by a clock that goes back", () => {
    const world = new World();
    world.join("ann");
    world.nowMs -= 60 * MINUTE_MS;
    world.join("bob");
    expect(world.wait(5 * MINUTE_MS - 1)).toEqual([]);
    world.move("ann", 0, 0);
    expect(world.wait(1)).toEqual(["bob"]);
    expect(world.wait(5 * MINUTE_MS - 1)).toEqual(["ann"]);
  });
});

describe("what applications say", () => {
  it("replaces the state as a whole, and what is absent stays", () => {
    const { presence, join, nowMs } = bound(new World());
    join("ann");
    presence.updateState(doc, "ann", { state: { page: 1, mood: "good" } }, nowMs);
    presence.updateState(doc, "ann", { status: "away" }, nowMs);
    expect(presence.participant(doc, "ann")?.state).toEqual({ page: 1, mood: "good" });
    presence.updateState(doc, "ann", { state: { page: 2 } }, nowMs);
    expect(presence.participant(doc, "ann")?.state).toEqual({ page: 2 });
  });

  it.each(["idle", "away"] as const)(
    "makes a user %s at once, untold by checkIdle, until they do something",
    (status) => {
      const world = new World();
      world.join("ann");
      expect(world.presence.updateState(doc, "ann", { status }, world.nowMs)).toMatchObject({
        status,
        idle: true,
      });
      expect(world.active).toEqual([]);
      expect(world.wait(60 * MINUTE_MS)).toEqual([]);
      expect(world.move("ann", 0, 0)).toMatchObject({ status: "active", idle: false });
    },
  );

  it("keeps a user awake who says to be active", () => {
    const world = new World();
    world.join("ann");
    world.wait(4 * MINUTE_MS);
    world.presence.updateState(doc, "ann", { status: "active" }, world.nowMs);
    expect(world.wait(4 * MINUTE_MS)).toEqual([]);
  });
});

function bound(world: World) {
  return { presence: world.presence, join: world.join.bind(world), nowMs: world.nowMs };
}
