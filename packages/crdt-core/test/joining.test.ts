import { describe, expect, it } from "vitest";
import { encodeState, mergeUpdates, TextCRDT } from "../src/index.js";
import { expectRefusal } from "./support/expect-error.js";
import { deletion, forge, id, insertion } from "./support/forge.js";
import { copyOf, replicas } from "./support/replicas.js";

/** Ann's text "a?c", whose middle was a word, and somebody who joined without that word. */
function joined(word = "gone 😀"): { ann: TextCRDT; joiner: TextCRDT } {
  const [ann, joiner] = replicas("ann", "joiner");
  ann.insert(0, `a${word}c`);
  ann.delete(1, word.length);
  joiner.applyUpdate(encodeState(ann, { withoutDeleted: true }));
  return { ann, joiner };
}

/** What was inserted, as whoever does not know its characters tells it. */
const leftOut = (seq: number, count: number) => ({
  ...insertion(id("ann", seq), "", seq === 1 ? null : id("ann", seq - 1), null),
  leftOut: count,
});

describe("who joins without the characters of deleted text", () => {
  it("edits on both sides of it, and is understood", () => {
    const { ann, joiner } = joined();
    joiner.insert(1, "<");
    joiner.insert(2, ">");
    joiner.delete(0, 1);
    ann.applyUpdate(joiner.takeUpdate()!);
    expect([ann.toString(), joiner.toString()]).toEqual(["<>c", "<>c"]);
  });

  it.each([
    ["nothing was deleted", "", 0],
    ["a word was deleted", "word ", 5],
    ["more was deleted than anybody would believe", "x".repeat(50_000), 50_000],
  ])("is sent the same by who has only loaded a text and by who has edited it: %s", (_, word, deleted) => {
    const [ann] = replicas("ann");
    ann.insert(0, `${word}hello`);
    ann.delete(0, deleted);
    const loaded = TextCRDT.load(id("bob", 1).replica, encodeState(ann));
    expect(encodeState(loaded, { withoutDeleted: true })).toEqual(encodeState(ann, { withoutDeleted: true }));
  });

  it("is told that an earlier text cannot be read, until the characters have come", () => {
    const { ann, joiner } = joined();
    const before = copyOf(ann).version;
    before.advance(id("x", 1).replica, 1);
    const typed = replicas("ann")[0];
    typed.insert(0, "agone 😀c");
    expectRefusal(() => joiner.textAt(typed.version), "TRIMMED");
    expectRefusal(() => joiner.diff(typed.version), "TRIMMED");
    joiner.merge(ann); // Sends what is new, which is nothing.
    expectRefusal(() => joiner.textAt(typed.version), "TRIMMED");
    joiner.applyUpdate(ann.encodeUpdate());
    expect([joiner.textAt(typed.version), joiner.diff(typed.version).steps]).toEqual([
      "agone 😀c",
      [{ retain: 1 }, { delete: 7 }],
    ]);
    expect(encodeState(joiner)).toEqual(encodeState(ann));
  });

  it("never shows such text: an update in which it is not deleted is refused", () => {
    const [reader] = replicas("reader");
    expectRefusal(() => reader.applyUpdate(forge(leftOut(1, 3))), "MALFORMED");
    expectRefusal(
      () => reader.applyUpdate(forge(leftOut(1, 3), deletion(id("ann", 4), id("ann", 1), 2))),
      "MALFORMED",
    );
    expect(reader.version.total).toBe(0);
  });

  it("refuses such text where it had to wait, because then nobody can ask for what it was", () => {
    const [reader] = replicas("reader");
    reader.applyUpdate(forge(leftOut(2, 3), deletion(id("ann", 5), id("ann", 2), 3)));
    const { refused } = reader.receive(forge(insertion(id("ann", 1), "a")));
    expect([refused, reader.toString()]).toEqual([[{ id: id("ann", 2), code: "MALFORMED" }], "a"]);
  });

  it("gives way to whoever knows a part of it, wherever that stands", () => {
    const gone = [leftOut(1, 5), deletion(id("ann", 6), id("ann", 1), 5)];
    const known = (seq: number, text: string) =>
      insertion(id("ann", seq), text, seq === 1 ? null : id("ann", seq - 1), null);
    for (const [seq, text] of [
      [1, "ab"],
      [2, "bc"],
      [4, "de"],
      [1, "abcde"],
    ] as const) {
      const [reader] = replicas("reader");
      reader.applyUpdate(mergeUpdates([forge(...gone), forge(known(seq, text))]));
      const characters = [...reader.items()].map(({ character }) => character);
      const expected = ["", "", "", "", ""].map((none, at) => text[at - seq + 1] ?? none);
      expect(characters).toEqual(expected);
    }
  });

  it("finds a conflict between texts of which only the places are known", () => {
    const { joiner } = joined();
    const elsewhere = { ...insertion(id("ann", 3), "", null, id("ann", 1)), leftOut: 2 };
    expectRefusal(() => joiner.applyUpdate(forge(elsewhere)), "CONFLICT");
  });
});
