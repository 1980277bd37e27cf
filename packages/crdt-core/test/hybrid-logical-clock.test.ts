import { describe, expect, it } from "vitest";
import {
  compareTimestamps,
  HybridLogicalClock,
  LWWRegister,
  replicaId,
  type Timestamp,
} from "../src/index.js";
import { expectRefusal } from "./support/expect-error.js";

const HOUR_MS = 3_600_000;
const NOON_MS = 1_700_000_000_000;

function expectRising(stamps: readonly Timestamp[]): void {
  for (let i = 1; i < stamps.length; i++) expect(compareTimestamps(stamps[i - 1], stamps[i])).toBeLessThan(0);
}

describe("a hybrid logical clock", () => {
  it("follows the wall clock and counts within one millisecond", () => {
    const clock = new HybridLogicalClock();
    expect([clock.now(1000), clock.now(1000), clock.now(1001.7)]).toEqual([
      { wallMs: 1000, counter: 0 },
      { wallMs: 1000, counter: 1 },
      { wallMs: 1001, counter: 0 },
    ]);
  });

  it("issues stamps after those it has received", () => {
    const clock = new HybridLogicalClock();
    clock.receive({ wallMs: 1400, counter: 7 }, 1000);
    expect(clock.last).toEqual({ wallMs: 1400, counter: 8 });
    expect(clock.now(1000)).toEqual({ wallMs: 1400, counter: 9 });
  });

  it.each([
    [
      { wallMs: 900, counter: 3 },
      { wallMs: 1000, counter: 6 },
    ], // Ours is highest.
    [
      { wallMs: 1000, counter: 8 },
      { wallMs: 1000, counter: 9 },
    ], // Both are, theirs counts further.
    [
      { wallMs: 1000, counter: 2 },
      { wallMs: 1000, counter: 6 },
    ], // Both are, ours counts further.
    [
      { wallMs: 1100, counter: 2 },
      { wallMs: 1100, counter: 3 },
    ], // Theirs is highest.
  ])("takes in %j as the rule says", (theirs, after) => {
    const clock = new HybridLogicalClock({ wallMs: 1000, counter: 5 });
    clock.receive(theirs, 950);
    expect(clock.last).toEqual(after);
  });

  it("starts a new count when the wall clock is ahead of every stamp", () => {
    const clock = new HybridLogicalClock({ wallMs: 1000, counter: 5 });
    clock.receive({ wallMs: 1000, counter: 9 }, 2000);
    expect(clock.last).toEqual({ wallMs: 2000, counter: 0 });
  });

  it.each([
    [9e15, "CLOCK_AHEAD"],
    [Number.MAX_SAFE_INTEGER, "CLOCK_AHEAD"],
    [NOON_MS + 501, "CLOCK_AHEAD"],
    [1e308, "MALFORMED"],
    [-1, "MALFORMED"],
    [Number.NaN, "MALFORMED"],
    [0.5, "MALFORMED"],
  ] as const)(
    "H1: refuses a stamp of %d and stays as it was, so the next honest title wins",
    (wallMs, code) => {
      const clock = new HybridLogicalClock();
      const title = new LWWRegister<string>();
      title.set("old", clock.now(NOON_MS), replicaId("ann"));
      const before = clock.last;
      expectRefusal(() => clock.receive({ wallMs, counter: 0 }, NOON_MS), code);
      expect(clock.last).toEqual(before);
      expect(title.set("honest", clock.now(NOON_MS), replicaId("ann"))).toBe(true);
    },
  );

  it.each([-1, 0.5, 65_536, Number.NaN])("H1: refuses a counter of %d", (counter) => {
    expectRefusal(() => new HybridLogicalClock().receive({ wallMs: 0, counter }, 0), "MALFORMED");
  });

  it("H3: keeps rising when the server's clock jumps an hour ahead, back, and to 1970", () => {
    const clock = new HybridLogicalClock();
    const times = [NOON_MS, NOON_MS + HOUR_MS, NOON_MS - HOUR_MS, 0, NOON_MS];
    expectRising(times.map((time) => clock.now(time)));
  });

  it("H3: a peer's jump ahead is refused, not followed", () => {
    const clock = new HybridLogicalClock();
    clock.now(NOON_MS);
    expectRefusal(() => clock.receive({ wallMs: NOON_MS + HOUR_MS, counter: 0 }, NOON_MS), "CLOCK_AHEAD");
    expect(clock.last.wallMs).toBe(NOON_MS);
  });

  it("H4: a million events in one millisecond carry into the time and keep their order", () => {
    const clock = new HybridLogicalClock();
    let previous = clock.now(NOON_MS);
    for (let event = 1; event < 1_000_000; event++) {
      const stamp = clock.now(NOON_MS);
      if (compareTimestamps(previous, stamp) >= 0) throw new Error(`out of order at event ${event}`);
      previous = stamp;
    }
    expect(previous.wallMs - NOON_MS).toBe(15);
    expect(previous.counter).toBeLessThan(65_536);
  });

  it("H5: peers 400 ms apart understand each other, peers 5 s apart do not", () => {
    const clock = new HybridLogicalClock();
    clock.receive({ wallMs: NOON_MS + 400, counter: 0 }, NOON_MS);
    expect(clock.last.wallMs).toBe(NOON_MS + 400);
    expectRefusal(() => clock.receive({ wallMs: NOON_MS + 5000, counter: 0 }, NOON_MS), "CLOCK_AHEAD");
  });

  it("H6: issues nothing below its high mark after a restart with the clock set back", () => {
    const before = new HybridLogicalClock();
    const mark = before.now(NOON_MS);
    const after = new HybridLogicalClock(mark);
    expectRising([mark, after.now(NOON_MS - HOUR_MS), after.now(NOON_MS - HOUR_MS)]);
  });

  it.each([Number.NaN, -1, 1e308])("takes %d for no time", (nowMs) => {
    expectRefusal(() => new HybridLogicalClock().now(nowMs), "OUT_OF_RANGE");
  });
});
