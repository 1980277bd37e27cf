import type { DocumentKey } from "@motet/document";
import { type Random, random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import { Behind } from "../src/behind.js";
import type { Write } from "../src/environment.js";
import { Generation } from "../src/generation.js";
import { encodeWrite, RECORD_BYTES_MAX, writeBytes } from "../src/journal-record.js";
import { bytes, named } from "./support.js";

const documents = ["a", "b", "c"].map(named);
const told = (writes: Iterable<Write>): string[] =>
  Array.from(writes, ({ key, value }) => Buffer.concat([key, bytes(0), value ?? bytes(1)]).toString("hex"));

/** A record of some writes, some of them removals, some large. */
const someWrites = (rng: Random): Map<DocumentKey, Write[]> => {
  const record = new Map<DocumentKey, Write[]>();
  for (let n = rng.int(5); n >= 0; n--) {
    const key = bytes(rng.int(256), rng.int(256));
    const size = rng.int(10) === 0 ? 50_000 : 1 + rng.int(40);
    const value = rng.int(4) === 0 ? undefined : new Uint8Array(size).fill(rng.int(256));
    const id = documents[rng.int(3)]!;
    record.set(id, [...(record.get(id) ?? []), { key, ...(value && { value }) }]);
  }
  return record;
};

describe("a generation of writes", () => {
  it.each(seeds(5))(
    "gives back what it was given, over chunks and when it is used again, seed %i",
    (seed) => {
      const rng = random(seed);
      const generation = new Generation();
      for (let round = 0; round < 3; round++) {
        const all: Write[] = [];
        const of = new Map<DocumentKey, Write[]>(documents.map((id) => [id, []]));
        for (let n = 0; n < 60; n++) {
          const record = someWrites(rng);
          const writes = [...record.values()].flat();
          const length = writes.reduce((sum, write) => sum + writeBytes(write), 0);
          const at = generation.take(length);
          let end = 0;
          for (const write of writes) end = encodeWrite(generation.room(at, length), end, write);
          generation.add(record, at);
          all.push(...writes);
          for (const [id, some] of record) of.get(id)!.unshift(...some.toReversed());
        }
        expect(told(generation)).toEqual(told(all));
        for (const id of documents) expect(told(generation.of(id))).toEqual(told(of.get(id)!));
        expect(generation.writes).toBe(all.length);
        generation.clear();
        expect([generation.writes, generation.bytes, [...generation], [...generation.documents]]).toEqual([
          0,
          0,
          [],
          [],
        ]);
      }
    },
  );

  it("shows nothing of a place that was taken and not counted in", () => {
    const generation = new Generation();
    const first = { key: bytes(1), value: bytes(2) };
    generation.take(RECORD_BYTES_MAX - 3);
    generation.put(documents[0]!, first);
    expect(told(generation)).toEqual(told([first]));
    expect(generation.bytes).toBe(2);
  });
});

describe("what is behind", () => {
  it("gives a reader writes of its own, which last longer than the room they stood in", () => {
    const behind = new Behind();
    const write = (value: number): Write => ({ key: bytes(1), value: bytes(value, value) });
    behind.open.put(documents[0]!, write(7));
    const found = behind.of(documents[0]!);
    behind.clear();
    behind.open.put(documents[0]!, write(8));
    expect(told(found)).toEqual(told([write(7)]));
    expect(told(behind.of(documents[0]!))).toEqual(told([write(8)]));
  });

  it("says the last write of each key, whichever generation it is in", () => {
    const behind = new Behind();
    const [one, two] = [
      { key: bytes(1), value: bytes(1) },
      { key: bytes(2), value: bytes(2) },
    ];
    for (const write of [two, one]) behind.open.put(documents[0]!, write);
    behind.seal();
    behind.open.put(documents[0]!, { key: bytes(1) });
    expect(told(behind.of(documents[0]!))).toEqual(told([{ key: bytes(1) }, two]));
    expect(told(behind.all())).toEqual(told([two, one, { key: bytes(1) }]));
    behind.drop();
    expect(told(behind.all())).toEqual(told([{ key: bytes(1) }]));
  });
});
