import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import {
  deleteItems,
  lineColumnAt,
  offsetAt,
  replicaId,
  type TextCRDT,
  TextDelta,
  Update,
  VersionVector,
} from "../src/index.js";
import { expectRefusal } from "./support/expect-error.js";
import { id } from "./support/forge.js";
import { boundary, copyOf, editAnywhere, replicas, sync } from "./support/replicas.js";

function textOf(content: string): TextCRDT {
  const [ann] = replicas("ann");
  ann.insert(0, content);
  return ann;
}

describe("editing", () => {
  it.each(seeds(50))("does what a string does, seed %i", (seed) => {
    const rng = random(seed);
    const [ann] = replicas("ann");
    let model = "";
    for (let step = 0; step < 100; step++) {
      const offset = boundary(model, rng.int(model.length + 1));
      const end = boundary(model, Math.min(model.length, offset + rng.int(4)));
      const content = rng.pick(["", "a", "b😀", "\n"]);
      ann.delete(offset, end - offset);
      if (content !== "") ann.insert(offset, content);
      model = model.slice(0, offset) + content + model.slice(end);
      expect([ann.toString(), ann.length]).toEqual([model, model.length]);
      expect(ann.slice(offset, boundary(model, model.length))).toBe(model.slice(offset));
    }
  });

  it("names the first character it inserts; each character takes one seq, and so does each deletion", () => {
    const [ann] = replicas("ann");
    expect(ann.insert(0, "abc")).toEqual({ replica: "ann", seq: 1 });
    ann.delete(0, 2);
    expect(ann.insert(0, "x")).toEqual({ replica: "ann", seq: 6 });
    expect(ann.version.toJSON()).toEqual({ ann: 6 });
  });

  it("inserts after a character by its id, deleted or not, and at the start", () => {
    const ann = textOf("ac");
    ann.delete(0, 1);
    ann.insertAfter(id("ann", 1), "b");
    ann.insertAfter(null, "<");
    expect(ann.toString()).toBe("<bc");
    expectRefusal(() => ann.insertAfter(id("ann", 99), "x"), "UNKNOWN_ID");
    expectRefusal(() => ann.insertAfter(id("ann", 3), "x"), "UNKNOWN_ID");
    expectRefusal(() => ann.deleteItem(id("bob", 1)), "UNKNOWN_ID");
    expectRefusal(() => deleteItems(ann, [id("ann", 2), id("bob", 1)]), "UNKNOWN_ID");
    expect(ann.toString()).toBe("<bc");
  });

  it.each([-1, 4, 0.5, Number.NaN, Number.POSITIVE_INFINITY, "1", undefined])(
    "refuses offset %j",
    (offset) => {
      const ann = textOf("abc");
      expectRefusal(() => ann.insert(offset as number, "x"), "OUT_OF_RANGE");
      expectRefusal(() => ann.delete(offset as number, 1), "OUT_OF_RANGE");
      expectRefusal(() => ann.delete(0, offset as number), "OUT_OF_RANGE");
      expectRefusal(() => ann.slice(0, offset as number), "OUT_OF_RANGE");
      expect(ann.toString()).toBe("abc");
    },
  );

  it("refuses to insert nothing, and deletes nothing without a trace", () => {
    const ann = textOf("abc");
    expectRefusal(() => ann.insert(0, ""), "MALFORMED");
    ann.delete(1, 0);
    expect(ann.version.total).toBe(3);
  });

  it("keeps every legal character as it is: NUL, U+FEFF, bidirectional marks", () => {
    const odd = "\u0000\ufeff\u202e\u2066\uffff\u{10ffff}";
    expect(copyOf(textOf(odd), "bob").toString()).toBe(odd);
  });

  it("refuses a name that is none, from plain JavaScript too", () => {
    expectRefusal(() => replicas("no spaces"), "MALFORMED");
  });
});

describe("what goes out", () => {
  it("is taken once, and holds only what was done here", () => {
    const [ann, bob] = replicas("ann", "bob");
    expect(ann.takeUpdate()).toBeUndefined();
    ann.insert(0, "abc");
    bob.applyUpdate(ann.takeUpdate()!);
    bob.insert(3, "d");
    expect(Update.decode(bob.takeUpdate()!).ranges).toEqual([{ replica: "bob", from: 1, to: 1 }]);
    expect([ann.takeUpdate(), bob.takeUpdate()]).toEqual([undefined, undefined]);
  });

  it("holds what was done under several names, in one update", () => {
    const [server, reader] = replicas("server", "reader");
    for (const [name, offset] of [
      ["bob", 0],
      ["ann", 1],
      ["bob", 1],
      ["ann", 0],
    ] as const) {
      server.writeAs(replicaId(name));
      server.insert(offset, name);
    }
    reader.applyUpdate(server.takeUpdate()!);
    expect(reader.toString()).toBe(server.toString());
    expect(reader.version.toJSON()).toEqual({ ann: 6, bob: 6 });
  });

  it("does not repeat one's own operations that were loaded", () => {
    const before = textOf("abc");
    const after = copyOf(before);
    expect(after.takeUpdate()).toBeUndefined();
    after.insert(3, "d");
    expect(Update.decode(after.takeUpdate()!).ranges).toEqual([{ replica: "ann", from: 4, to: 4 }]);
  });
});

describe("opaque rows", () => {
  it("take a seq of the same sequence and travel with the text", () => {
    const [ann, bob] = replicas("ann", "bob");
    ann.insert(0, "a");
    expect(ann.appendRow(7, Uint8Array.of(1, 2))).toEqual({ replica: "ann", seq: 2 });
    ann.insert(1, "b");
    const { rows, delta } = bob.receive(ann.takeUpdate()!);
    expect(rows).toEqual([{ id: { replica: "ann", seq: 2 }, kind: 7, bytes: Uint8Array.of(1, 2) }]);
    expect([delta.applyTo(""), [...bob.rows()]]).toEqual(["ab", rows]);
  });

  it("are reported when a wait is over, and refused when their kind is none", () => {
    const [ann, bob] = replicas("ann", "bob");
    ann.insert(0, "a");
    const first = ann.takeUpdate()!;
    ann.appendRow(65_535, new Uint8Array());
    const second = ann.takeUpdate()!;
    expect(bob.receive(second).rows).toEqual([]);
    expect(bob.receive(first).rows.map((row) => row.kind)).toEqual([65_535]);
    for (const kind of [-1, 65_536, 0.5])
      expectRefusal(() => ann.appendRow(kind, new Uint8Array()), "OUT_OF_RANGE");
  });

  it("stay what they were when the caller's bytes change", () => {
    const [ann] = replicas("ann");
    const bytes = Uint8Array.of(1);
    ann.appendRow(0, bytes);
    bytes[0] = 9;
    expect([...ann.rows()][0].bytes).toEqual(Uint8Array.of(1));
  });
});

describe("an anchor", () => {
  it("stays with the character on its side while others type", () => {
    const ann = textOf("ab");
    const [left, right] = [ann.anchorAt(1, "left"), ann.anchorAt(1, "right")];
    ann.insert(1, "___");
    ann.insert(0, ">");
    expect([ann.offsetOf(left), ann.offsetOf(right)]).toEqual([2, 5]);
  });

  it("is where its character used to stand once that is deleted", () => {
    const ann = textOf("abc");
    const anchors = [ann.anchorAt(2, "left"), ann.anchorAt(1, "right")];
    ann.delete(1, 1);
    expect(anchors.map((anchor) => ann.offsetOf(anchor))).toEqual([1, 1]);
  });

  it("at an end of the text stays there", () => {
    const ann = textOf("ab");
    const [start, end] = [ann.anchorAt(0, "left"), ann.anchorAt(2, "right")];
    ann.insert(0, "<");
    ann.insert(3, ">");
    expect([ann.offsetOf(start), ann.offsetOf(end)]).toEqual([0, 4]);
  });

  it("skips deleted characters, and travels as JSON to other replicas", () => {
    const ann = textOf("abc");
    ann.delete(1, 1);
    const bob = copyOf(ann, "bob");
    const anchor = JSON.parse(JSON.stringify(ann.anchorAt(1, "right")));
    expect(anchor.element).toEqual({ replica: "ann", seq: 3 });
    bob.insert(1, "xyz");
    expect(bob.offsetOf(anchor)).toBe(4);
    expectRefusal(() => replicas("eve")[0].offsetOf(anchor), "UNKNOWN_ID");
  });
});

describe("lines and columns", () => {
  it("count from 0, in UTF-16 units, and only a line feed ends a line", () => {
    const ann = textOf("a\r\n😀b\u2028\n");
    expect([0, 2, 3, 5, 7, 8].map((offset) => lineColumnAt(ann, offset))).toEqual([
      { line: 0, column: 0 },
      { line: 0, column: 2 },
      { line: 1, column: 0 },
      { line: 1, column: 2 },
      { line: 1, column: 4 },
      { line: 2, column: 0 },
    ]);
    for (const offset of [0, 2, 3, 5, 7, 8]) expect(offsetAt(ann, lineColumnAt(ann, offset))).toBe(offset);
  });

  it.each([
    [-1, 0],
    [0, 2],
    [2, 0],
    [0, Number.NaN],
    [0.5, 0],
  ])("refuse line %d, column %d where there is no such place", (line, column) => {
    expectRefusal(() => offsetAt(textOf("a\nb"), { line, column }), "OUT_OF_RANGE");
  });
});

describe("history", () => {
  it.each(seeds(40))("reads every old version again, on every replica, seed %i", (seed) => {
    const rng = random(seed);
    const texts = replicas("ann", "bob");
    const seen: { version: VersionVector; text: string }[] = [];
    for (let step = 0; step < 25; step++) {
      const text = rng.pick(texts);
      editAnywhere(text, rng);
      if (rng.once(4)) sync(...texts);
      seen.push({ version: text.version, text: text.toString() });
    }
    sync(...texts);
    for (const { version, text } of seen) {
      for (const reader of texts) expect(reader.textAt(version)).toBe(text);
      const later = rng.pick(seen);
      expect(texts[0].diff(version, later.version).applyTo(text)).toBe(later.text);
      expect(texts[1].diff(version).applyTo(text)).toBe(texts[1].toString());
    }
  });

  it("refuses a version that was never seen here", () => {
    const ann = textOf("abc");
    const future = new VersionVector([[ann.replica, 4]]);
    expectRefusal(() => ann.textAt(future), "UNKNOWN_ID");
    expectRefusal(() => ann.diff(future), "UNKNOWN_ID");
    expectRefusal(() => ann.diff(ann.version, future), "UNKNOWN_ID");
  });

  it("hands out versions that do not follow later edits", () => {
    const ann = textOf("abc");
    const before = ann.version;
    ann.insert(3, "d");
    expect([before.total, ann.textAt(before), ann.diff(before).steps]).toEqual([
      3,
      "abc",
      [{ retain: 3 }, { insert: "d" }],
    ]);
  });

  it("tells the story of every character, deleted ones included", () => {
    const ann = textOf("ab");
    ann.delete(0, 1);
    const [a, b] = [1, 2].map((seq) => id("ann", seq));
    expect([...ann.items()]).toEqual([
      { id: a, character: "a", left: null, right: null, deleted: true },
      { id: b, character: "b", left: a, right: null, deleted: false },
    ]);
  });
});

describe("a delta", () => {
  it("is right however late it is read", () => {
    const [ann, bob] = replicas("ann", "bob");
    ann.insert(0, "abc");
    const delta = bob.applyUpdate(ann.takeUpdate()!);
    bob.delete(0, 2);
    bob.insert(0, "later");
    expect(delta.applyTo("")).toBe("abc");
  });

  it("has at most one insert and one delete between what it keeps, and no retain at its end", () => {
    const delta = new TextDelta([
      { retain: 1 },
      { delete: 1 },
      { insert: "x" },
      { delete: 1 },
      { retain: 2 },
    ]);
    expect(delta.steps).toEqual([{ retain: 1 }, { insert: "x" }, { delete: 2 }]);
    expect(delta.applyTo("abcd")).toBe("axd");
    expect(new TextDelta([{ retain: 5 }]).isEmpty).toBe(true);
  });

  it("is refused by a text that is too short for it", () => {
    expectRefusal(() => new TextDelta([{ retain: 3 }, { insert: "x" }]).applyTo("ab"), "OUT_OF_RANGE");
  });
});
