import { blocksOfSeeds } from "@motet/testing";
import { afterAll, describe, it } from "vitest";
import { TREE_SHAPE } from "../src/text/span-tree.js";
import { History } from "./support/history.js";

// The engine beside the plain text: the same edits, the same deliveries, and after each step the same of everything.
// HISTORIES=100000 plays as many (FROM=50001 begins there), SEED=7 plays that one alone.

describe("the engine and the plain text", () => {
  const shape = { ...TREE_SHAPE };
  afterAll(() => Object.assign(TREE_SHAPE, shape));

  it.each(blocksOfSeeds(Number(process.env["HISTORIES"] ?? 2000)))(
    "agree on everything after every step, seeds %i to %i",
    (from, to) => {
      for (let seed = from; seed <= to; seed++) {
        try {
          new History(seed).play();
        } catch (cause) {
          throw new Error(`SEED=${seed}: ${cause instanceof Error ? cause.message : cause}`, { cause });
        }
      }
    },
  );
});
