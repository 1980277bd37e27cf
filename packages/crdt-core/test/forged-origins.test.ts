import { type Random, random, seeds } from "@motet/testing";
import { expect, it } from "vitest";
import { CrdtError, type ItemId, type TextCRDT } from "../src/index.js";
import { forge, id, insertion } from "./support/forge.js";
import { Network } from "./support/network.js";
import { internalOrder, replicas } from "./support/replicas.js";

/**
 * Inserts by 40 forgers, one each. Half of them between elements that stand close together, which may pass for honest;
 * the others between any two, also such as another forger claims to have.
 */
function forgeries(elements: readonly ItemId[], rng: Random): Uint8Array[] {
  const claimed = [...elements, ...Array.from({ length: 40 }, (_, index) => id(`f${index}`, 1))];
  const anyOrNone = () => (rng.once(8) ? null : rng.pick(claimed));
  return Array.from({ length: 40 }, (_, index) => {
    const own = id(`f${index}`, 1);
    if (rng.once(2)) return forge(insertion(own, "fo", anyOrNone(), anyOrNone()));
    const left = rng.int(elements.length + 1) - 1;
    return forge(insertion(own, "fo", elements[left] ?? null, elements[left + 1 + rng.int(4)] ?? null));
  });
}

/** @returns how many were refused, on arrival or after a wait. */
function takeIn(text: TextCRDT, updates: readonly Uint8Array[]): number {
  let refusals = 0;
  for (const update of updates) {
    try {
      refusals += text.receive(update).refused.length;
    } catch (error) {
      if (!(error instanceof CrdtError) || error.code !== "FORGED_ORIGIN") throw error;
      refusals++;
    }
  }
  return refusals;
}

it.each(seeds(60))("A11: forged origins are taken or refused alike, in every order, seed %i", (seed) => {
  const rng = random(seed);
  const network = new Network(replicas("ann", "bob", "f7x"), rng);
  network.edit(15);
  network.deliverAll();
  const elements = [...network.texts[0].items()].map((item) => item.id);
  const updates = [...network.sent, ...forgeries(elements, rng)];
  const readers = replicas("r1", "r2", "r3", "r4");
  for (const reader of readers) takeIn(reader, rng.shuffled(updates));
  for (const reader of readers) {
    expect(internalOrder(reader)).toEqual(internalOrder(readers[0]));
    expect(reader.encodeUpdate()).toEqual(readers[0].encodeUpdate());
  }
});

it("A11: some forgeries are taken and some refused, so the test above tests both", () => {
  const rng = random(1);
  const network = new Network(replicas("ann", "bob"), rng);
  network.edit(15);
  network.deliverAll();
  const [reader] = replicas("reader");
  takeIn(reader, network.sent);
  const honest = reader.version.size;
  const elements = [...reader.items()].map((item) => item.id);
  const refused = takeIn(reader, forgeries(elements, rng));
  expect(refused).toBeGreaterThan(5);
  expect(reader.version.size - honest).toBeGreaterThan(2);
});
