import { describe, expect, it } from "vitest";
import {
  DELETE_BACK_AT_CARET,
  DELETE_ON_AT,
  INSERT_AT,
  INSERT_AT_CARET,
  zigzag,
} from "../src/codec/state-format.js";
import { encodeState, replicaId, TextCRDT, Update, Writer } from "../src/index.js";
import { expectRefusal } from "./support/expect-error.js";
import { deletion, forge, id, insertion } from "./support/forge.js";
import { forgeState, head } from "./support/forge-state.js";
import { replicas } from "./support/replicas.js";

// B4, B5: few bytes that ask for much. What they may ask for is counted before anything is made.

/** A state of `elements` characters left out, deleted in one row and then again in each of `times` further rows. */
function stateDeletedAgain(elements: number, times: number): Uint8Array {
  const again = Array.from({ length: times }, () => head(DELETE_ON_AT, elements));
  return forgeState({
    elements,
    tallies: [[elements * (2 + times), 1, 1 + times]],
    heads: [head(INSERT_AT_CARET, elements), head(DELETE_BACK_AT_CARET, elements), ...again],
    references: again.map(() => zigzag(1)),
    dead: [0, elements],
  });
}

/** `count` characters typed from behind, each a run of its own, and then `times` deletions of all of them. */
function deletedAgain(count: number, times: number): Uint8Array {
  const letters = Array.from({ length: count }, (_, n) =>
    insertion(id("eve", n + 1), "x", null, n === 0 ? null : id("eve", n)),
  );
  const deletions = Array.from({ length: times }, (_, n) =>
    deletion(id("eve", (n + 1) * count + 1), id("eve", 1), count),
  );
  return forge(...letters, ...deletions);
}

/** The same, but for the zeros that pay for what was left out. */
function withoutZeros(bytes: Uint8Array): Uint8Array {
  const origins = bytes.findIndex((_, at) => bytes.subarray(at, at + 100).every((byte) => byte === 0));
  return Uint8Array.from([...bytes.subarray(0, origins + 2), ...bytes.subarray(bytes.lastIndexOf(0) + 1)]);
}

describe("few bytes that ask for much", () => {
  it("B5: a deletion that is repeated a few times is an update like any other", () => {
    const [reader, other] = replicas("reader", "other");
    reader.applyUpdate(deletedAgain(100, 5));
    other.applyUpdate(stateDeletedAgain(500, 5));
    expect([reader.length, reader.version.total, other.version.total]).toEqual([0, 600, 3500]);
    expect(Update.decode(encodeState(other)).ranges).toEqual([{ replica: "eve", from: 1, to: 3500 }]);
  });

  it("B5: a deletion of everything, repeated 1,000 times, is refused before it is noted 1,000 times", () => {
    const [reader] = replicas("reader");
    expectRefusal(() => reader.applyUpdate(deletedAgain(1000, 1000)), "LIMIT");
    expect(reader.version.total).toBe(0);
    expectRefusal(() => Update.decode(stateDeletedAgain(1000, 1000)), "LIMIT");
  });

  it("B5: so is one that came as typing does", () => {
    const author = id("Zb3-_kq01Xy", 1).replica;
    const [reader] = replicas("reader");
    reader.applyUpdate(forge(insertion({ replica: author, seq: 1 }, "x".repeat(1000))));
    const again = Array.from({ length: 100 }, (_, n) =>
      deletion({ replica: author, seq: 1001 + n * 1000 }, { replica: author, seq: 1 }, 1000),
    );
    expectRefusal(() => reader.applyUpdate(forge(...again)), "LIMIT");
    expect([reader.length, reader.version.total]).toEqual([1000, 1000]);
    expect(reader.receive(forge(...again.slice(0, 3))).applied).toHaveLength(1);
  });

  it("B4: a state of more characters left out than its bytes may bring is refused, from a stranger", () => {
    expectRefusal(() => Update.decode(stateDeletedAgain(10_000, 0)), "LIMIT");
    expect(encodeState(TextCRDT.load(replicaId("owner"), stateDeletedAgain(10_000, 0)))).toEqual(
      stateDeletedAgain(10_000, 0),
    );
  });

  it("B5: so is an update of them by id, before room for them is made", () => {
    const [reader] = replicas("reader");
    const leftOut = (count: number) => [
      { ...insertion(id("eve", 1), ""), leftOut: count },
      deletion(id("eve", count + 1), id("eve", 1), count),
    ];
    const honest = forge(...leftOut(8_000));
    expect(honest.length * 7).toBeGreaterThan(8_000);
    expect(reader.receive(honest).applied).toHaveLength(1);
    expectRefusal(() => replicas("other")[0].applyUpdate(withoutZeros(honest)), "MALFORMED");
    const other = honest.with(honest.length - 50, 1);
    expectRefusal(() => replicas("other")[0].applyUpdate(other), "MALFORMED");
  });

  it("one large text that was pasted and deleted again keeps nobody from joining", () => {
    const [ann, joiner] = replicas("ann", "joiner");
    ann.insert(0, "x".repeat(50_000));
    ann.delete(0, 49_999);
    joiner.applyUpdate(encodeState(ann, { withoutDeleted: true }));
    expect([joiner.toString(), joiner.textAt(ann.version)]).toEqual(["x", "x"]);
  });

  it("B9: a state whose rows are more, or others, than it said is refused", () => {
    const [ann] = replicas("ann");
    ann.insert(0, "abc");
    const bytes = encodeState(ann);
    for (const [at, wrong] of [
      [12, 4],
      [12, 2],
      [13, 0],
      [13, 2],
      [14, 1],
    ] as const) {
      expectRefusal(() => Update.decode(bytes.with(at, wrong)), "MALFORMED");
    }
    expect(bytes.subarray(12, 15)).toEqual(Uint8Array.of(3, 1, 0)); // Its last seq, its inserts, its deletes.
  });

  it.each([2, 40])("B9: a state in which one row deletes %i characters, of two runs, is refused", (count) => {
    const state = forgeState({
      text: "x".repeat(60 - count),
      elements: 60,
      tallies: [[60 + count, 2, 1]],
      heads: [head(INSERT_AT_CARET, 30), head(INSERT_AT, 30), head(DELETE_ON_AT, count)],
      references: [zigzag(-30), zigzag(-29 - count / 2)],
      dead: [count],
      deadText: "x".repeat(count),
    });
    expect(() => Update.decode(state)).toThrow("deletion across runs");
  });

  it("B4: a state that says more characters than there can be is refused, whoever wrote it", () => {
    const bytes = stateDeletedAgain(2 ** 27, 0);
    expectRefusal(() => TextCRDT.load(replicaId("owner"), bytes).insert(0, "x"), "LIMIT");
    expectRefusal(() => TextCRDT.load(replicaId("owner"), bytes).rows(), "LIMIT");
    expectRefusal(() => TextCRDT.load(replicaId("owner"), stateDeletedAgain(2 ** 31, 0)), "LIMIT");
  });

  it("B13: a state whose text is not as long as it says is refused, checked or taken in", () => {
    const [ann, reader] = replicas("ann", "reader");
    ann.insert(0, "abc");
    const bytes = encodeState(ann).with(1, 4);
    expectRefusal(() => Update.decode(bytes), "MALFORMED");
    expectRefusal(() => reader.applyUpdate(bytes), "MALFORMED");
    expectRefusal(() => TextCRDT.load(replicaId("owner"), bytes), "MALFORMED");
    expect(reader.version.total).toBe(0);
  });

  it.each([2 ** 31, 2 ** 53 - 1])("B4: %d in the place of any number of a state is refused", (number) => {
    const [ann] = replicas("ann");
    ann.insert(0, "abc");
    ann.delete(1, 1);
    const bytes = encodeState(ann);
    for (let at = 1; at < bytes.length; at++) {
      const huge = Uint8Array.of(
        ...bytes.subarray(0, at),
        ...new Writer().varint(number).finish(),
        ...bytes.subarray(at + 1),
      );
      expect(() => Update.decode(huge)).toThrowError(expect.objectContaining({ name: "CrdtError" }));
    }
  });
});
