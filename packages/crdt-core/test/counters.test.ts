import { describe, expect, it } from "vitest";
import { GCounter, LWWRegister, PNCounter, replicaId } from "../src/index.js";
import { expectRefusal } from "./support/expect-error.js";

const [ann, bob] = [replicaId("ann"), replicaId("bob")];

describe("a counter that grows", () => {
  it("counts in the entry of its own replica only", () => {
    const counter = new GCounter(ann, [[bob, 5]]);
    counter.increment(2);
    expect(counter.state).toEqual([
      ["ann", 2],
      ["bob", 5],
    ]);
    expect(counter.value).toBe(7);
  });

  it("counts one when nothing else is said", () => {
    const counter = new GCounter(ann);
    counter.increment();
    expect(counter.value).toBe(1);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("refuses to grow by %d", (amount) => {
    const counter = new GCounter(ann);
    expectRefusal(() => counter.increment(amount), "OUT_OF_RANGE");
    expect(counter.value).toBe(0);
  });

  it("counts for others when a log of operations is fed to it, and stops at 2^53 - 1", () => {
    const counter = new GCounter(ann);
    counter.record(bob, 3);
    counter.record(bob, 4);
    expect(counter.countOf(bob)).toBe(7);
    counter.record(bob, Number.MAX_SAFE_INTEGER);
    expect(counter.countOf(bob)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("takes nothing for a replica or a state that is none", () => {
    expectRefusal(() => new GCounter("no spaces" as never), "MALFORMED");
    expectRefusal(() => new GCounter(ann, [[bob, -1]]), "MALFORMED");
  });

  it("keeps a replica named __proto__ as ordinary data", () => {
    const counter = new GCounter(replicaId("__proto__"));
    counter.increment(2);
    expect(counter.state).toEqual([["__proto__", 2]]);
    expect(Object.getPrototypeOf(counter)).toBe(GCounter.prototype);
  });
});

describe("a counter that goes both ways", () => {
  it("falls below zero", () => {
    const counter = new PNCounter(ann);
    counter.increment(2);
    counter.decrement(5);
    expect(counter.value).toBe(-3);
  });

  it("refuses a negative amount in either direction", () => {
    const counter = new PNCounter(ann);
    expectRefusal(() => counter.increment(-1), "OUT_OF_RANGE");
    expectRefusal(() => counter.decrement(-1), "OUT_OF_RANGE");
  });

  it("takes signed amounts from a log of operations", () => {
    const counter = new PNCounter(ann);
    counter.record(bob, 5);
    counter.record(bob, -7);
    expect(counter.state).toEqual({ increments: [["bob", 5]], decrements: [["bob", 7]] });
    expectRefusal(() => counter.record(bob, 0.5), "OUT_OF_RANGE");
  });
});

describe("a register", () => {
  const at = (wallMs: number, counter = 0) => ({ wallMs, counter });

  it("is empty before the first write", () => {
    expect(new LWWRegister().value).toBeUndefined();
    expect(new LWWRegister().state).toBeUndefined();
  });

  it("keeps the later of two writes, whichever comes first", () => {
    const register = new LWWRegister<string>();
    expect(register.set("later", at(2), ann)).toBe(true);
    expect(register.set("earlier", at(1, 9), bob)).toBe(false);
    expect(register.state).toEqual({ value: "later", timestamp: at(2), writer: "ann" });
  });

  it("keeps the write of the higher replica id when the timestamps are equal", () => {
    const register = new LWWRegister<string>();
    register.set("by ann", at(1), ann);
    expect(register.set("by bob", at(1), bob)).toBe(true);
    expect(register.set("by ann again", at(1), ann)).toBe(false);
    expect(register.value).toBe("by bob");
  });

  it("does not call it a change when the same write comes again", () => {
    const register = new LWWRegister<string>();
    register.set("title", at(1), ann);
    expect(register.set("title", at(1), ann)).toBe(false);
  });

  it.each([-1, 0.5, Number.NaN, 1e308])("refuses a timestamp of %d", (wallMs) => {
    expectRefusal(() => new LWWRegister().set("x", at(wallMs), ann), "MALFORMED");
  });
});

it("a counter whose own entry is full refuses to grow, and keeps what it has", () => {
  const counter = new GCounter(replicaId("ann"), [[replicaId("ann"), Number.MAX_SAFE_INTEGER]]);
  expectRefusal(() => counter.increment(), "OUT_OF_RANGE");
  expect(counter.countOf(replicaId("ann"))).toBe(Number.MAX_SAFE_INTEGER);
});
