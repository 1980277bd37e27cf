import { describe, expect, it, vi } from "vitest";
import { blocksOfSeeds, random, seedOr, seeds } from "../src/index.js";

describe("choices by a seed", () => {
  it("are the same for the same seed, and others for another", () => {
    const drawn = (seed: number) => {
      const rng = random(seed);
      return Array.from({ length: 20 }, () => rng.int(1_000));
    };
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
    expect(new Set(Array.from({ length: 100 }, (_, seed) => drawn(seed)[0])).size).toBeGreaterThan(90);
  });

  it("reach everything that there is to choose from, and nothing else", () => {
    const rng = random(1);
    expect(new Set(Array.from({ length: 200 }, () => rng.int(5)))).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(new Set(Array.from({ length: 100 }, () => rng.pick("abc".split(""))))).toEqual(new Set("abc"));
    expect(rng.shuffled([1, 2, 3, 4, 5]).sort()).toEqual([1, 2, 3, 4, 5]);
    const shares = Array.from({ length: 1_000 }, () => rng.next());
    expect([Math.min(...shares) >= 0, Math.max(...shares) < 1]).toEqual([true, true]);
    expect(shares.filter((share) => share < 0.5).length).toBeGreaterThan(400);
  });
});

describe("the seeds of a test", () => {
  it("are as many as it plays", () => {
    vi.stubEnv("SEED", undefined);
    vi.stubEnv("FROM", undefined);
    expect([seeds(3), seeds(2, 10), seedOr(5)]).toEqual([[1, 2, 3], [10, 11], 5]);
    expect(blocksOfSeeds(250)).toEqual([
      [1, 100],
      [101, 200],
      [201, 250],
    ]);
    vi.unstubAllEnvs();
  });

  it("are the one that SEED names, to play a failure again", () => {
    vi.stubEnv("SEED", "7");
    expect([seeds(3), seedOr(5), blocksOfSeeds(250)]).toEqual([[7], 7, [[7, 7]]]);
    vi.unstubAllEnvs();
  });
});
