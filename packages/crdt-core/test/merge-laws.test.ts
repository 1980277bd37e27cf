import { type Random, random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import {
  GCounter,
  LWWRegister,
  PNCounter,
  type ReplicaId,
  replicaId,
  TextCRDT,
  VersionVector,
} from "../src/index.js";
import { editAnywhere, internalOrder } from "./support/replicas.js";

/** A type that merges, as the laws see it. */
interface Mergeable<T> {
  /** Some value that `replica` could hold; it has seen none of the others. */
  some(rng: Random, replica: ReplicaId): T;
  /** Both, in a value of their own. */
  merge(a: T, b: T): T;
  /** What two equal values have in common, to the byte. */
  state(value: T): string;
}

function mergeLaws<T>(name: string, { some, merge, state }: Mergeable<T>): void {
  describe.each(seeds(40))(`${name}, seed %i`, (seed) => {
    const rng = random(seed);
    const [a, b, c] = ["ann", "bob", "cyd"].map((replica) => some(rng, replicaId(replica)));

    it("merges in either order", () => expect(state(merge(a, b))).toEqual(state(merge(b, a))));
    it("merges in any grouping", () =>
      expect(state(merge(merge(a, b), c))).toEqual(state(merge(a, merge(b, c)))));
    it("forgets nothing and doubles nothing when merged twice", () =>
      expect(state(merge(merge(a, b), b))).toEqual(state(merge(a, b))));
  });
}

mergeLaws<GCounter>("a counter that grows", {
  some: (rng, replica) => {
    const counter = new GCounter(replica);
    for (let count = rng.int(4); count > 0; count--) counter.increment(rng.int(10));
    return counter;
  },
  merge: (a, b) => {
    const both = new GCounter(a.replica, a.state);
    both.merge(b);
    return both;
  },
  state: (counter) => JSON.stringify([counter.state, counter.value]),
});

mergeLaws<PNCounter>("a counter that goes both ways", {
  some: (rng, replica) => {
    const counter = new PNCounter(replica);
    for (let count = rng.int(4); count > 0; count--) counter.increment(rng.int(10));
    for (let count = rng.int(4); count > 0; count--) counter.decrement(rng.int(10));
    return counter;
  },
  merge: (a, b) => {
    const both = new PNCounter(a.replica, a.state);
    both.merge(b);
    return both;
  },
  state: (counter) => JSON.stringify([counter.state, counter.value]),
});

mergeLaws<LWWRegister<string>>("a register", {
  some: (rng, replica) => {
    const register = new LWWRegister<string>();
    for (let count = rng.int(4); count > 0; count--) {
      const stamp = { wallMs: rng.int(3), counter: rng.int(3) };
      register.set(`${stamp.wallMs}, ${stamp.counter}, ${replica}`, stamp, replica);
    }
    return register;
  },
  merge: (a, b) => {
    const both = new LWWRegister<string>();
    both.merge(a);
    both.merge(b);
    return both;
  },
  state: (register) => JSON.stringify(register.state),
});

/** What all three have seen before they part. */
function common(): TextCRDT {
  const text = new TextCRDT(replicaId("common"));
  text.insert(0, "seen 😀 by all");
  text.delete(1, 3);
  return text;
}

mergeLaws<TextCRDT>("a text", {
  some: (rng, replica) => {
    const text = new TextCRDT(replica);
    text.merge(common());
    for (let count = rng.int(12); count > 0; count--) editAnywhere(text, rng);
    return text;
  },
  merge: (a, b) => {
    const both = new TextCRDT(replicaId("both"));
    both.merge(a);
    both.merge(b);
    return both;
  },
  state: (text) => JSON.stringify([[...text.encodeUpdate()], internalOrder(text), text.toString()]),
});

mergeLaws<VersionVector>("a version", {
  some: (rng, replica) => {
    const names = [replica, ...["10", "9", "__proto__"].map(replicaId)];
    return new VersionVector(names.map((name) => [name, 1 + rng.int(9)]));
  },
  merge: (a, b) => {
    const both = a.copy();
    both.merge(b);
    return both;
  },
  state: (version) => `${version.encode()} ${version.total}`,
});
