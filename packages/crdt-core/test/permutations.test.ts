import { describe, expect, it } from "vitest";
import type { TextCRDT } from "../src/index.js";
import { expectSame } from "./support/expect-same.js";
import { Random, seeds } from "./support/random.js";
import { editAnywhere, internalOrder, replicas, sync } from "./support/replicas.js";

/** Every order of `items`. */
function* permutations<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length === 0) yield [];
  for (const [at, first] of items.entries()) {
    for (const rest of permutations(items.toSpliced(at, 1))) yield [first, ...rest];
  }
}

/** Six updates by three people: the first two are seen by all, the rest are made side by side. */
function sixUpdates(random: Random): Uint8Array[] {
  const texts = replicas("ann", "bob", "Zb3-_kq01Xy");
  const updates: Uint8Array[] = [];
  const send = (text: TextCRDT) => {
    const before = text.version;
    while (text.version.equals(before)) editAnywhere(text, random);
    if (random.once(6)) text.appendRow(1, Uint8Array.of(1));
    updates.push(text.takeUpdate()!);
  };
  for (let shared = 0; shared < 2; shared++) {
    send(random.pick(texts));
    sync(...texts);
  }
  for (let apart = 0; apart < 4; apart++) {
    send(random.pick(texts));
    if (random.once(3)) sync(texts[0], texts[1]);
  }
  return updates;
}

describe("six updates", () => {
  it.each(seeds(8))("A1: make the same text in each of their 720 orders, seed %i", (seed) => {
    const updates = sixUpdates(new Random(seed));
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
