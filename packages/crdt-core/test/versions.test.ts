import { describe, expect, it } from "vitest";
import { compareReplicaIds, isReplicaId, replicaId, VersionVector } from "../src/index.js";
import { expectRefusal } from "./support/expect-error.js";

const [ann, bob, cyd] = ["ann", "bob", "cyd"].map(replicaId);

describe("a replica id", () => {
  it.each(["a", "0", "Ann_1-b", "x".repeat(64), "__proto__"])("may be %s", (text) => {
    expect(replicaId(text)).toBe(text);
  });

  it.each(["", "x".repeat(65), "a b", "a/b", "..", "é", "a\n", "a\0"])("may not be %j", (text) => {
    expectRefusal(() => replicaId(text), "MALFORMED");
  });

  it.each([undefined, null, 7, {}, ["ann"]])("is never %j", (value) =>
    expect(isReplicaId(value)).toBe(false),
  );

  it("A20: is ordered by code unit, never as a number and by no locale", () => {
    const names = ["b", "10", "9", "_", "a", "B", "-", "2"];
    expect(names.sort(compareReplicaIds)).toEqual(["-", "10", "2", "9", "B", "_", "a", "b"]);
    const vector = new VersionVector(names.map((name) => [replicaId(name), 1] as const));
    expect([...vector].map(([replica]) => replica)).toEqual(["-", "10", "2", "9", "B", "_", "a", "b"]);
  });
});

describe("a version vector", () => {
  it("knows what was seen and never goes backwards", () => {
    const vector = new VersionVector([[ann, 3]]);
    vector.advance(ann, 2);
    vector.advance(bob, 1);
    expect([vector.get(ann), vector.get(bob), vector.get(cyd), vector.total]).toEqual([3, 1, 0, 4]);
    expect(vector.includes({ replica: ann, seq: 3 })).toBe(true);
    expect(vector.includes({ replica: ann, seq: 4 })).toBe(false);
    expect(vector.includes({ replica: cyd, seq: 0 })).toBe(false);
  });

  it("covers another when it has seen all of that", () => {
    const less = new VersionVector([[ann, 1]]);
    const more = new VersionVector([
      [ann, 1],
      [bob, 1],
    ]);
    expect([more.covers(less), less.covers(more), more.equals(less)]).toEqual([true, false, false]);
    less.merge(more);
    expect(less.equals(more)).toBe(true);
  });

  it("does not follow the one it was copied from", () => {
    const vector = new VersionVector([[ann, 1]]);
    const copy = vector.copy();
    vector.advance(ann, 2);
    expect([copy.get(ann), copy.total]).toEqual([1, 1]);
  });

  it("is the same after a round trip as bytes and as JSON", () => {
    const vector = new VersionVector([
      [cyd, 1],
      [ann, Number.MAX_SAFE_INTEGER - 1],
      [replicaId("__proto__"), 2],
    ]);
    expect(VersionVector.decode(vector.encode()).equals(vector)).toBe(true);
    expect(VersionVector.fromJSON(JSON.parse(JSON.stringify(vector))).equals(vector)).toBe(true);
    expect(VersionVector.decode(vector.encode()).encode()).toEqual(vector.encode());
  });

  it.each([
    ["a seq of 0", [1, 1, 97, 0]],
    ["trailing bytes", [0, 0]],
    ["an end that comes too early", [1, 1, 97]],
    ["a count beyond the bytes", [0xff, 0xff, 0xff, 0xff, 0x0f]],
    ["the same replica twice", [2, 1, 97, 1, 1, 97, 2]],
    ["replicas out of order", [2, 1, 98, 1, 1, 97, 2]],
    ["an impossible name", [1, 1, 32, 1]],
    ["nothing at all", []],
  ])("refuses %s", (_, bytes) => {
    expectRefusal(() => VersionVector.decode(Uint8Array.from(bytes)), "MALFORMED");
  });

  it.each([null, [], "ann", { ann: 0 }, { ann: "1" }, { "a b": 1 }, { ann: 1.5 }, { ann: -1 }])(
    "refuses %j as JSON",
    (json) => expectRefusal(() => VersionVector.fromJSON(json), "MALFORMED"),
  );
});
