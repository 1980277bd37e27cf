import { seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import { type Outcome, simulate } from "./simulation/simulate.js";

/** Seeds that are run, and the first of them: more by `pnpm --filter @motet/server simulate`. */
const [COUNT, FROM] = [Number(process.env["SEEDS"] ?? 200), Number(process.env["FROM"] ?? 1)];

/** What there is to know of a seed that failed. */
function report({ seed, complaints, story }: Outcome): string {
  const again = `SEED=${seed} pnpm exec vitest run --project @motet/server simulation`;
  return [...story, "", ...complaints, "", `This seed alone: ${again}`].join("\n");
}

describe("servers, people and a world in which everything goes wrong at times", () => {
  it.each(seeds(COUNT, FROM))("lose, double and forget nothing, seed %i", async (seed) => {
    const outcome = await simulate(seed);
    expect(outcome.complaints, report(outcome)).toEqual([]);
  });

  it.each(seeds(COUNT / 2, FROM))(
    "get back what somebody still has when their database was set back to a backup, seed %i",
    async (seed) => {
      const outcome = await simulate(seed, { setsBack: true });
      expect(outcome.complaints, report(outcome)).toEqual([]);
    },
  );

  it("do the same again for the same seed", async () => {
    const [once, again, other] = [await simulate(7), await simulate(7), await simulate(8)];
    expect(again).toEqual(once);
    expect(other.checksum).not.toBe(once.checksum);
  });
});
