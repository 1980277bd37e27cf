import { encodeWhole, replicaId, VersionVector } from "@motet/crdt-core";
import { Document, documentId } from "@motet/document";
import { random, seeds } from "@motet/testing";
import { expect, it } from "vitest";
import { stagesOf } from "../src/stages.js";

const named = (name: string) => new Document({ id: documentId("minutes"), replica: replicaId(name) });

/** What several write into one document, each building on what the others have told them. */
function conversation(seed: number): Document {
  const rng = random(seed);
  const people = ["ann", "bob", "cem"].map(named);
  for (let step = 0; step < 150; step++) {
    const one = rng.pick(people);
    const at = rng.int(one.length + 1);
    if (rng.int(4) === 0 && at < one.length) one.apply({ type: "delete", position: at, length: 1 }, 0);
    else if (rng.int(10) === 0) one.apply({ type: "set_title", title: `title ${step}` }, step);
    else one.apply({ type: "insert", position: at, text: rng.pick(["a", "word ", "x".repeat(500)]) }, 0);
    const other = rng.pick(people);
    if (rng.int(3) > 0) other.receive(one.encode(other.version));
  }
  const [ann, ...others] = people;
  for (const other of others) ann!.receive(other.encode(ann!.version));
  return ann!;
}

it.each(seeds(30))("each stage has what it builds on, and the last has all, seed %i", (seed) => {
  const document = conversation(seed);
  const middle =
    random(seed).int(2) === 0 ? new VersionVector() : stagesOf(document, new VersionVector(), 4_000)[1]!;
  const server = named("server");
  server.receive(document.encode(undefined, middle));
  let from = middle;
  const stages = stagesOf(document, middle, 2_000);
  for (const to of stages) {
    const update = document.encode(from, to);
    expect(update.length).toBeLessThanOrEqual(2_400);
    expect(server.receive(update).waiting).toBe(0);
    from = to;
  }
  expect(stages.length).toBeGreaterThan(2);
  expect(server.encode()).toEqual(document.encode());
});

it.each(seeds(20))("text without its characters is in one stage with its deletion, seed %i", (seed) => {
  const joined = named("joined");
  joined.receive(encodeWhole(conversation(seed).content, { withoutDeleted: true }));
  const server = named("server");
  let from = new VersionVector();
  for (const to of stagesOf(joined, from, 500)) {
    expect(server.receive(joined.encode(from, to)).waiting).toBe(0);
    from = to;
  }
  expect(server.encode()).toEqual(joined.encode());
});

it("a run too long for one stage is parted", () => {
  const document = named("ann");
  for (let part = 0; part < 20; part++) {
    document.apply({ type: "insert", position: document.length, text: "x".repeat(50_000) }, 0);
  }
  expect(stagesOf(document, new VersionVector(), 1_000_000).length).toBeGreaterThan(3);
});
