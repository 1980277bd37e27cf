import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import type { ReplicaId } from "../src/index.js";
import { countContent } from "../src/text/characters.js";
import { breaksBefore } from "../src/text/line-column.js";
import { Sequence } from "../src/text/sequence.js";
import { checkInvariants } from "./support/invariants.js";
import { boundary } from "./support/replicas.js";

const WORDS = ["a", "xy", "word ", "\n", "é", "😀", "b😀😀", "日本"];

describe("the engine", () => {
  it.each(seeds(300))("keeps everything together while one edits, seed %i", (seed) => {
    const rng = random(seed);
    const sequence = new Sequence({ leafCapacity: rng.pick([4, 8, 32]), fanOut: rng.pick([3, 4, 32]) });
    const log = sequence.log.of("ann" as ReplicaId);
    let model = "";
    for (let step = 0; step < 80; step++) {
      const offset = boundary(model, rng.int(model.length + 1));
      if (rng.int(10) < 6) {
        const word = rng.pick(WORDS);
        sequence.insertAt(log, offset, word, countContent(word));
        model = model.slice(0, offset) + word + model.slice(offset);
      } else {
        const end = boundary(model, Math.min(model.length, offset + rng.int(5)));
        if (end < offset) continue;
        sequence.deleteAt(log, offset, end - offset);
        model = model.slice(0, offset) + model.slice(end);
      }
      checkInvariants(sequence);
      expect(sequence.text()).toBe(model);
      const from = boundary(model, rng.int(model.length + 1));
      expect(breaksBefore(sequence, from)).toBe(model.slice(0, from).split("\n").length - 1);
      expect(sequence.slice(from, model.length)).toBe(model.slice(from));
    }
  });
});
