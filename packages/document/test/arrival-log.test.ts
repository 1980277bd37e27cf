import { replicaId } from "@motet/crdt-core";
import { describe, expect, it } from "vitest";
import { ArrivalLog } from "../src/arrival-log.js";

const [one, two] = [replicaId("one"), replicaId("two")];
const filled = () => {
  const log = new ArrivalLog();
  log.add({ replica: one, from: 1, to: 3 }, 1_000);
  log.add({ replica: one, from: 4, to: 4 }, 1_400);
  log.add({ replica: two, from: 1, to: 2 }, 1_500);
  log.add({ replica: one, from: 5, to: 6 }, 9_000);
  return log;
};

describe("the log of arrivals", () => {
  it("keeps typing as one stretch a second, and the order between people exactly", () => {
    expect([...filled()]).toEqual([
      { replica: one, from: 1, to: 4, atMs: 1_000 },
      { replica: two, from: 1, to: 2, atMs: 1_500 },
      { replica: one, from: 5, to: 6, atMs: 9_000 },
    ]);
  });

  it("names the state after each number of operations, also in the middle of a stretch", () => {
    const log = filled();
    const states = Array.from({ length: log.total + 1 }, (_, count) => log.versionAfter(count)!.toJSON());
    expect(states[0]).toEqual({});
    expect(states[2]).toEqual({ one: 2 });
    expect(states[5]).toEqual({ one: 4, two: 1 });
    expect(states[8]).toEqual({ one: 6, two: 2 });
    for (const count of [9, -1, 0.5, Number.NaN]) expect(log.versionAfter(count)).toBeUndefined();
  });

  it("names the state at a moment", () => {
    const log = filled();
    expect(log.versionAt(999).toJSON()).toEqual({});
    expect(log.versionAt(1_499).toJSON()).toEqual({ one: 4 });
    expect(log.versionAt(8_999).toJSON()).toEqual({ one: 4, two: 2 });
    expect(log.versionAt(Number.POSITIVE_INFINITY).toJSON()).toEqual({ one: 6, two: 2 });
  });

  it("hides nothing that came before a clock was set back (H3)", () => {
    const log = filled();
    log.add({ replica: two, from: 3, to: 3 }, 2_000);
    expect(log.versionAt(2_500).toJSON()).toEqual({ one: 6, two: 3 });
  });

  it("gives copies that do not grow with it", () => {
    const log = new ArrivalLog();
    log.add({ replica: one, from: 1, to: 1 }, 0);
    const copy = log.copy();
    log.add({ replica: one, from: 2, to: 2 }, 1);
    expect([copy.map(({ to }) => to), log.copy().map(({ to }) => to)]).toEqual([[1], [2]]);
  });

  it("is not changed by what arrived before", () => {
    const log = filled();
    log.add({ replica: one, from: 2, to: 6 }, 20_000);
    expect(log.total).toBe(8);
    log.add({ replica: one, from: 5, to: 7 }, 20_000);
    expect([...log].at(-1)).toEqual({ replica: one, from: 7, to: 7, atMs: 20_000 });
  });
});
