import { describe, expect, it } from "vitest";
import {
  deleteIn,
  encodeState,
  insertIn,
  lineColumnAt,
  mergeUpdates,
  offsetAt,
  TextCRDT,
  Update,
} from "../src/index.js";
import { expectRefusal } from "./support/expect-error.js";
import { deletion, forge, id, insertion } from "./support/forge.js";
import { checkInvariants } from "./support/invariants.js";
import { copyOf, internalOrder, replicas, sync } from "./support/replicas.js";

/** Expects `text` to refuse `update` with `code` and to be, byte for byte, what it was. */
function expectUntouched(
  text: TextCRDT,
  update: Uint8Array,
  code: Parameters<typeof expectRefusal>[1],
): void {
  const before = [text.encodeUpdate(), internalOrder(text), text.length];
  expectRefusal(() => text.receive(update), code);
  expect([text.encodeUpdate(), internalOrder(text), text.length]).toEqual(before);
}

describe("delivery", () => {
  it("A2: an update that comes twice changes nothing the second time", () => {
    const [ann, bob] = replicas("ann", "bob");
    ann.insert(0, "twice");
    ann.delete(0, 1);
    const update = ann.takeUpdate()!;
    bob.applyUpdate(update);
    const again = bob.receive(update);
    expect([again.delta.isEmpty, again.applied, again.rows, again.waiting]).toEqual([true, [], [], 0]);
    expect(bob.toString()).toBe("wice");
  });

  it("A2: an update that is known in part applies the rest only", () => {
    const [ann, bob] = replicas("ann", "bob");
    ann.insert(0, "ab");
    bob.applyUpdate(ann.encodeUpdate());
    ann.insert(2, "cd");
    const { applied, delta } = bob.receive(ann.encodeUpdate());
    expect(applied).toEqual([{ replica: "ann", from: 3, to: 4 }]);
    expect(delta.steps).toEqual([{ retain: 2 }, { insert: "cd" }]);
  });

  it("A3: an insert between characters not yet here waits for them", () => {
    const [ann, bob, cyd] = replicas("ann", "bob", "cyd");
    ann.insert(0, "()");
    const parentheses = ann.takeUpdate()!;
    bob.applyUpdate(parentheses);
    bob.insert(1, "x");
    const early = cyd.receive(bob.takeUpdate()!);
    expect([early.waiting, early.applied, early.delta.isEmpty, cyd.toString()]).toEqual([1, [], true, ""]);
    const late = cyd.receive(parentheses);
    expect(late.waiting).toBe(0);
    expect(late.applied).toEqual([
      { replica: "ann", from: 1, to: 2 },
      { replica: "bob", from: 1, to: 1 },
    ]);
    expect(late.delta.applyTo("")).toBe("(x)");
  });

  it("A4: a deletion that comes before its character is remembered", () => {
    const [ann, bob, cyd] = replicas("ann", "bob", "cyd");
    ann.insert(0, "abc");
    const characters = ann.takeUpdate()!;
    bob.applyUpdate(characters);
    bob.delete(1, 1);
    const removal = bob.takeUpdate()!;
    cyd.applyUpdate(removal);
    cyd.applyUpdate(removal);
    cyd.applyUpdate(characters);
    expect([cyd.toString(), cyd.receive(removal).waiting]).toEqual(["ac", 0]);
    expect(internalOrder(cyd)).toEqual(internalOrder(bob));
  });

  it("A5: two people who delete the same character delete it once", () => {
    const [ann, bob] = replicas("ann", "bob");
    ann.insert(0, "abc");
    sync(ann, bob);
    ann.delete(1, 1);
    bob.delete(1, 1);
    expect(ann.merge(bob).isEmpty).toBe(true);
    expect(bob.merge(ann).isEmpty).toBe(true);
    expect([ann.toString(), bob.toString()]).toEqual(["ac", "ac"]);
  });

  it("A5: deleting a deleted character says so and makes no operation", () => {
    const [ann] = replicas("ann");
    const a = ann.insert(0, "a");
    expect([ann.deleteItem(a), ann.deleteItem(a), ann.version.total]).toEqual([true, false, 2]);
  });

  it("A6: characters typed beside a deleted one keep their place on both sides of it", () => {
    const [ann, bob] = replicas("ann", "bob");
    ann.insert(0, "abc");
    sync(ann, bob);
    ann.delete(1, 1);
    bob.insert(1, "<");
    bob.insert(3, ">");
    ann.insert(1, "x");
    sync(ann, bob);
    expect(ann.toString()).toBe(bob.toString());
    expect(internalOrder(ann)).toEqual(internalOrder(bob));
    expect(ann.toString()).toMatch(/^a(x<|<x)>c$/);
  });

  it("A7: the right origin is the deleted character next to the caret, not the next visible one", () => {
    const [ann] = replicas("ann");
    const first = ann.insert(0, "abc");
    ann.delete(1, 1);
    const typed = ann.insert(1, "x");
    const item = [...ann.items()].find(({ id }) => id.seq === typed.seq)!;
    expect([item.left, item.right]).toEqual([first, { replica: "ann", seq: first.seq + 1 }]);
  });

  it("A12: operations after a gap wait until the gap is filled, in whatever order", () => {
    const [ann, bob] = replicas("ann", "bob");
    const letters = [..."abcdef"].map((letter) => {
      ann.insert(ann.length, letter);
      return ann.takeUpdate()!;
    });
    for (const update of [letters[5], letters[3], letters[4], letters[1], letters[2]])
      bob.applyUpdate(update);
    expect(bob.toString()).toBe("");
    bob.applyUpdate(letters[0]);
    expect(bob.toString()).toBe("abcdef");
  });

  it("holds back at most 1,000 operations, and refuses the update that brings one more", () => {
    const [ann] = replicas("ann");
    for (let seq = 1; seq <= 1000; seq++) {
      ann.applyUpdate(forge(insertion(id("eve", 2 * seq), "x", id("nobody", seq))));
    }
    expectUntouched(ann, forge(insertion(id("eve", 9999), "x", id("nobody", 1))), "LIMIT");
    ann.insert(0, "still here");
    expect(ann.receive(forge(insertion(id("bob", 1), "y"))).waiting).toBe(1000);
  });

  it("holds back at most 256 KiB", () => {
    const [ann] = replicas("ann");
    expectUntouched(ann, forge(insertion(id("eve", 2), "x".repeat(262_145))), "LIMIT");
  });

  it("counts an operation that comes again while it waits once", () => {
    const [ann] = replicas("ann");
    const early = forge(insertion(id("eve", 2), "x"));
    expect([ann.receive(early).waiting, ann.receive(early).waiting]).toEqual([1, 1]);
  });
});

describe("a Buffer, which its owner fills with something else afterwards", () => {
  /** A Buffer in the middle of another, at an odd place, as sockets give them out. */
  function pooled(bytes: Uint8Array): Buffer {
    return Buffer.from([0, ...bytes, 0]).subarray(1, -1);
  }

  it.each([
    ["a state", (text: TextCRDT) => encodeState(text)],
    ["an update", (text: TextCRDT) => text.encodeUpdate()],
  ] as const)("was loaded and decoded for good: %s", (_, encode) => {
    const [ann] = replicas("ann");
    ann.insert(0, "naïve text, long enough to be copied at once");
    ann.appendRow(1, Uint8Array.of(1, 2, 3));
    const bytes = encode(ann);
    const buffer = pooled(bytes);
    const [decoded, loaded, reader] = [
      Update.decode(buffer),
      TextCRDT.load(id("bob", 1).replica, buffer),
      copyOf(ann, "cem"),
    ];
    buffer.fill(0);
    expect(decoded.bytes).toEqual(bytes);
    loaded.insert(0, "a ");
    reader.merge(loaded);
    expect([reader.toString(), [...reader.rows()]]).toEqual([`a ${ann}`, [...ann.rows()]]);
  });

  it("named whose it is for good, and so did what waits in it", () => {
    const [bob] = replicas("bob");
    const ann = new TextCRDT(id("Zb3-_kq01Xy", 1).replica);
    const updates = ["a", "b", "c"].map((letter, at) => {
      ann.insert(at, letter);
      return ann.takeUpdate()!;
    });
    for (const at of [0, 2, 1]) {
      const buffer = pooled(updates[at]);
      bob.applyUpdate(buffer);
      buffer.fill(0);
    }
    expect(bob.toString()).toBe("abc");
  });
});

describe("what no honest replica says", () => {
  /** A text "abc" by ann, of which b is deleted: seqs 1 to 3, and 4. */
  function abc(): TextCRDT {
    const [ann] = replicas("ann");
    ann.insert(0, "abc");
    ann.delete(1, 1);
    return copyOf(ann, "reader");
  }
  const [a, b, c, removal] = [1, 2, 3, 4].map((seq) => id("ann", seq));

  it("A9: the same id with another character is refused, the first one stays", () => {
    expectUntouched(abc(), forge(insertion(id("ann", 1), "z")), "CONFLICT");
  });

  it("A9: the same id with other origins, or as another kind of operation, is refused", () => {
    expectUntouched(abc(), forge(insertion(id("ann", 3), "c", a)), "CONFLICT");
    expectUntouched(abc(), forge(deletion(id("ann", 4), a)), "CONFLICT");
    expectUntouched(abc(), forge(insertion(id("ann", 4), "x", c)), "CONFLICT");
    expectUntouched(
      abc(),
      forge({ kind: "row", id: a, row: { id: a, kind: 0, bytes: new Uint8Array() } }),
      "CONFLICT",
    );
  });

  it("A9: an update that agrees at first and differs later is refused as a whole", () => {
    expectUntouched(abc(), forge(insertion(id("ann", 1), "abz")), "CONFLICT");
  });

  it("A9: two updates that differ in one id cannot be merged", () => {
    const [one, two] = ["x", "y"].map((letter) => forge(insertion(id("eve", 1), letter)));
    expectRefusal(() => mergeUpdates([one, two]), "CONFLICT");
  });

  it.each([
    ["equal origins", insertion(id("eve", 1), "x", a, a)],
    ["reversed origins", insertion(id("eve", 1), "x", c, a)],
    ["its own id as origin", insertion(id("eve", 1), "x", id("eve", 1))],
    ["an origin in its own future", insertion(id("eve", 1), "x", null, id("eve", 2))],
    ["a deletion as origin", insertion(id("eve", 1), "x", removal)],
    ["the start after a character that has a left origin", insertion(id("eve", 1), "x", null, c)],
    ["the end after a character that has a right neighbour", insertion(id("eve", 1), "x", id("ann", 5))],
  ])("A10, A11: an insert with %s is refused", (_, operation) => {
    const text = abc();
    text.applyUpdate(forge(insertion(id("ann", 5), "d", a, b)));
    expectUntouched(text, forge(operation), "FORGED_ORIGIN");
  });

  it("A10: an insert beside a character of another document waits for it and nothing else", () => {
    const text = abc();
    expect(text.receive(forge(insertion(id("eve", 1), "x", id("elsewhere", 7)))).waiting).toBe(1);
    expect(text.toString()).toBe("ac");
  });

  it.each([
    ["a deletion", deletion(id("eve", 1), removal)],
    ["what its own replica does later", deletion(id("eve", 1), id("eve", 2))],
    ["itself", deletion(id("eve", 1), id("eve", 1))],
    ["a stretch that is not all characters", deletion(id("eve", 1), c, 2)],
  ])("a deletion of %s is refused", (_, operation) => {
    expectUntouched(abc(), forge(operation), "FORGED_ORIGIN");
  });

  it.each([0, 2 ** 53])("A12: an operation with seq %d is refused", (seq) => {
    expectRefusal(() => abc().receive(forge(insertion(id("eve", seq), "x"))), "MALFORMED");
  });

  it("A12: a run that would pass seq 2^53 - 1 is refused", () => {
    expectUntouched(abc(), forge(insertion(id("eve", Number.MAX_SAFE_INTEGER), "xy")), "MALFORMED");
  });

  it("takes nothing of an update whose last operation is refused", () => {
    const honest = insertion(id("eve", 1), "honest", c);
    const removing = deletion(id("eve", 7), a);
    expectUntouched(abc(), forge(honest, removing, insertion(id("eve", 8), "x", c, a)), "FORGED_ORIGIN");
  });

  it("keeps nothing of the replicas that a refused update began, and takes them in later", () => {
    const text = abc();
    const { log } = TextCRDT.engineOf(text);
    const known = log.replicas.map(({ replica }) => replica);
    const honest = [insertion(id("dan", 1), "d", c), insertion(id("eve", 1), "e", c)];
    for (let round = 0; round < 2; round++) {
      expectUntouched(text, forge(...honest, insertion(id("eve", 2), "x", c, a)), "FORGED_ORIGIN");
      expect(log.replicas.map(({ replica }) => replica)).toEqual(known);
    }
    text.receive(forge(...honest));
    expect(text.toString()).toBe("aced");
    checkInvariants(TextCRDT.engineOf(text));
  });

  it.each([
    ["an insertion", insertion(id("eve", 1), "x", id("ann", 2), id("ann", 1))],
    ["a deletion", deletion(id("eve", 1), id("ann", 3))],
  ])("keeps nothing of a replica whose only operation, %s, had waited and was refused", (_, forged) => {
    const [reader] = replicas("reader");
    reader.receive(forge(forged));
    const row = {
      kind: "row",
      id: id("ann", 3),
      row: { id: id("ann", 3), kind: 1, bytes: new Uint8Array() },
    };
    const { refused } = reader.receive(forge(insertion(id("ann", 1), "ab"), row as never));
    expect(refused).toMatchObject([{ id: id("eve", 1) }]);
    const { log } = TextCRDT.engineOf(reader);
    expect(log.replicas.map(({ replica }) => replica)).not.toContain("eve");
  });

  it("throws away a forged operation that had waited, and blames nobody else", () => {
    const [reader] = replicas("reader");
    reader.receive(forge(insertion(id("eve", 1), "x", id("ann", 2), id("ann", 1))));
    const { refused, applied } = reader.receive(forge(insertion(id("ann", 1), "ab")));
    expect(refused).toEqual([{ id: id("eve", 1), code: "FORGED_ORIGIN" }]);
    expect([applied.length, reader.toString()]).toEqual([1, "ab"]);
  });
});

describe("units", () => {
  it("A19: an offset inside a surrogate pair is refused, wherever it is given", () => {
    const [ann] = replicas("ann");
    ann.insert(0, "a😀b");
    for (const action of [
      () => ann.insert(2, "x"),
      () => ann.delete(2, 1),
      () => ann.delete(0, 2),
      () => ann.slice(0, 2),
      () => ann.anchorAt(2, "left"),
      () => lineColumnAt(ann, 2),
      () => offsetAt(ann, { line: 0, column: 2 }),
      () => insertIn(ann, { version: ann.version, own: [] }, 2, "x"),
      () => deleteIn(ann, { version: ann.version, own: [] }, 2, 1),
    ]) {
      expectRefusal(action, "OUT_OF_RANGE");
    }
    expect([ann.toString(), ann.length, ann.version.total]).toEqual(["a😀b", 4, 3]);
  });

  it.each(["\ud83d", "\ude00", "ok \ud83d no", "\ude00\ud83d"])(
    "A19: half a surrogate pair in %j is refused",
    (content) => {
      const [ann] = replicas("ann");
      expectRefusal(() => ann.insert(0, content), "MALFORMED");
      expect(ann.version.total).toBe(0);
    },
  );

  it("A19: a character beyond the first plane takes one seq and two units", () => {
    const [ann, bob] = replicas("ann", "bob");
    ann.insert(0, "😀😀");
    ann.delete(0, 2);
    sync(ann, bob);
    expect([bob.toString(), bob.length, bob.version.total]).toEqual(["😀", 2, 3]);
  });

  it("A20: replica 9 comes before replica 10 where both type, whatever their ids look like as numbers", () => {
    const [nine, ten] = replicas("9", "10");
    nine.insert(0, "nine");
    ten.insert(0, "ten");
    sync(nine, ten);
    expect([nine.toString(), ten.toString()]).toEqual(["nineten", "nineten"]);
  });
});
