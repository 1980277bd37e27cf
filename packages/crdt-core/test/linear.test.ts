import { random, seeds } from "@motet/testing";
import { afterEach, expect, it, vi } from "vitest";
import { RowReader } from "../src/codec/row-codec.js";
import { RowSource } from "../src/codec/row-source.js";
import { Turns } from "../src/codec/turns.js";
import { encodeState, mergeUpdates, replicaId, TextCRDT, Update } from "../src/index.js";
import { Incoming } from "../src/log/incoming.js";
import { expectRefusal } from "./support/expect-error.js";
import { deletion, forge, id, insertion, leftOut } from "./support/forge.js";
import { replicas } from "./support/replicas.js";

// Time is not asserted, but work can be counted: what costs one look at each row must not cost one at each pair.

afterEach(() => vi.restoreAllMocks());

it("a dialogue of 2,000 turns is read a few times from front to back, not once a turn", () => {
  const [ann, bob, reader] = replicas("ann", "bob", "reader");
  for (let turn = 0; turn < 1000; turn++) {
    ann.insert(ann.length, "a");
    bob.applyUpdate(ann.takeUpdate()!);
    bob.insert(bob.length, "b");
    ann.applyUpdate(bob.takeUpdate()!);
  }
  const reads = vi.spyOn(RowReader.prototype, "read");
  reader.applyUpdate(ann.encodeUpdate());
  expect(reader.toString()).toBe("ab".repeat(1000));
  expect(reads.mock.calls.length).toBeLessThan(5 * 2000);
});

it("a thousand operations that wait for the same one are not compared with each other", () => {
  const [ann] = replicas("ann");
  const waiting = Array.from({ length: 1000 }, (_, n) =>
    insertion(id(`r${String(n).padStart(4, "0")}`, 1), "x", id("nobody", 5)),
  );
  const compared = vi.spyOn(Incoming.prototype, "equals");
  expect(ann.receive(forge(...waiting)).waiting).toBe(1000);
  expect(compared.mock.calls.length).toBeLessThan(1000 * 1000);
  compared.mockClear();
  const oneMore = insertion(id("s", 1), "x", id("nobody", 5));
  expectRefusal(() => ann.receive(forge(...waiting, oneMore)), "LIMIT");
  expect(compared).not.toHaveBeenCalled();
});

it("what waits keeps the names that it needs, not all that came with it", () => {
  const [ann] = replicas("ann");
  const others = Array.from({ length: 500 }, (_, n) => insertion(id(`r${n + 1000}`, 1), "x"));
  const early = insertion(id("r1700", 1), "y", id("nobody", 1));
  const late = [deletion(id("r1700", 2), id("r1400", 1)), insertion(id("nobody", 1), "z")];
  const split = vi.spyOn(Incoming.prototype, "split");
  ann.receive(forge(...others, early, late[0]));
  const [held] = split.mock.results.map(({ value }) => value as Incoming);
  expect([held.names[0], held.names[1], held.replica]).toEqual(["nobody", undefined, "r1700"]);
  expect(ann.receive(forge(late[1])).applied).toHaveLength(2);
  expect(Update.decode(ann.encodeUpdate()).ranges).toHaveLength(502);
});

it("2,000 replicas that each typed behind the one with the next higher id are saved in a turn or two for each", () => {
  const text = new TextCRDT(replicaId("r0"));
  for (let n = 2000; n > 0; n--) {
    text.writeAs(replicaId(`r${n + 10_000}`));
    text.insert(text.length, "x");
  }
  const turns = vi.spyOn(Turns.prototype, "next");
  const state = encodeState(text);
  expect(turns.mock.calls.length).toBeLessThan(2 * 2000 + 2);
  expect(new TextCRDT(replicaId("reader")).applyUpdate(state).steps).toEqual([{ insert: "x".repeat(2000) }]);
});

it.each(seeds(100))("turns go round and round in ascending order, seed %i", (seed) => {
  const rng = random(seed);
  const places = 1 + rng.int(20);
  const turns = new Turns(places);
  const waiting = new Set(Array.from({ length: places }, (_, place) => place));
  for (let step = 0, last = -1; step < 100; step++) {
    const sorted = [...waiting].sort((a, b) => a - b);
    const expected = sorted.find((place) => place > last) ?? sorted[0];
    expect(turns.next()).toBe(expected);
    if (expected === undefined) return;
    last = expected;
    waiting.delete(expected);
    for (let place = 0; place < places; place++) {
      if (waiting.has(place) || place === last || !rng.once(4)) continue;
      waiting.add(place);
      turns.add(place);
    }
  }
});

it.each([
  ["a deletion", (seq: number, count: number) => deletion(id("ann", seq), id("bob", seq), count)],
  [
    "a backspace",
    (seq: number, count: number) =>
      deletion(id("ann", seq), id("bob", 5000 - seq), count, count > 1 ? -1 : 1),
  ],
  [
    "text left out",
    (seq: number, count: number) => leftOut(id("ann", seq), count, seq > 1 ? id("ann", seq - 1) : null),
  ],
])(
  "%s of a thousand characters that a thousand say again is not compared with each of a thousand pieces",
  (_, say) => {
    const pieces = Array.from({ length: 1000 }, (_, n) => forge(say(n + 1, 1)));
    const whole = Array.from({ length: 1000 }, (_, n) => forge(say(1, 1000 - (n % 7))));
    const compared = vi.spyOn(RowSource.prototype, "agreesWith");
    expect(mergeUpdates([...whole, ...pieces])).toEqual(forge(say(1, 1000)));
    expect(compared.mock.calls.length).toBeLessThan(5 * 2000);
  },
);

it("a thousand deletions of other targets under one id are refused by the first two", () => {
  const compared = vi.spyOn(RowSource.prototype, "agreesWith");
  const claims = Array.from({ length: 1000 }, (_, n) => forge(deletion(id("ann", 1), id("bob", n + 1), 5)));
  expectRefusal(() => mergeUpdates(claims), "CONFLICT");
  expect(compared.mock.calls.length).toBeLessThan(5);
});
