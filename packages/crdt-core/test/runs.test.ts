import { random, seeds } from "@motet/testing";
import { expect, it } from "vitest";
import { runsOf } from "../src/index.js";
import { editAnywhere, replicas, sync } from "./support/replicas.js";

it.each(seeds(40))("tells the same story a run at a time as a character at a time, seed %i", (seed) => {
  const rng = random(seed);
  const texts = replicas("ann", "bob", "cat");
  for (let step = 0; step < 60; step++) {
    editAnywhere(texts[step % 3], rng);
    if (step % 7 === 0) sync(...texts);
  }
  sync(...texts);
  for (const text of texts) {
    const characters = [...runsOf(text)].flatMap(({ id, text: content, deleted }) =>
      [...content].map((character, at) => ({ id: { ...id, seq: id.seq + at }, character, deleted })),
    );
    expect(characters).toEqual(
      [...text.items()].map(({ id, character, deleted }) => ({ id, character, deleted })),
    );
    expect([...runsOf(text)].every((run) => [...run.text].length === run.length)).toBe(true);
    expect([...runsOf(text)].length).toBeLessThan(characters.length);
  }
});
