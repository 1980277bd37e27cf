import { describe, expect, it } from "vitest";
import { BUGS } from "./simulation/bugs.js";
import { simulate } from "./simulation/simulate.js";

/** Of so many seeds one has to find each bug. */
const SEEDS = 400;

describe("the simulation finds", () => {
  for (const bug of BUGS) {
    it(bug.name, { timeout: 120_000 }, async () => {
      const found = await firstThatFinds(bug);
      expect(found, `none of ${SEEDS} seeds`).toBeDefined();
      expect((await simulate(found!)).complaints).toEqual([]);
    });
  }
});

async function firstThatFinds(bug: (typeof BUGS)[number]): Promise<number | undefined> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { complaints } = await simulate(seed, { distortion: bug });
    if (complaints.length > 0) return seed;
  }
  return undefined;
}
