import { random } from "@motet/testing";
import { describe, expect, it } from "vitest";
import { encodeState, replicaId, TextCRDT, Update } from "../src/index.js";
import { expectSame } from "./support/expect-same.js";
import { forge, id, insertion } from "./support/forge.js";
import { checkInvariants } from "./support/invariants.js";
import { internalOrder, replicas } from "./support/replicas.js";

const PEOPLE = 10_000;
const name = (number: number) => `p${String(number).padStart(5, "0")}`;

/** What 10,000 people insert at one place, one character each: their updates, in no order. */
function crowd(left: ReturnType<typeof id> | null, right: ReturnType<typeof id> | null): Uint8Array[] {
  const updates = Array.from({ length: PEOPLE }, (_, n) =>
    forge(insertion(id(name(n), 1), String(n % 10), left, right)),
  );
  return random(13).shuffled(updates);
}

/** What stands there in the end: the highest name first. */
const DESCENDING = Array.from({ length: PEOPLE }, (_, n) => String((PEOPLE - 1 - n) % 10)).join("");

function sameAfterReload(text: TextCRDT): void {
  checkInvariants(TextCRDT.engineOf(text));
  const state = encodeState(text);
  const loaded = TextCRDT.load(replicaId("loaded"), state);
  expect(loaded.toString()).toBe(text.toString());
  loaded.insert(0, "!");
  checkInvariants(TextCRDT.engineOf(loaded));
  const [reader] = replicas("reader");
  reader.applyUpdate(state);
  expectSame(internalOrder(reader), internalOrder(text), "the order of who loaded it");
  expectSame(encodeState(reader), state, "the bytes of who loaded it");
}

describe("A13, E13: shapes that an attacker would choose", { timeout: 60_000 }, () => {
  it("10,000 people who all write the first character of a text stand in the order of their names", () => {
    const [text] = replicas("reader");
    for (const update of crowd(null, null)) text.applyUpdate(update);
    expect(text.toString()).toBe(DESCENDING);
    checkInvariants(TextCRDT.engineOf(text));
  });

  it("10,000 people who all write before the first character stand in the order of their names", () => {
    const [text] = replicas("reader");
    text.applyUpdate(forge(insertion(id("base", 1), "()")));
    for (const update of crowd(null, id("base", 1))) text.applyUpdate(update);
    expect(text.toString()).toBe(`${DESCENDING}()`);
    for (const at of [1, 2]) text.applyUpdate(forge(insertion(id(`q${at}`, 1), "<", null, id("base", 1))));
    expect(text.toString()).toBe(`<<${DESCENDING}()`);
    checkInvariants(TextCRDT.engineOf(text));
  });

  it("10,000 people who all write in one gap stand in the order of their names, in one update too", () => {
    const [text, atOnce] = replicas("reader", "other");
    const base = forge(insertion(id("base", 1), "()"));
    text.applyUpdate(base);
    for (const update of crowd(id("base", 1), id("base", 2))) text.applyUpdate(update);
    expect(text.toString()).toBe(`(${DESCENDING})`);
    atOnce.applyUpdate(text.encodeUpdate());
    expectSame(internalOrder(atOnce), internalOrder(text), "the order at once and one by one");
    sameAfterReload(text);
  });

  it("a crowd that stands before different right origins is parted by them", () => {
    const [text, other] = replicas("reader", "other");
    const base = [
      forge(insertion(id("b", 1), "()")),
      forge(insertion(id("c", 1), "*", id("b", 1), id("b", 2))),
    ];
    const updates = Array.from({ length: 60 }, (_, n) =>
      forge(insertion(id(name(n), 1), "ab"[n % 2], id("b", 1), n % 2 === 0 ? id("b", 2) : id("c", 1))),
    );
    for (const update of [...base, ...updates]) text.applyUpdate(update);
    for (const update of [...base, ...random(1).shuffled(updates)]) other.applyUpdate(update);
    expect(text.toString()).toBe(`(${"a".repeat(30)}${"b".repeat(30)}*)`);
    expect(internalOrder(other)).toEqual(internalOrder(text));
  });

  it.each([
    ["right", (left: number | null) => [left, null] as const],
    ["left", (right: number | null) => [null, right] as const],
  ])("a chain of 100,000 %s children does not exhaust the stack", (side, origins) => {
    const [text] = replicas("reader");
    const chain = Array.from({ length: 100_000 }, (_, n) => {
      // Two writers by turns, so that no two of the chain are one run.
      const before = n === 0 ? null : id(n % 2 === 0 ? "bob" : "ann", Math.ceil(n / 2));
      const [left, right] = origins(0).map((origin) => (origin === null ? null : before));
      return insertion(
        id(n % 2 === 0 ? "ann" : "bob", Math.floor(n / 2) + 1),
        n % 2 === 0 ? "a" : "b",
        left,
        right,
      );
    });
    const byReplica = [...chain.filter((_, n) => n % 2 === 0), ...chain.filter((_, n) => n % 2 === 1)];
    text.applyUpdate(forge(...byReplica));
    expect(text.toString()).toBe((side === "right" ? "ab" : "ba").repeat(50_000));
    const loaded = TextCRDT.load(replicaId("loaded"), encodeState(text));
    loaded.insert(50_000, "!");
    expect(loaded.length).toBe(100_001);
  });

  it("two who type 20,000 characters backwards at one place keep their words whole", () => {
    const [text] = replicas("reader");
    for (const writer of ["ann", "bob"]) {
      const letters = Array.from({ length: 20_000 }, (_, n) =>
        insertion(id(writer, n + 1), writer[0], null, n === 0 ? null : id(writer, n)),
      );
      text.applyUpdate(forge(...letters));
    }
    expect(text.toString()).toBe("b".repeat(20_000) + "a".repeat(20_000));
  });

  it("100,000 characters typed one by one at the start are a text backwards", () => {
    const [text] = replicas("ann");
    for (let n = 0; n < 100_000; n++) text.insert(0, String(n % 10));
    expect(text.slice(0, 12)).toBe("987654321098");
    expect(text.toString()).toBe("9876543210".repeat(10_000));
    checkInvariants(TextCRDT.engineOf(text));
  });
});

describe("A14: a million characters that were typed and deleted", { timeout: 60_000 }, () => {
  const [text] = replicas("Zb3-_kq01Xy");
  for (let run = 0; run < 1000; run++) text.insert(run, "x".repeat(1000));
  for (let run = 0; run < 1000; run++) text.delete(0, 1000);

  it("take at most 2 bytes each in what is saved and sent, besides the characters themselves", () => {
    expect(text.length).toBe(0);
    expect(encodeState(text).length - 1_000_000).toBeLessThan(2_000_000 / 100);
    expect(text.encodeUpdate().length - 1_000_000).toBeLessThan(2_000_000 / 100);
  });

  it("lose no operation on the way", () => {
    const expected = [{ replica: "Zb3-_kq01Xy", from: 1, to: 2_000_000 }];
    expect(Update.decode(encodeState(text)).ranges).toEqual(expected);
    const loaded = TextCRDT.load(replicaId("loaded"), encodeState(text));
    expectSame(loaded.encodeUpdate(), text.encodeUpdate(), "what a loaded text tells");
  });
});
