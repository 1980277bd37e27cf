import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import { type Document, UndoStack } from "../src/index.js";
import { replicas, said, someOperation, sync } from "./support/replicas.js";

/** Two people at one document, each with an undo stack of their own; time passes between any two acts. */
function people() {
  const [ann, bob] = replicas("ann", "bob");
  let nowMs = 0;
  const person = (document: Document) => {
    const stack = new UndoStack(document);
    const later = (ms = 10_000): number => {
      nowMs += ms;
      return nowMs;
    };
    return {
      document,
      stack,
      type: (position: number, text: string, afterMs?: number) =>
        stack.apply({ type: "insert", position, text }, later(afterMs)),
      erase: (position: number, length: number, afterMs?: number) =>
        stack.apply({ type: "delete", position, length }, later(afterMs)),
      apply: (operation: Parameters<UndoStack["apply"]>[0]) => stack.apply(operation, later()),
      undo: () => stack.undo(later()),
      redo: () => stack.redo(later()),
    };
  };
  return { ann: person(ann), bob: person(bob), meet: () => sync(ann, bob), text: () => [ann.text, bob.text] };
}

describe("what is done together", () => {
  it("is one step, of whatever kinds and however slowly, and is not part of the step before", () => {
    const { ann } = people();
    ann.type(0, "one two");
    ann.stack.together(() => {
      ann.erase(0, 3);
      ann.type(0, "1");
      ann.apply({ type: "set_title", title: "Counting" });
    });
    ann.undo();
    expect([ann.document.text, ann.document.title]).toEqual(["one two", ""]);
    ann.redo();
    expect([ann.document.text, ann.document.title]).toEqual(["1 two", "Counting"]);
  });

  it("goes on being one step with what is typed at once after it", () => {
    const { ann } = people();
    ann.type(0, "one");
    ann.stack.together(() => {
      ann.erase(0, 3);
      ann.type(0, "t");
    });
    ann.type(1, "wo", 100);
    ann.undo();
    expect(ann.document.text).toBe("one");
  });

  it("can be taken back as far as it came before something was refused", () => {
    const { ann } = people();
    ann.type(0, "one");
    const deed = () => {
      ann.type(3, "!");
      ann.erase(9, 9);
    };
    expect(() => ann.stack.together(deed)).toThrow(expect.objectContaining({ code: "OUT_OF_RANGE" }));
    ann.type(0, "x");
    ann.undo();
    ann.undo();
    expect(ann.document.text).toBe("one");
  });
});

describe("undoing (A18)", () => {
  it("takes back one step after the other, and redoing brings them again", () => {
    const { ann } = people();
    ann.type(0, "one");
    ann.type(3, " two");
    ann.erase(0, 4);
    const texts = [ann.document.text];
    for (const back of [ann.undo, ann.undo, ann.undo, ann.redo, ann.redo, ann.redo]) {
      back();
      texts.push(ann.document.text);
    }
    expect(texts).toEqual(["two", "one two", "one", "", "one", "one two", "two"]);
    expect([ann.stack.canUndo, ann.stack.canRedo]).toEqual([true, false]);
  });

  it("says what it changed, so that an editor can follow", () => {
    const { ann, bob, meet } = people();
    ann.type(0, "hello");
    meet();
    bob.type(0, ">> ");
    meet();
    expect(ann.undo().flatMap((change) => change.operations())).toEqual([
      { type: "delete", position: 3, length: 5 },
    ]);
    expect(ann.redo().flatMap((change) => change.operations())).toEqual([
      { type: "insert", position: 3, text: "hello" },
    ]);
    expect(ann.redo()).toEqual([]);
  });

  it("takes back only one's own, wherever others have moved it", () => {
    const { ann, bob, meet, text } = people();
    ann.type(0, "ann ");
    meet();
    bob.type(0, "bob ");
    bob.type(6, "!");
    meet();
    ann.undo();
    meet();
    expect(text()).toEqual(["bob !", "bob !"]);
    ann.redo();
    meet();
    bob.undo();
    bob.undo();
    meet();
    expect(text()).toEqual(["ann ", "ann "]);
  });

  it("leaves what others wrote into one's own text", () => {
    const { ann, bob, meet, text } = people();
    ann.type(0, "onethree");
    meet();
    bob.type(3, " two ");
    meet();
    ann.undo();
    meet();
    expect(text()).toEqual([" two ", " two "]);
  });

  it("inserts anew what one deleted, and undoing what one typed reaches that too", () => {
    const { ann, bob, meet, text } = people();
    ann.type(0, "keep ");
    ann.type(5, "word");
    ann.erase(5, 4);
    meet();
    ann.undo();
    expect(ann.document.text).toBe("keep word");
    ann.undo();
    expect(ann.document.text).toBe("keep ");
    ann.redo();
    ann.redo();
    ann.undo();
    meet();
    expect(text()).toEqual(["keep word", "keep word"]);
    expect(bob.stack.canUndo).toBe(false);
  });

  it("brings single deletions back in the order in which the characters stood, backwards and forwards", () => {
    const { ann } = people();
    ann.type(0, "abcdef");
    ann.erase(2, 1);
    ann.erase(2, 1); // Forwards: c, then d.
    ann.erase(1, 1);
    ann.erase(0, 1); // Backwards: b, then a.
    expect(ann.document.text).toBe("ef");
    for (let step = 0; step < 4; step++) ann.undo();
    expect(ann.document.text).toBe("abcdef");
  });

  it("takes together what was typed without a pause, unless the caret was moved", () => {
    const { ann } = people();
    ann.type(0, "a");
    ann.type(1, "b", 100);
    ann.stack.endStep();
    ann.type(2, "c", 100);
    ann.undo();
    expect(ann.document.text).toBe("ab");
    ann.undo();
    expect(ann.document.text).toBe("");
  });

  it("forgets what could be redone when something else is done", () => {
    const { ann } = people();
    ann.type(0, "a");
    ann.undo();
    ann.type(0, "b");
    expect(ann.stack.canRedo).toBe(false);
    expect(ann.redo()).toEqual([]);
    expect(ann.document.text).toBe("b");
  });

  it("sets a title, a counter and a field back, but not what somebody else has set since", () => {
    const { ann, bob, meet } = people();
    ann.apply({ type: "set_title", title: "ann's" });
    ann.apply({ type: "increment_counter", counter: "c", amount: 5 });
    ann.apply({ type: "set_field", field: "f", value: 1 });
    meet();
    bob.apply({ type: "increment_counter", counter: "c", amount: 1 });
    bob.apply({ type: "set_field", field: "f", value: 2 });
    meet();
    for (let step = 0; step < 3; step++) ann.undo();
    meet();
    expect([bob.document.title, bob.document.counter("c"), bob.document.fields.get("f")]).toEqual(["", 1, 2]);
    for (let step = 0; step < 3; step++) ann.redo();
    meet();
    expect([bob.document.title, bob.document.counter("c"), bob.document.fields.get("f")]).toEqual([
      "ann's",
      6,
      2,
    ]);
  });

  it("takes back whole characters, however many units they have", () => {
    const { ann } = people();
    ann.type(0, "a😀b");
    ann.erase(1, 2);
    ann.undo();
    expect(ann.document.text).toBe("a😀b");
    ann.undo();
    expect(ann.document.text).toBe("");
  });

  it.each(seeds(30))("comes back to the start alone, however one went, seed %i", (seed) => {
    const rng = random(seed);
    const { ann } = people();
    ann.document.apply({ type: "insert", position: 0, text: "fixed" }, 0);
    const start = ann.document.snapshot();
    for (let step = 0; step < 40; step++) {
      const [act, operation] = [rng.int(6), someOperation(rng, ann.document.text)];
      if (act === 0) ann.undo();
      else if (act === 1) ann.redo();
      else ann.apply(operation);
    }
    const end = ann.document.snapshot();
    let steps = 0;
    for (; ann.stack.canUndo; steps++) ann.undo();
    expect([ann.document.text, ann.document.title]).toEqual([start.text, start.title]);
    expect(ann.document.fields.size).toBe(0);
    for (; steps > 0; steps--) ann.redo();
    expect([ann.document.text, ann.document.title]).toEqual([end.text, end.title]);
  });

  it.each(seeds(20))("never touches what the other wrote, and both agree, seed %i", (seed) => {
    const rng = random(seed);
    const { ann, bob, meet } = people();
    for (let step = 0; step < 50; step++) {
      const [act, at, word] = [rng.int(8), rng.int(1000), rng.pick(["B", "BB", "BBB"])];
      if (act === 0) ann.undo();
      else if (act === 1) ann.redo();
      else if (act < 5) ann.type(at % (ann.document.length + 1), "aa");
      else if (act < 7) bob.type(at % (bob.document.length + 1), word);
      else meet();
    }
    meet();
    const others = bob.document.text.replaceAll("a", "");
    while (ann.stack.canUndo) ann.undo();
    meet();
    expect(said(ann.document)).toEqual(said(bob.document));
    expect(bob.document.text).toBe(others);
  });
});
