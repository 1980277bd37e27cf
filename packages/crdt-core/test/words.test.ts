import { type Random, random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import type { TextCRDT } from "../src/index.js";
import { replicas, sync } from "./support/replicas.js";

const NAMES = ["10", "9", "Zb3-_kq01Xy", "ann", "bob", "zoe"];

/** Types `word` at `offset`, letter by letter in either direction, one in four of them mistyped first. */
function type(text: TextCRDT, offset: number, word: string, rng: Random): Uint8Array[] {
  const isBackward = rng.once(2);
  return [...(isBackward ? [...word].reverse() : word)].flatMap((letter, index) => {
    const caret = isBackward ? offset : offset + index;
    const strokes = rng.once(4) ? ["x", "", letter] : [letter];
    return strokes.map((stroke) => {
      if (stroke === "") text.delete(caret, 1);
      else text.insert(caret, stroke);
      return text.takeUpdate()!;
    });
  });
}

/** Everybody sees "<>", and often something deleted between the two. */
function gap(people: readonly TextCRDT[], rng: Random): void {
  people[0].insert(0, "<gone>");
  sync(...people);
  rng.pick(people).delete(1, 4);
  if (rng.once(2)) sync(...people);
  else for (const person of people) if (person.length > 2) person.delete(1, 4);
}

describe("words that several people type at one place", () => {
  it.each(seeds(200))("A8: are never torn apart, however their letters arrive, seed %i", (seed) => {
    const rng = random(seed);
    const names = rng.shuffled(NAMES).slice(0, 2 + rng.int(5));
    const [reader, ...people] = replicas("reader", ...names);
    gap(people, rng);
    for (const person of people) reader.applyUpdate(person.encodeUpdate());
    for (const person of people) person.takeUpdate();
    const words = people.map((_, index) => "abcdef"[index].repeat(2 + rng.int(5)));
    const letters = people.flatMap((person, index) => type(person, 1, words[index], rng));
    for (const letter of rng.shuffled(letters)) reader.applyUpdate(letter);
    sync(...people);
    const descending = [...names.keys()].sort((a, b) => (names[a] < names[b] ? 1 : -1));
    const expected = `<${descending.map((index) => words[index]).join("")}>`;
    for (const text of [reader, ...people]) expect(text.toString()).toBe(expected);
  });

  it.each(seeds(100))("H7: stand in the same order whatever the clocks say, seed %i", (seed) => {
    const write = (clock: Random): string => {
      const rng = random(seed);
      const now = Date.now;
      Date.now = () => clock.int(2 ** 31);
      try {
        const people = replicas("ann", "bob", "9");
        gap(people, rng);
        for (const person of people) type(person, 1, person.replica.repeat(2), rng);
        sync(...people);
        return people.map(String).join(" ");
      } finally {
        Date.now = now;
      }
    };
    expect(write(random(1))).toBe(write(random(2)));
  });
});
