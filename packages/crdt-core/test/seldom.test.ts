import { describe, expect, it } from "vitest";
import {
  compareTimestamps,
  deleteIn,
  encodeState,
  encodeWhole,
  HybridLogicalClock,
  insertIn,
  mergeUpdates,
  opaqueRowsOf,
  operationsOf,
  runsOf,
  TextCRDT,
  TextDelta,
  Update,
  VersionVector,
} from "../src/index.js";
import { expectRefusal } from "./support/expect-error.js";
import { deletion, forge, id, insertion, leftOut } from "./support/forge.js";
import { checkInvariants } from "./support/invariants.js";
import { sameOperation } from "./support/operations.js";
import { copyOf, internalOrder, replicas } from "./support/replicas.js";

const forged = (seq: number) => insertion(id("ann", seq), "x", id("ann", 2), id("ann", 1));

describe("a refused update takes back", () => {
  /** "abcdef" by ann, d and c deleted downwards, then f; a row. */
  function half(): TextCRDT {
    const [ann] = replicas("ann");
    ann.insert(0, "abcdefgh");
    return copyOf(ann, "reader");
  }

  it.each([
    ["the end of a run that it made longer", [insertion(id("ann", 9), "ij", id("ann", 8)), forged(11)]],
    ["deletions", [deletion(id("ann", 9), id("ann", 4), 3), forged(12)]],
    [
      "rows",
      [
        { kind: "row", id: id("ann", 9), row: { id: id("ann", 9), kind: 1, bytes: new Uint8Array() } },
        forged(10),
      ],
    ],
  ] as const)("%s", (_, operations) => {
    const text = half();
    const before = [encodeState(text), internalOrder(text)];
    expectRefusal(() => text.applyUpdate(forge(...operations)), "FORGED_ORIGIN");
    expect([encodeState(text), internalOrder(text)]).toEqual(before);
    checkInvariants(TextCRDT.engineOf(text));
  });

  it.each([
    [1, [4, 5], [6, 7]],
    [-1, [5, 4], [3, 2]],
    [-1, [5], [4, 3]],
  ] as const)(
    "the end of a run of deletions, direction %i, that it made longer",
    (direction, known, more) => {
      const text = half();
      text.applyUpdate(
        forge(deletion(id("ann", 9), id("ann", known[0]), known.length, known.length === 1 ? 1 : direction)),
      );
      const before = [encodeState(text), internalOrder(text)];
      const seq = 9 + known.length;
      const update = forge(deletion(id("ann", seq), id("ann", more[0]), 2, direction), forged(seq + 2));
      expectRefusal(() => text.applyUpdate(update), "FORGED_ORIGIN");
      expect([encodeState(text), internalOrder(text)]).toEqual(before);
      text.applyUpdate(forge(deletion(id("ann", seq), id("ann", more[0]), 2, direction)));
      checkInvariants(TextCRDT.engineOf(text));
      expect(encodeState(copyOf(text, "other"))).toEqual(encodeState(text));
    },
  );
});

describe("one id for two operations", () => {
  it("is found where a text claims to go on from a deletion", () => {
    const [ann] = replicas("ann");
    ann.insert(0, "abc");
    ann.delete(1, 1);
    ann.insert(2, "x");
    const claim = { ...insertion(id("ann", 5), "x", id("ann", 4)), right: undefined };
    expectRefusal(() => copyOf(ann, "reader").applyUpdate(forge(claim)), "CONFLICT");
  });

  it("is found between rows, by kind, length or content", () => {
    const row = (kind: number, ...bytes: number[]) =>
      forge({
        kind: "row",
        id: id("ann", 1),
        row: { id: id("ann", 1), kind, bytes: Uint8Array.from(bytes) },
      });
    for (const other of [row(2, 1), row(1, 1, 1), row(1, 2)]) {
      expectRefusal(() => mergeUpdates([row(1, 1), other]), "CONFLICT");
    }
    expect(mergeUpdates([row(1, 1), row(1, 1)])).toEqual(row(1, 1));
    expect(sameOperation(insertion(id("ann", 1), "x"), insertion(id("ann", 2), "x"))).toBe(false);
  });
});

describe("what few ask for", () => {
  it("an update that is a state can be read again after a text has taken it over", () => {
    const [ann, reader] = replicas("ann", "reader");
    ann.insert(0, "abc");
    const update = Update.decode(encodeState(ann));
    reader.receive(update);
    reader.insert(0, "more");
    expect(update.ranges).toEqual([{ replica: "ann", from: 1, to: 3 }]);
    expect(replicas("other")[0].receive(update).delta.applyTo("")).toBe("abc");
  });

  it("text left out that came in two parts is one run again", () => {
    const gone = deletion(id("ann", 7), id("ann", 1), 6);
    const whole = forge(leftOut(id("ann", 1), 6), gone);
    expect(
      mergeUpdates([forge(leftOut(id("ann", 1), 3), gone), forge(leftOut(id("ann", 4), 3, id("ann", 3)))]),
    ).toEqual(whole);
  });

  it("a replica of the usual length tells of text left out too", () => {
    const own = (seq: number) => id("Zb3-_kq01Xy", seq);
    const [reader] = replicas("reader");
    reader.applyUpdate(forge(insertion(own(1), "a")));
    reader.applyUpdate(forge(leftOut(own(2), 3, own(1)), deletion(own(5), own(2), 3)));
    expect([reader.toString(), reader.version.total]).toEqual(["a", 7]);
    expect([...runsOf(reader)].map(({ text, length, deleted }) => [text, length, deleted])).toEqual([
      ["a", 1, false],
      ["", 3, true],
    ]);
  });

  it("the rows of a document are found in whatever it was saved as, with or without opening it", () => {
    const [ann] = replicas("ann");
    ann.insert(0, "abc");
    ann.appendRow(7, Uint8Array.of(1));
    ann.delete(0, 1);
    const row = { id: id("ann", 4), kind: 7, bytes: Uint8Array.of(1) };
    for (const bytes of [ann.encodeUpdate(), encodeState(ann), encodeWhole(ann)]) {
      expect([...opaqueRowsOf(Update.decode(bytes))]).toEqual([row]);
      expect([...TextCRDT.load(ann.replica, bytes).rows()]).toEqual([row]);
    }
    expect([encodeState(ann), ann.encodeUpdate()].map(Update.isState)).toEqual([true, false]);
    expect(encodeWhole(ann)).toEqual(encodeState(ann));
  });

  it("an update of text alone has no rows, and tells what it left out", () => {
    const update = Update.decode(forge(leftOut(id("ann", 1), 3)));
    expect([[...opaqueRowsOf(update)], [...operationsOf(update)]]).toEqual([[], [leftOut(id("ann", 1), 3)]]);
  });

  it("a document of which much is left out is told by id to who has nothing", () => {
    const [owner] = replicas("owner");
    for (let part = 0; part < 3; part++) {
      const from = 1 + part * 16_000;
      const gone = deletion(id("ann", from + 8000), id("ann", from), 8000);
      owner.applyUpdate(forge(leftOut(id("ann", from), 8000), gone));
    }
    expect(Update.isState(encodeWhole(owner))).toBe(false);
    expect(encodeWhole(owner)).toEqual(owner.encodeUpdate());
  });

  it("a view may name what its reader has not done yet", () => {
    const [ann] = replicas("ann");
    ann.insert(0, "ab");
    insertIn(
      ann,
      { version: ann.version, own: [{ replica: id("nobody", 1).replica, from: 1, to: 3 }] },
      1,
      "-",
    );
    expect(ann.toString()).toBe("a-b");
  });

  it("nothing is deleted inside a character, not even nothing", () => {
    const [ann] = replicas("ann");
    ann.insert(0, "a😀b");
    const view = { version: ann.version, own: [] };
    expectRefusal(() => deleteIn(ann, view, 2, 0), "OUT_OF_RANGE");
    expect(deleteIn(ann, view, 1, 0).count).toBe(0);
  });

  it("what is no string is not inserted", () => {
    expectRefusal(() => replicas("ann")[0].insert(0, 5 as never), "MALFORMED");
  });

  it("a clock at the last stamp of all stops, and does not go round", () => {
    const clock = new HybridLogicalClock();
    const last = { wallMs: Number.MAX_SAFE_INTEGER, counter: 0 };
    let stamp = clock.now(last.wallMs);
    expectRefusal(() => {
      for (let count = 0; count < 2 ** 21; count++) stamp = clock.now(0);
    }, "OUT_OF_RANGE");
    expect(compareTimestamps(stamp, last)).toBeGreaterThan(0);
  });

  it("a delta that keeps nothing first is the delta without that", () => {
    expect(new TextDelta([{ retain: 0 }, { insert: "a" }]).steps).toEqual([{ insert: "a" }]);
  });

  it("a version of nothing shows nothing", () => {
    const [ann] = replicas("ann");
    ann.insert(0, "ab");
    expect([ann.textAt(new VersionVector()), ann.diff(ann.version).isEmpty]).toEqual(["", true]);
  });
});
