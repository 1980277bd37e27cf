import { type Random, random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import { replicaId, TextCRDT } from "../src/index.js";
import { FlatList } from "./support/flat-list.js";
import { Network } from "./support/network.js";
import { copyOf, internalOrder, replicas, sync } from "./support/replicas.js";

const NAMES = ["ann", "bob", "cyd", "10", "9"];

function history(seed: number, steps = 40): { network: Network; rng: Random } {
  const rng = random(seed);
  const network = new Network(replicas(...NAMES.slice(0, 2 + rng.int(4))), rng);
  network.edit(steps);
  return { network, rng };
}

describe("replicas that have the same operations", () => {
  it.each(seeds(150))("A1: have the same text, order and bytes after any delivery, seed %i", (seed) => {
    const { network } = history(seed);
    network.deliverAll();
    const [first, ...others] = network.texts;
    for (const other of others) {
      expect(other.toString()).toBe(first.toString());
      expect(internalOrder(other)).toEqual(internalOrder(first));
      expect(other.encodeUpdate()).toEqual(first.encodeUpdate());
    }
  });

  it.each(seeds(100))("A7: stand in the order that a scan over a flat list finds too, seed %i", (seed) => {
    const { network } = history(seed);
    network.deliverAll();
    const flat = new FlatList();
    for (const update of network.sent) flat.apply(update);
    expect([...network.texts[0].items()].map(({ id }) => `${id.replica}:${id.seq}`)).toEqual(flat.names);
  });

  it.each(seeds(50))("A16: are the fold of their operations, in any order and grouping, seed %i", (seed) => {
    const { network, rng } = history(seed);
    network.deliverAll();
    const [whole] = network.texts;
    const [piecewise] = replicas("reader");
    for (const update of rng.shuffled(network.sent)) piecewise.applyUpdate(update);
    expect(piecewise.encodeUpdate()).toEqual(whole.encodeUpdate());
    expect(internalOrder(piecewise)).toEqual(internalOrder(whole));
  });

  it.each(seeds(50))("A16: agree after exchanging only what the other lacks, seed %i", (seed) => {
    const { network } = history(seed);
    sync(...network.texts);
    sync(...network.texts);
    for (const text of network.texts) expect(text.encodeUpdate()).toEqual(network.texts[0].encodeUpdate());
  });

  it.each(seeds(30))("go on alike when one is loaded from its bytes in between, seed %i", (seed) => {
    const { network, rng } = history(seed);
    network.deliverAll();
    const loaded = network.texts.map((text) => copyOf(text));
    const again = new Network(loaded, rng);
    again.edit(20);
    again.deliverAll();
    for (const text of loaded) expect(internalOrder(text)).toEqual(internalOrder(loaded[0]));
  });
});

describe("words typed at one place", () => {
  const type = (text: TextCRDT, offset: number, word: string) =>
    [...word].forEach((character, index) => {
      text.insert(offset + index, character);
    });
  const typeBackwards = (text: TextCRDT, offset: number, word: string) =>
    [...word].reverse().forEach((character) => {
      text.insert(offset, character);
    });

  it.each([
    ["forward", type, type],
    ["backward", typeBackwards, typeBackwards],
    ["forward and backward", type, typeBackwards],
    ["backward and forward", typeBackwards, type],
  ])("A8: stay whole when two people type %s, and the higher replica id comes first", (_, first, second) => {
    const [ann, bob] = replicas("ann", "bob");
    ann.insert(0, "()");
    sync(ann, bob);
    first(ann, 1, "hello");
    second(bob, 1, "world");
    sync(ann, bob);
    expect([ann.toString(), bob.toString()]).toEqual(["(worldhello)", "(worldhello)"]);
  });

  it.each(seeds(30))("A8: stay whole between five people who type in either direction, seed %i", (seed) => {
    const rng = random(seed);
    const texts = replicas(...NAMES);
    const words = ["anna", "bobby", "cydney", "ten", "nine"];
    texts[0].insert(0, "<>");
    sync(...texts);
    texts.forEach((text, index) => {
      (rng.once(2) ? type : typeBackwards)(text, 1, words[index]);
    });
    sync(...texts);
    for (const text of texts) expect(text.toString()).toBe("<cydneybobbyannanineten>");
  });

  it("stand in the order of what they were typed in front of, the farthest first", () => {
    const [low, mid, high, top] = replicas("1", "5", "7", "9");
    low.insert(0, "b");
    sync(low, mid, high);
    top.merge(low);
    high.insert(0, "a"); // Does not know d, nor d it: both hang on b, and the higher name comes first.
    mid.insert(0, "d");
    low.merge(high);
    low.insert(1, "y"); // Between a and b.
    top.merge(high);
    top.merge(mid);
    top.insert(1, "x"); // Between a and d.
    sync(low, mid, high, top);
    expect(low.toString()).toBe("ayxdb");
  });

  it("stay in reading order when one types in front of what the other typed", () => {
    const [one, two] = replicas("1", "2");
    two.insert(0, "world");
    sync(one, two);
    type(one, 0, "hello ");
    sync(one, two);
    expect(two.toString()).toBe("hello world");
  });
});

it("follows two people through 4,000 edits, letter by letter", () => {
  const rng = random(1);
  const texts = ["ann", "bob", "cyd"].map((name) => new TextCRDT(replicaId(name)));
  const carets = [0, 0, 0];
  for (let step = 0; step < 4000; step++) {
    const author = rng.int(2);
    const text = texts[author];
    if (rng.once(50)) carets[author] = rng.int(text.length + 1);
    const caret = Math.min(carets[author], text.length);
    if (caret > 0 && rng.once(6)) text.delete(caret - 1, 1);
    else text.insert(caret, "x");
    carets[author] = caret + (text.length > 0 ? 1 : 0);
    const update = text.takeUpdate()!;
    for (const other of texts) if (other !== text) other.applyUpdate(update);
  }
  for (const text of texts) expect(internalOrder(text)).toEqual(internalOrder(texts[0]));
});
