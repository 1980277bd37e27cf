import { type Random, random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import { encodeState, encodeStateInSlices, TextCRDT } from "../src/index.js";
import { expectRefusal } from "./support/expect-error.js";
import { forge, id, insertion } from "./support/forge.js";
import { copyOf, editAnywhere, replicas, sync } from "./support/replicas.js";

/** Three people at work at once, in so many places that a state takes several steps. */
function busyText(rng: Random): TextCRDT {
  const texts = replicas("ann", "bob", "cem");
  for (let round = 0; round < 3; round++) {
    for (const text of texts) for (let edit = 0; edit < 400; edit++) editAnywhere(text, rng);
    sync(...texts);
  }
  return texts[0];
}

/** Encodes step by step, and does `between` after each. */
function inSlices(
  text: TextCRDT,
  withoutDeleted: boolean,
  between: () => void,
): [bytes: Uint8Array, steps: number] {
  const slices = encodeStateInSlices(text, { withoutDeleted });
  for (let steps = 1; ; steps++) {
    const slice = slices.next();
    if (slice.done) return [slice.value, steps];
    between();
  }
}

describe("a state that is encoded in slices", () => {
  it.each(seeds(3))(
    "is that of the moment when it was begun, though the text is edited on, seed %i",
    (seed) => {
      const rng = random(seed);
      const text = busyText(rng);
      const other = copyOf(text, "dan");
      const withoutDeleted = rng.once(2);
      const expected = encodeState(text, { withoutDeleted });
      const [bytes, steps] = inSlices(text, withoutDeleted, () => {
        for (let edit = 0; edit < 50; edit++) editAnywhere(rng.pick([text, other]), rng);
        if (rng.once(2)) text.merge(other);
        const forged = insertion(id("eve", 3), "!", id("eve", 2), id("eve", 1));
        expectRefusal(() => text.applyUpdate(forge(insertion(id("eve", 1), "ab"), forged)), "FORGED_ORIGIN");
      });
      expect(bytes).toEqual(expected);
      expect(steps).toBeGreaterThan(3);
      expect(encodeState(text)).not.toEqual(expected);
    },
  );

  it("is the saved bytes in one step while a loaded text was only read", () => {
    const [ann] = replicas("ann");
    ann.insert(0, "hello");
    const loaded = TextCRDT.load(ann.replica, encodeState(ann));
    const [bytes, steps] = inSlices(loaded, false, () => {});
    expect([bytes, steps]).toEqual([encodeState(ann), 1]);
  });
});
