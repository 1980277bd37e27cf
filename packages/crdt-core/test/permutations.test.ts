import { type Random, random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import type { TextCRDT } from "../src/index.js";
import { expectSame } from "./support/expect-same.js";
import { editAnywhere, internalOrder, replicas, sync } from "./support/replicas.js";

/** Every order of `items`. */
function* permutations<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length === 0) yield [];
  for (const [at, first] of items.entries()) {
    for (const rest of permutations(items.toSpliced(at, 1))) yield [first, ...rest];
  }
}

/** Six updates by three people: the first two are seen by all, the rest are made side by side. */
function sixUpdates(rng: Random): Uint8Array[] {
  const texts = replicas("ann", "bob", "Zb3-_kq01Xy");
  const updates: Uint8Array[] = [];
  const send = (text: TextCRDT) => {
    const before = text.version;
    while (text.version.equals(before)) editAnywhere(text, rng);
    if (rng.once(6)) text.appendRow(1, Uint8Array.of(1));
    updates.push(text.takeUpdate()!);
  };
  for (let shared = 0; shared < 2; shared++) {
    send(rng.pick(texts));
    sync(...texts);
  }
  for (let apart = 0; apart < 4; apart++) {
    send(rng.pick(texts));
    if (rng.once(3)) sync(texts[0], texts[1]);
  }
  return updates;
}

describe("six updates", () => {
  it.each(seeds(8))("A1: make the same text in each of their 720 orders, seed %i", (seed) => {
    const updates = sixUpdates(random(seed));
    let first: unknown;
    for (const order of permutations(updates)) {
      const [reader] = replicas("reader");
      for (const update of order) reader.applyUpdate(update);
      const state = [reader.toString(), internalOrder(reader), reader.encodeUpdate()];
      first ??= state;
      expectSame(state, first, "one order and another");
    }
  });

  it("have 720 orders", () => {
    const orders = new Set([...permutations([1, 2, 3, 4, 5, 6])].map(String));
    expect(orders.size).toBe(720);
  });
});
