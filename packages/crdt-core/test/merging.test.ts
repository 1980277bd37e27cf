import { type Random, random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import {
  encodeState,
  forgetBefore,
  type ItemId,
  mergeUpdates,
  operationsOf,
  replicaId,
  TextCRDT,
  Update,
  type UpdateOperation,
  VersionVector,
} from "../src/index.js";
import { expectRefusal } from "./support/expect-error.js";
import { deletion, forge, id, insertion } from "./support/forge.js";
import { Network } from "./support/network.js";
import { operationLength, sliceOperation } from "./support/operations.js";
import { replicas } from "./support/replicas.js";

/** What `text` has, in pieces of one to four operations, as a relay might have stored them. */
function piecesOf(text: TextCRDT, rng: Random): Uint8Array[] {
  return [...text.version].flatMap(([replica, last]) => {
    const pieces: Uint8Array[] = [];
    for (let from = 1; from <= last; ) {
      const to = Math.min(last, from + rng.int(4));
      const others = [...text.version].filter(([other]) => other !== replica);
      const since = new VersionVector(from > 1 ? [...others, [replica, from - 1]] : others);
      const kept = [...operationsOf(Update.decode(text.encodeUpdate(since)))].flatMap((operation) => {
        const count = Math.min(operationLength(operation), to - operation.id.seq + 1);
        return count > 0 ? [sliceOperation(operation, 0, count)] : [];
      });
      pieces.push(forge(...kept));
      from = to + 1;
    }
    return pieces;
  });
}

/** Text that goes on from the operation before, which does not come with it. */
function continued(own: ItemId, content: string): UpdateOperation {
  return { kind: "insert", id: own, content, left: id(own.replica, own.seq - 1), right: undefined };
}

describe("updates that cannot be one", () => {
  const [one, other] = [id("ann", 1), id("bob", 1)];
  const row = (kind: number, ...bytes: number[]): UpdateOperation => ({
    kind: "row",
    id: one,
    row: { id: one, kind, bytes: Uint8Array.from(bytes) },
  });
  it.each([
    ["an insertion and a deletion", insertion(one, "x"), deletion(one, other)],
    ["a deletion and an insertion", deletion(one, other), insertion(one, "x")],
    ["a deletion and an opaque row", deletion(one, other), row(1)],
    ["opaque rows of two kinds", row(1, 5), row(2, 5)],
    ["opaque rows of two lengths", row(1, 5), row(1, 5, 5)],
    ["opaque rows of other bytes", row(1, 5), row(1, 6)],
    ["two characters", insertion(one, "x"), insertion(one, "y")],
    ["left origins of two replicas", insertion(one, "x", id("cem", 1)), insertion(one, "x", other)],
    ["left origins of two seqs", insertion(one, "x", id("bob", 2)), insertion(one, "x", other)],
    [
      "right origins of two replicas",
      insertion(one, "x", null, id("cem", 1)),
      insertion(one, "x", null, other),
    ],
    ["right origins of two seqs", insertion(one, "x", null, id("bob", 2)), insertion(one, "x", null, other)],
    ["targets of two replicas", deletion(one, id("cem", 1)), deletion(one, other)],
    ["targets of two seqs", deletion(one, id("bob", 2)), deletion(one, other)],
    ["deletions of two directions", deletion(one, id("bob", 3), 2, 1), deletion(one, id("bob", 3), 2, -1)],
  ])("tell two stories of one id: %s", (_, a, b) => {
    expectRefusal(() => mergeUpdates([forge(a), forge(b)]), "CONFLICT");
    expect(mergeUpdates([forge(a), forge(a)])).toEqual(forge(a));
  });
});

describe("updates in one", () => {
  it.each(seeds(100))("are the whole again, cut at any element and merged in any order, seed %i", (seed) => {
    const rng = random(seed);
    const network = new Network(replicas("ann", "bob", "Zb3-_kq01Xy"), rng);
    network.edit(14);
    network.deliverAll();
    const [text] = network.texts;
    const pieces = rng.shuffled([...piecesOf(text, rng), ...piecesOf(text, rng)]);
    expect(mergeUpdates(pieces)).toEqual(text.encodeUpdate());
    const half = rng.int(pieces.length);
    const inTwo = [mergeUpdates(pieces.slice(0, half)), mergeUpdates(pieces.slice(half))];
    expect(mergeUpdates(inTwo)).toEqual(text.encodeUpdate());
    const [reader] = replicas("reader");
    for (const piece of pieces) reader.applyUpdate(piece);
    expect(reader.encodeUpdate()).toEqual(text.encodeUpdate());
  });

  it.each(seeds(100))(
    "are the whole again where one has typed, backspaced and deleted on, seed %i",
    (seed) => {
      const rng = random(seed);
      const [typist, reader] = replicas("Zb3-_kq01Xy", "reader");
      const letters: Uint8Array[] = [];
      for (let caret = 0, stroke = 0; stroke < 60; stroke++) {
        const choice = rng.int(8);
        if (choice === 0) caret = rng.int(typist.length + 1);
        else if (choice === 1) typist.appendRow(stroke, new Uint8Array(stroke % 3));
        else if (choice < 5 || typist.length < 4) typist.insert(caret++, "x".repeat(1 + rng.int(2)));
        else if (choice === 5 && caret > 0) typist.delete(--caret, 1);
        else if (choice === 6 && caret < typist.length)
          typist.delete(caret, 1 + rng.int(Math.min(3, typist.length - caret)));
        caret = Math.min(caret, typist.length);
        if (rng.once(2)) letters.push(...[typist.takeUpdate()].filter((update) => update !== undefined));
      }
      letters.push(...[typist.takeUpdate()].filter((update) => update !== undefined));
      expect(mergeUpdates(letters)).toEqual(typist.encodeUpdate());
      expect(mergeUpdates(rng.shuffled(letters))).toEqual(typist.encodeUpdate());
      reader.applyUpdate(mergeUpdates(letters));
      expect(encodeState(reader)).toEqual(encodeState(typist));
    },
  );

  it.each(seeds(100))(
    "are the same in any order, some of them missing and some without their characters, seed %i",
    (seed) => {
      const rng = random(seed);
      const network = new Network(replicas("ann", "bob", "Zb3-_kq01Xy"), rng);
      network.edit(14);
      network.deliverAll();
      const [text] = network.texts;
      const trimmed = TextCRDT.load(replicaId("reader"), encodeState(text));
      forgetBefore(trimmed, trimmed.version);
      const all = [text, text, trimmed, trimmed].flatMap((each) => piecesOf(each, rng));
      const some = rng.shuffled(all).slice(0, 1 + rng.int(all.length));
      const merged = mergeUpdates(some);
      expect(mergeUpdates(rng.shuffled(some))).toEqual(merged);
      const half = rng.int(some.length);
      const inTwo = [mergeUpdates(some.slice(0, half)), mergeUpdates(some.slice(half))];
      expect(forge(...operationsOf(Update.decode(mergeUpdates(inTwo))))).toEqual(merged);
    },
  );

  it("join a deletion with the front of the next one, as a text would", () => {
    const own = (seq: number) => id("Zb3-_kq01Xy", seq);
    const text = insertion(own(1), "abcdefgh");
    for (const [second, length, direction] of [
      [4, 3, -1],
      [6, 3, 1],
      [4, 2, 1],
      [6, 2, -1],
      [6, 3, -1],
    ] as const) {
      const letters = [
        [text],
        [deletion(own(9), own(5))],
        [deletion(own(10), own(second), length, direction)],
      ];
      const [reader] = replicas("reader");
      for (const letter of letters) reader.applyUpdate(forge(...letter));
      expect(mergeUpdates(letters.map((letter) => forge(...letter)))).toEqual(reader.encodeUpdate());
    }
  });

  it.each([
    ["no seq", [0x11, ...Array(9).fill(0), 0, 8, 65]],
    ["no row", [0x11, ...Array(9).fill(0), 1]],
  ])("are refused when one of them has %s, and that one by a text, too", (_, bytes) => {
    const good = forge(insertion(id("Zb3-_kq01Xy", 1), "a"));
    expectRefusal(() => mergeUpdates([good, Uint8Array.from(bytes)]), "MALFORMED");
    expectRefusal(() => replicas("reader")[0].applyUpdate(Uint8Array.from(bytes)), "MALFORMED");
  });

  it("do not lend text the right origin of what it was typed behind", () => {
    const [ann] = replicas("ann");
    const seen = forge(insertion(id("ann", 1), "ab", null, id("bob", 1)), insertion(id("bob", 1), "]"));
    ann.applyUpdate(seen);
    const first = new VersionVector([
      ["ann", 1],
      ["bob", 1],
    ] as never);
    const another = forge(insertion(id("ann", 3), "c", id("ann", 2)));
    const merged = mergeUpdates([ann.encodeUpdate(first), another]);
    expect([...operationsOf(Update.decode(merged))]).toEqual([
      { ...insertion(id("ann", 2), "b", id("ann", 1)), right: undefined },
      insertion(id("ann", 3), "c", id("ann", 2)),
    ]);
  });

  it("tell what one of them tells and another does not, in whatever order they come", () => {
    const told = forge(insertion(id("ann", 5), "xy", id("ann", 4), id("bob", 1)));
    const untold = forge(continued(id("ann", 5), "xyz"));
    const both = forge(insertion(id("ann", 5), "xyz", id("ann", 4), id("bob", 1)));
    expect(mergeUpdates([told, untold])).toEqual(both);
    expect(mergeUpdates([untold, told])).toEqual(both);
  });

  it("keep the right origin that comes with text left out, where another brings the characters and tells less", () => {
    const whole = insertion(id("bob", 1), "abcd", null, id("cem", 1));
    const rest = continued(id("bob", 3), "cd");
    const gone = { ...insertion(id("bob", 3), "", id("bob", 2), id("cem", 1)), leftOut: 2 };
    const around = [insertion(id("ann", 1), "x"), deletion(id("ann", 2), id("bob", 3), 2)];
    const merged = mergeUpdates([forge(...around, gone), forge(rest)]);
    expect(mergeUpdates([forge(rest), forge(...around, gone)])).toEqual(merged);
    const told = insertion(id("bob", 3), "cd", id("bob", 2), id("cem", 1));
    expect(merged).toEqual(forge(...around, told));
    expect(mergeUpdates([merged, forge(whole)])).toEqual(forge(...around, whole));
  });

  it("keep the right origin of text whose characters were left out, wherever it is cut", () => {
    const around = [insertion(id("bob", 1), "()"), deletion(id("bob", 3), id("ann", 1), 4)];
    const leftOut = { ...insertion(id("ann", 1), "", id("bob", 1), id("bob", 2)), leftOut: 4 };
    const known = insertion(id("ann", 1), "ab", id("bob", 1), id("bob", 2));
    const [reader] = replicas("reader");
    reader.applyUpdate(mergeUpdates([forge(leftOut, ...around), forge(known)]));
    expect([...reader.items()].map(({ character, right }) => [character, right])).toEqual([
      ["(", null],
      ["a", id("bob", 2)],
      ["b", id("bob", 2)],
      ["", id("bob", 2)],
      ["", id("bob", 2)],
      [")", null],
    ]);
  });
});
