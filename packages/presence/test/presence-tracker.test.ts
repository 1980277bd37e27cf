import { describe, expect, it } from "vitest";
import { COLOURS, type Cursor, PresenceError, PresenceTracker, type Tab } from "../src/index.js";

const MINUTE_MS = 60_000;
const doc = "acme/minutes";

/** A connection of somebody, the only one unless it is named. */
function tab(user: string, connection = user, rest: Partial<Tab> = {}): Tab {
  return { document: doc, user, connection, ...rest };
}

/** People in documents, and a clock that they share. */
class World {
  readonly presence: PresenceTracker;
  nowMs = 1_000_000;

  constructor(idleMs?: number) {
    this.presence = new PresenceTracker(idleMs === undefined ? {} : { idleMs });
  }

  join(who: Tab | string, name?: string) {
    return this.presence.join(tabOf(who), name === undefined ? {} : { name }, this.nowMs);
  }

  leave(who: Tab | string) {
    return this.presence.leave(tabOf(who));
  }

  move(who: Tab | string, line: number, column: number) {
    this.point(who, { line, column });
  }

  point(who: Tab | string, cursor: Cursor | undefined) {
    this.presence.updateCursor(tabOf(who), cursor, this.nowMs);
  }

  say(who: Tab | string, update: Parameters<PresenceTracker["updateState"]>[1]) {
    this.presence.updateState(tabOf(who), update, this.nowMs);
  }

  touch(who: Tab | string) {
    this.presence.touch(tabOf(who), this.nowMs);
  }

  of(user: string) {
    return this.presence.participant(doc, user);
  }

  /** Lets time pass and tells who has become idle. */
  wait(ms: number): string[] {
    this.nowMs += ms;
    return this.presence.checkIdle(this.nowMs).map(({ userId }) => userId);
  }

  get active(): string[] {
    return this.presence.getActiveUsers(doc).map(({ id }) => id);
  }

  /** What is to be told. */
  get news() {
    return this.presence.takeChanges(doc);
  }
}

function tabOf(who: Tab | string): Tab {
  return typeof who === "string" ? tab(who) : who;
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
    const ann = world.join("ann", "Ann");
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
    const { colour } = world.join(tab("ann", "1"));
    expect(world.join(tab("ann", "2"))).toMatchObject({ connections: 2, colour });
    expect(world.leave(tab("ann", "1"))).toMatchObject({ connections: 1 });
    expect(world.active).toEqual(["ann"]);
    expect(world.leave(tab("ann", "1"))).toBeUndefined();
    expect(world.leave(tab("ann", "2"))).toMatchObject({ connections: 0, colour });
    expect(world.active).toEqual([]);
  });

  it("takes the name that a later tab brings, and keeps it when a tab brings none", () => {
    const world = new World();
    world.join("ann");
    expect(world.join(tab("ann", "2"), "Ann").name).toBe("Ann");
    expect(world.join(tab("ann", "3")).name).toBe("Ann");
  });

  it("forgets someone who has gone: cursor, state, idle time and all", () => {
    const world = new World();
    world.join("ann");
    world.move("ann", 3, 4);
    world.leave("ann");
    expect(world.wait(60 * MINUTE_MS)).toEqual([]);
    expect(world.presence.participant(doc, "ann")).toBeUndefined();
    expect(world.join("ann")).not.toHaveProperty("cursor");
  });

  it("has nothing to say about someone who is not there", () => {
    const world = new World();
    world.join("ann");
    expect(world.leave("bob")).toBeUndefined();
    expect(world.leave(tab("ann", "ann", { document: "acme/other" }))).toBeUndefined();
    expect(world.presence.participants("acme/other")).toEqual([]);
  });

  it("keeps the people of two documents apart", () => {
    const world = new World();
    world.join("ann");
    world.join(tab("bob", "bob", { document: "acme/other" }));
    expect(world.active).toEqual(["ann"]);
    expect(world.presence.participant("acme/other", "bob")?.colour).toBe(COLOURS[0]);
  });

  it("takes __proto__ and constructor for names like any other", () => {
    const world = new World();
    world.join(tab("__proto__", "__proto__", { document: "__proto__" }));
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
    world.touch("ann");
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
    world.leave("ann");
    expect(codeOf(() => world.move("ann", 0, 0))).toBe("NOT_PRESENT");
    expect(codeOf(() => world.touch("ann"))).toBe("NOT_PRESENT");
    expect(codeOf(() => world.say("ann", {}))).toBe("NOT_PRESENT");
    expect([world.presence.participants(doc), world.presence.has(tab("ann"))]).toEqual([[], false]);
  });

  it("that come late from a page that is gone do not move that of the page that took its place", () => {
    const world = new World();
    world.join(tab("ann", "old"));
    world.leave(tab("ann", "old"));
    world.join(tab("ann", "new"));
    world.move(tab("ann", "new"), 1, 1);
    expect(codeOf(() => world.move(tab("ann", "old"), 9, 9))).toBe("NOT_PRESENT");
    expect(world.of("ann")?.cursor).toEqual({ line: 1, column: 1 });
  });

  it("may come with where the selection begins, and are refused whole when that is wrong", () => {
    const world = new World();
    world.join("ann");
    const cursor = { line: 1, column: 1, from: { line: 0, column: 4 } };
    world.point("ann", cursor);
    for (const from of [
      { line: Number.NaN, column: 0 },
      { line: 0, column: -1 },
    ]) {
      expect(codeOf(() => world.point("ann", { line: 2, column: 2, from }))).toBe("BAD_CURSOR");
    }
    expect(world.of("ann")?.cursor).toEqual(cursor);
  });

  it("may be taken away", () => {
    const world = new World();
    world.join("ann");
    world.move("ann", 1, 1);
    world.point("ann", undefined);
    expect(world.of("ann")).not.toHaveProperty("cursor");
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
    world.join(tab("dan", "dan", { document: "acme/other" }));
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
    const world = new World();
    world.join("ann");
    world.say("ann", { state: { page: 1, mood: "good" } });
    world.say("ann", { status: "away" });
    expect(world.of("ann")?.state).toEqual({ page: 1, mood: "good" });
    world.say("ann", { state: { page: 2 } });
    expect(world.of("ann")?.state).toEqual({ page: 2 });
  });

  it.each(["idle", "away"] as const)(
    "makes a user %s at once, untold by checkIdle, until they do something",
    (status) => {
      const world = new World();
      world.join("ann");
      world.say("ann", { status });
      expect(world.of("ann")).toMatchObject({ status, idle: true });
      expect(world.active).toEqual([]);
      expect(world.wait(60 * MINUTE_MS)).toEqual([]);
      world.move("ann", 0, 0);
      expect(world.of("ann")).toMatchObject({ status: "active", idle: false });
    },
  );

  it("keeps a user awake who says to be active", () => {
    const world = new World();
    world.join("ann");
    world.wait(4 * MINUTE_MS);
    world.say("ann", { status: "active" });
    expect(world.wait(4 * MINUTE_MS)).toEqual([]);
  });
});

describe("a user with several pages open", () => {
  it("is as active as the most active of them", () => {
    const world = new World();
    const [one, two] = [tab("ann", "1"), tab("ann", "2")];
    world.join(one);
    world.join(two);
    const statuses = [
      () => world.say(one, { status: "away" }),
      () => world.say(two, { status: "idle" }),
      () => world.say(two, { status: "away" }),
      () => world.touch(one),
    ].map((step) => {
      step();
      return world.of("ann")?.status;
    });
    expect(statuses).toEqual(["active", "idle", "away", "active"]);
  });

  it("goes idle with the last of them, and is told once", () => {
    const world = new World();
    world.join(tab("ann", "1"));
    world.wait(MINUTE_MS);
    world.join(tab("ann", "2"));
    expect(world.wait(4 * MINUTE_MS)).toEqual([]);
    expect(world.of("ann")?.status).toBe("active");
    expect(world.wait(MINUTE_MS)).toEqual(["ann"]);
  });

  it("has the cursor of the one used last, and of the one before when that is closed", () => {
    const world = new World();
    const [one, two] = [tab("ann", "1"), tab("ann", "2")];
    for (const page of [one, two]) world.join(page);
    world.move(one, 1, 1);
    world.move(two, 2, 2);
    expect(world.of("ann")?.cursor).toEqual({ line: 2, column: 2 });
    world.move(one, 3, 3);
    expect(world.of("ann")?.cursor).toEqual({ line: 3, column: 3 });
    world.leave(one);
    expect(world.of("ann")?.cursor).toEqual({ line: 2, column: 2 });
    world.leave(two);
    expect(world.of("ann")).toBeUndefined();
  });

  it("has the state said last, and that of the page before when that is closed", () => {
    const world = new World();
    const [one, two] = [tab("ann", "1"), tab("ann", "2")];
    for (const page of [one, two]) world.join(page);
    world.say(one, { state: { page: 1 } });
    world.say(two, { state: { page: 2 } });
    expect(world.of("ann")?.state).toEqual({ page: 2 });
    world.leave(two);
    expect(world.of("ann")?.state).toEqual({ page: 1 });
  });
});

describe("what is to be told", () => {
  it("is what is new of each, the last of it, once", () => {
    const world = new World();
    world.join("ann");
    world.join("bob");
    expect([world.presence.hasChanges(doc), world.news]).toEqual([false, []]);
    for (let column = 0; column < 9; column++) world.move("ann", 0, column);
    world.say("bob", { status: "away", state: { page: 2 } });
    expect(world.presence.hasChanges(doc)).toBe(true);
    expect(world.news).toEqual([
      { id: "ann", cursor: { line: 0, column: 8 } },
      { id: "bob", status: "away", state: { page: 2 } },
    ]);
    expect([world.presence.hasChanges(doc), world.news]).toEqual([false, []]);
  });

  it("is nothing when somebody only goes on", () => {
    const world = new World();
    world.join("ann");
    world.touch("ann");
    world.say("ann", { status: "active" });
    expect(world.news).toEqual([]);
  });

  it("is nothing of what was taken back meanwhile", () => {
    const world = new World();
    world.join("ann");
    world.say("ann", { status: "away" });
    world.touch("ann");
    expect(world.news).toEqual([]);
  });

  it("is a cursor that is gone, a new name, and who has gone idle", () => {
    const world = new World();
    world.join("ann");
    world.move("ann", 0, 0);
    expect(world.news).toHaveLength(1);
    world.point("ann", undefined);
    world.join(tab("ann", "2"), "Ann");
    world.wait(5 * MINUTE_MS);
    expect(world.news).toEqual([{ id: "ann", name: "Ann", status: "idle", cursor: null }]);
  });

  it("is nothing of who has left, nor of what they were when they come back", () => {
    const world = new World();
    world.join("ann");
    world.join("bob");
    world.move("ann", 0, 0);
    world.leave("ann");
    expect(world.news).toEqual([]);
    world.join("ann");
    expect(world.news).toEqual([]);
    expect(world.presence.takeChanges("acme/other")).toEqual([]);
  });

  it("costs what has changed, however many are there", () => {
    const world = new World();
    const all = Array.from({ length: 1_000 }, (_, at) => `u${at}`);
    for (const id of all) world.join(id);
    let looks = 0;
    const counted = (line: number): Cursor => ({
      get line() {
        looks++;
        return line;
      },
      column: 0,
    });
    for (const id of all) world.point(id, counted(0));
    expect(world.news).toHaveLength(1_000);
    looks = 0;
    for (const id of ["u7", "u500"]) world.point(id, counted(1));
    expect(world.news.map(({ id }) => id)).toEqual(["u7", "u500"]);
    expect(looks).toBeLessThan(10);
  });
});

describe("people of another node", () => {
  const away = (user: string) => tab(user, "c1", { source: "node-b" });

  it("are there beside those of this one, and a user of both counts once", () => {
    const world = new World();
    world.join("ann");
    world.join(away("ann"));
    world.join(away("bob"));
    expect(world.presence.participants(doc).map(({ id, connections }) => [id, connections])).toEqual([
      ["ann", 2],
      ["bob", 1],
    ]);
  });

  it("have the colour they have there if it is free here", () => {
    const world = new World();
    const join = (user: string) =>
      world.presence.join(away(user), { colour: COLOURS[3]! }, world.nowMs).colour;
    expect([world.join("ann").colour, join("bob"), join("cid")]).toEqual([
      COLOURS[0],
      COLOURS[3],
      COLOURS[1],
    ]);
  });

  it("are idle when that node says so, and not before", () => {
    const world = new World();
    world.join(away("bob"));
    expect(world.wait(60 * MINUTE_MS)).toEqual([]);
    world.say(away("bob"), { status: "idle" });
    expect(world.of("bob")?.status).toBe("idle");
  });

  it("are gone with their node, all at once, and nobody else", () => {
    const world = new World();
    world.join("ann");
    for (const user of ["ann", "bob", "cid"]) world.join(away(user));
    world.join(tab("dan", "c1", { source: "node-c" }));
    expect(world.presence.leaveAll("node-b").map(({ userId }) => userId)).toEqual(["bob", "cid"]);
    expect(world.active).toEqual(["ann", "dan"]);
    expect(world.of("ann")?.connections).toBe(1);
    expect(codeOf(() => world.touch(away("bob")))).toBe("NOT_PRESENT");
  });
});
