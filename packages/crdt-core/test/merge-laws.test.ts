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
import { Random, seeds } from "./support/random.js";
import { editAnywhere, internalOrder } from "./support/replicas.js";

/** A type that merges, as the laws see it. */
interface Mergeable<T> {
  /** Some value that `replica` could hold; it has seen none of the others. */
  some(random: Random, replica: ReplicaId): T;
  /** Both, in a value of their own. */
  merge(a: T, b: T): T;
  /** What two equal values have in common, to the byte. */
  state(value: T): string;
}

function mergeLaws<T>(name: string, { some, merge, state }: Mergeable<T>): void {
  describe.each(seeds(40))(`${name}, seed %i`, (seed) => {
    const random = new Random(seed);
    const [a, b, c] = ["ann", "bob", "cyd"].map((replica) => some(random, replicaId(replica)));

    it("merges in either order", () => expect(state(merge(a, b))).toEqual(state(merge(b, a))));
    it("merges in any grouping", () =>
      expect(state(merge(merge(a, b), c))).toEqual(state(merge(a, merge(b, c)))));
    it("forgets nothing and doubles nothing when merged twice", () =>
      expect(state(merge(merge(a, b), b))).toEqual(state(merge(a, b))));
  });
}

mergeLaws<GCounter>("a counter that grows", {
  some: (random, replica) => {
    const counter = new GCounter(replica);
    for (let count = random.int(4); count > 0; count--) counter.increment(random.int(10));
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
  some: (random, replica) => {
    const counter = new PNCounter(replica);
    for (let count = random.int(4); count > 0; count--) counter.increment(random.int(10));
    for (let count = random.int(4); count > 0; count--) counter.decrement(random.int(10));
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
  some: (random, replica) => {
    const register = new LWWRegister<string>();
    for (let count = random.int(4); count > 0; count--) {
      const stamp = { wallMs: random.int(3), counter: random.int(3) };
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
  some: (random, replica) => {
    const text = new TextCRDT(replica);
    text.merge(common());
    for (let count = random.int(12); count > 0; count--) editAnywhere(text, random);
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
  some: (random, replica) => {
    const names = [replica, ...["10", "9", "__proto__"].map(replicaId)];
    return new VersionVector(names.map((name) => [name, 1 + random.int(9)]));
  },
  merge: (a, b) => {
    const both = a.copy();
    both.merge(b);
    return both;
  },
  state: (version) => `${version.encode()} ${version.total}`,
});
