import { isReplicaId, replicaId, VersionVector } from "@motet/crdt-core";
import { Document, documentId } from "@motet/document";
import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import { drawIdentity } from "../src/identity.js";
import { Outbox, pieceOf } from "../src/outbox.js";
import { textDifference } from "../src/text-difference.js";

describe("an identity", () => {
  it.each(seeds(5))("is an id and a secret of enough random bits, seed %i", (seed) => {
    const rng = random(seed);
    const { replica, secret } = drawIdentity((count) =>
      Uint8Array.from({ length: count }, () => rng.int(256)),
    );
    expect(isReplicaId(replica)).toBe(true);
    expect([replica.length, secret.length, /^[A-Za-z0-9_-]+$/.test(secret)]).toEqual([22, 32, true]);
  });

  it("spells bytes as base64url does", () => {
    const bytes = (count: number) => Uint8Array.from({ length: count }, (_, at) => at * 37);
    const { replica } = drawIdentity(bytes);
    expect(replica).toBe(Buffer.from(bytes(16)).toString("base64url"));
  });
});

describe("the difference of two texts", () => {
  it.each([
    ["hello", "hello", []],
    ["hello", "help", [{ retain: 3 }, { insert: "p" }, { delete: 2 }]],
    ["", "hello", [{ insert: "hello" }]],
    ["aaa", "aa", [{ retain: 2 }, { delete: 1 }]],
    ["👋", "👍", [{ insert: "👍" }, { delete: 2 }]],
    ["x👋", "x🐋", [{ retain: 1 }, { insert: "🐋" }, { delete: 2 }]],
  ])("of %j and %j cuts no character in two", (from, to, steps) => {
    expect(textDifference(from, to).steps).toEqual(steps);
  });

  it.each(seeds(20))("leads from one to the other, seed %i", (seed) => {
    const rng = random(seed);
    const some = () =>
      Array.from({ length: rng.int(8) }, () => rng.pick(["a", "b", "👋", "👍", "ä"])).join("");
    for (let round = 0; round < 200; round++) {
      const [from, to] = [some(), some()];
      expect(textDifference(from, to).applyTo(from)).toBe(to);
    }
  });
});

describe("an outbox", () => {
  const typed = (...texts: string[]) => {
    const document = new Document({ id: documentId("minutes"), replica: replicaId("ann") });
    const pieces = texts.map((text) => {
      document.apply({ type: "insert", position: document.length, text }, 1_000);
      return pieceOf(document.takeUpdate()!);
    });
    return pieces;
  };
  const filled = (...texts: string[]) => {
    const outbox = new Outbox();
    for (const piece of typed(...texts)) outbox.add(piece);
    return { outbox };
  };
  const upTo = (seq: number) => new VersionVector([[replicaId("ann"), seq]]);

  it("counts what is not acknowledged by sequence numbers, whatever is repeated or late", () => {
    const { outbox } = filled("one", "two", "three");
    outbox.acknowledge(upTo(6));
    outbox.acknowledge(upTo(3));
    outbox.acknowledge(upTo(6));
    expect([outbox.unsaved, outbox.pieces.length]).toEqual([5, 1]);
  });

  it("keeps a piece until its last operation is acknowledged", () => {
    const { outbox } = filled("one");
    outbox.acknowledge(upTo(2));
    expect([outbox.unsaved, outbox.pieces.length]).toEqual([1, 1]);
  });

  it("has one frame on its way, and the rest in the next", () => {
    const { outbox } = filled("one", "two", "three");
    const first = outbox.next(1);
    expect([first === undefined, outbox.next(1)]).toEqual([false, undefined]);
    outbox.acknowledge(upTo(3));
    const rest = outbox.next(1_000_000);
    expect(pieceOf(rest!).ranges).toEqual([{ replica: "ann", from: 4, to: 11 }]);
  });

  it("puts small pieces together without touching what is on its way", () => {
    const { outbox } = filled(..."abcdefghij");
    outbox.next(1);
    outbox.bundle(1_000_000);
    expect(outbox.pieces.map(({ ranges }) => ranges[0]?.to)).toEqual([1, 10]);
    outbox.acknowledge(upTo(1));
    expect(outbox.pieces.length).toBe(1);
  });

  it("gives out what was refused with all that follows, and counts it no more", () => {
    const { outbox } = filled("one", "two", "three");
    expect(outbox.cut(replicaId("ann"), 5).length).toBe(2);
    expect([outbox.unsaved, outbox.made.toJSON(), outbox.cut(replicaId("bob"), 1)]).toEqual([
      3,
      { ann: 3 },
      [],
    ]);
  });
});
