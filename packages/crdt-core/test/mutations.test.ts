import { blocksOfSeeds, type Random, random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import { CrdtError, encodeState, replicaId, TextCRDT } from "../src/index.js";
import { expectRefusal } from "./support/expect-error.js";
import { damaged, giveBytes, isUpdate, type Sample, sampleOf } from "./support/mutation.js";
import { copyOf, replicas } from "./support/replicas.js";

// MUTATIONS=1000000 damages as many; then each must also be done within 100 ms, which the short run does not ask.

const MUTATIONS = Number(process.env["MUTATIONS"] ?? 20_000);
const PER_SEED = 100;
const MS_MAX = process.env["MUTATIONS"] === undefined ? Number.POSITIVE_INFINITY : 100;

/** What takes longer than it may is tried again: another process may have had the machine. */
function withinTime(task: () => void, seed: number): void {
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3; attempt++) {
    const start = performance.now();
    task();
    fastestMs = Math.min(fastestMs, performance.now() - start);
    if (fastestMs <= MS_MAX) return;
  }
  throw new Error(`SEED=${seed}: ${fastestMs} ms`);
}

function mutate(sample: Sample, rng: Random, seed: number): void {
  const bytes = damaged(rng.pick(sample.updates), rng.pick(sample.updates), rng);
  const isForKnown = rng.once(2);
  withinTime(() => {
    if (!isUpdate(bytes)) return;
    giveBytes(isForKnown ? copyOf(sample.text) : replicas("fresh")[0], bytes);
  }, seed);
}

/** Opens `bytes` as one's own: refused at once, or at the first edit, or a text like any other. */
function open(bytes: Uint8Array): void {
  try {
    const text = TextCRDT.load(replicaId("owner"), bytes);
    expect(text.toString().length).toBe(text.length);
    text.insert(text.length, "x");
    encodeState(text);
  } catch (error) {
    if (!(error instanceof CrdtError)) throw error;
  }
}

describe("bytes from a stranger, in every layout", () => {
  it.each(blocksOfSeeds(MUTATIONS / PER_SEED))(
    "B3, B12: damaged in a hundred ways are refused whole or make a whole document, seeds %i to %i",
    (from, to) => {
      for (let seed = from; seed <= to; seed++) {
        const rng = random(seed);
        const sample = sampleOf(rng);
        for (let round = 0; round < PER_SEED; round++) {
          try {
            mutate(sample, rng, seed);
          } catch (cause) {
            throw new Error(`SEED=${seed}, round ${round}: ${cause}`, { cause });
          }
        }
      }
    },
    120_000,
  );

  it.each(seeds(20))("B1, B2: end too early wherever they are cut, seed %i", (seed) => {
    const { updates } = sampleOf(random(seed));
    for (const bytes of updates) {
      for (let length = 0; length < bytes.length; length++) {
        // Cut between two rows, what one replica did is an update of its own; nothing says that more was to come.
        if (bytes[0] === 0x11 && isUpdate(bytes.subarray(0, length))) continue;
        expectRefusal(() => replicas("fresh")[0].receive(bytes.subarray(0, length)), "MALFORMED");
      }
    }
  });

  it.each(seeds(30))("B13: open as a saved text, damaged, or are refused, seed %i", (seed) => {
    const rng = random(seed);
    const { updates } = sampleOf(rng);
    const states = updates.filter((bytes) => bytes[0] === 0x12);
    for (let round = 0; round < 50; round++) open(damaged(rng.pick(states), rng.pick(updates), rng));
  });
});
