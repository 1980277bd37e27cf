// @vitest-environment jsdom
import { EditorSelection, EditorState, type Extension, type TransactionSpec } from "@codemirror/state";
import { EditorView, runScopeHandlers } from "@codemirror/view";
import type { RemoteDocument } from "@motet/client";
import { type Random, random, seeds } from "@motet/testing";
import { afterEach, describe, expect, it } from "vitest";
import { collaboration } from "../src/index.js";
import { settle, World } from "./support/world.js";

const views: EditorView[] = [];
afterEach(() => {
  for (const view of views.splice(0)) view.destroy();
});

function editor(document: RemoteDocument, extensions: Extension = [], doc = document.text): EditorView {
  const view = new EditorView({
    doc,
    extensions: [collaboration(document), extensions],
    parent: window.document.body,
  });
  views.push(view);
  return view;
}

/** An editor on a document of Ann's, and a document of Bob's. */
async function annAndBob(text = "") {
  const world = new World();
  const ann = await world.open("ann");
  const bob = await world.open("bob");
  if (text !== "") bob.insert(0, text);
  await settle();
  const view = editor(ann);
  return { world, ann, bob, view };
}

function textOf(view: EditorView): string {
  return view.state.doc.toString();
}

function press(view: EditorView, key: string, rest: KeyboardEventInit = {}): boolean {
  return runScopeHandlers(view, new KeyboardEvent("keydown", { key, ctrlKey: true, ...rest }), "editor");
}

describe("text", () => {
  it("goes both ways, once", async () => {
    const { ann, bob, view } = await annAndBob("hello");
    view.dispatch({ changes: { from: 5, insert: " world" } });
    await settle();
    expect([textOf(view), ann.text, bob.text]).toEqual(["hello world", "hello world", "hello world"]);
    bob.apply({ type: "delete", position: 0, length: 5 }, { type: "insert", position: 0, text: "HELLO" });
    await settle();
    expect([textOf(view), ann.text]).toEqual(["HELLO world", "HELLO world"]);
  });

  it("leaves the caret with its characters while others type around it", async () => {
    const { bob, view } = await annAndBob("hello world");
    view.dispatch({ selection: { anchor: 5 } });
    bob.insert(0, ">> ");
    bob.insert(8, ",");
    bob.insert(bob.length, "!");
    await settle();
    expect([textOf(view), view.state.selection.main.head]).toEqual([">> hello, world!", 8]);
  });

  it("that the editor did not begin with comes into it by itself, also what a page load has left", async () => {
    const world = new World();
    const ann = await world.open("ann");
    ann.insert(0, "kept\nfrom before");
    const view = editor(ann, [], "kept\nsomething else");
    await settle();
    expect(textOf(view)).toBe("kept\nfrom before");
    view.dispatch({ changes: { from: 0, insert: "> " } });
    expect(ann.text).toBe("> kept\nfrom before");
  });

  it("is the same in two editors on one document", async () => {
    const world = new World();
    const ann = await world.open("ann");
    const [one, two] = [editor(ann), editor(ann)];
    one.dispatch({ changes: { from: 0, insert: "one" } });
    two.dispatch({ changes: { from: 3, insert: " two" } });
    expect([textOf(one), textOf(two), ann.text]).toEqual(["one two", "one two", "one two"]);
  });

  it("of several places at once is one step of undo, and goes on being so while one types on", async () => {
    const { ann, view } = await annAndBob("one two three");
    const insert = (at: readonly number[], text: string) =>
      view.dispatch({ changes: at.map((from) => ({ from, insert: text })) });
    insert([0, 4, 8], "x");
    expect(ann.text).toBe("xone xtwo xthree");
    insert([1, 6, 11], "y");
    ann.undo();
    expect([ann.text, textOf(view)]).toEqual(["one two three", "one two three"]);
  });

  it("is not written any more once the view has ended", async () => {
    const { bob, view } = await annAndBob("hello");
    view.destroy();
    bob.insert(0, "x");
    await settle();
    expect(textOf(view)).toBe("hello");
  });
});

describe("characters outside of the plane that most are in", () => {
  it("are replaced whole where the editor replaces half of one", async () => {
    const { ann, bob, view } = await annAndBob("a😀b");
    view.dispatch({ changes: { from: 2, to: 3, insert: "\ude01" } }); // 😀 and 😁 begin with the same half.
    await settle();
    expect([textOf(view), ann.text, bob.text]).toEqual(["a😁b", "a😁b", "a😁b"]);
  });

  it("are replaced whole where the editor replaces their first half", async () => {
    const { ann, view } = await annAndBob("𝄞x");
    view.dispatch({ changes: { from: 0, to: 1, insert: "\ud834\udd1e\ud834" } });
    expect([textOf(view), ann.text]).toEqual(["𝄞𝄞x", "𝄞𝄞x"]);
  });

  it.each([
    ["the second half of one is deleted", { from: 2, to: 3 }],
    ["the first half of one is deleted", { from: 1, to: 2 }],
    ["half of another is put beside it", { from: 1, insert: "\ud83d" }],
    ["one is torn apart", { from: 2, insert: "-" }],
  ])("leave no half behind when %s", async (_what, changes) => {
    const { ann, bob, view } = await annAndBob("a😀b");
    view.dispatch({ changes });
    await settle();
    expect(textOf(view)).not.toMatch(/\p{Cs}/u);
    expect([ann.text, bob.text]).toEqual([textOf(view), textOf(view)]);
    view.dispatch({ changes: { from: 0, insert: "on " } });
    expect(ann.text).toBe(textOf(view));
  });

  it("leave no half behind where a change cannot be filtered", async () => {
    const { ann, bob, view } = await annAndBob("a😀b");
    view.dispatch({ changes: { from: 2, to: 3 }, filter: false });
    await settle();
    expect([textOf(view), ann.text, bob.text]).toEqual(["ab", "ab", "ab"]);
  });

  it("never have the caret shown inside of them", async () => {
    const { ann, bob, view } = await annAndBob("😀");
    view.dispatch({ changes: { from: 2, insert: "!" }, selection: { anchor: 1 } });
    await settle();
    expect(bob.cursors().map(({ head }) => head)).toEqual([0]);
    expect(ann.text).toBe("😀!");
  });
});

describe("line breaks", () => {
  it("of a document from Windows stay as they are, and offsets are the document's", async () => {
    const { ann, bob, view } = await annAndBob("one\r\ntwo\r\nthree");
    expect(view.state.doc.lines).toBe(3);
    view.dispatch({ changes: { from: 5, insert: "> " } });
    await settle();
    expect([ann.text, bob.text, textOf(view)]).toEqual(Array(3).fill("one\r\n> two\r\nthree"));
    bob.insert(bob.text.indexOf("three"), "and ");
    await settle();
    expect(textOf(view)).toBe("one\r\n> two\r\nand three");
  });

  it("show no carriage return", async () => {
    const { view } = await annAndBob("one\r\ntwo");
    expect([...view.contentDOM.querySelectorAll(".cm-line")].map((line) => line.textContent)).toEqual([
      "one",
      "two",
    ]);
  });

  it("that are pasted are line feeds", async () => {
    const { ann, view } = await annAndBob("");
    const [filter] = view.state.facet(EditorView.clipboardInputFilter);
    view.dispatch({ changes: { from: 0, insert: filter!("one\r\ntwo\rthree", view.state) } });
    expect(ann.text).toBe("one\ntwo\nthree");
  });
});

describe("undo", () => {
  it("takes back one's own and leaves what others did, with the caret at the place", async () => {
    const { bob, view } = await annAndBob("hello");
    view.dispatch({ changes: { from: 5, insert: " world" } });
    await settle();
    bob.insert(0, ">> ");
    await settle();
    expect(press(view, "z")).toBe(true);
    await settle();
    expect([textOf(view), bob.text, view.state.selection.main.head]).toEqual([">> hello", ">> hello", 8]);
    press(view, "y");
    expect([textOf(view), view.state.selection.main.head]).toEqual([">> hello world", 14]);
    press(view, "z");
    press(view, "Z", { shiftKey: true, keyCode: 90 });
    expect(textOf(view)).toBe(">> hello world");
  });

  it("does nothing when there is nothing of one's own", async () => {
    const { bob, view } = await annAndBob("hello");
    press(view, "z");
    press(view, "y");
    await settle();
    expect([textOf(view), bob.text]).toEqual(["hello", "hello"]);
  });

  it("begins anew where the caret was put elsewhere", async () => {
    const { view } = await annAndBob("");
    view.dispatch({ changes: { from: 0, insert: "a" } });
    view.dispatch({ selection: { anchor: 0 }, userEvent: "select" });
    view.dispatch({ changes: { from: 1, insert: "b" } });
    press(view, "z");
    expect(textOf(view)).toBe("a");
  });
});

describe("who may only read", () => {
  it("finds the editor read-only, and can write when that changes while it is open", async () => {
    const world = new World();
    world.server.rights = "read";
    const ann = await world.open("ann");
    const view = editor(ann);
    expect(view.state.readOnly).toBe(true);
    world.server.rights = "write";
    world.server.cutAll();
    for (let second = 0; second < 5; second++) {
      world.clock.advance(1_000);
      await settle();
    }
    expect(view.state.readOnly).toBe(false);
  });

  it("sees what was written past that go again", async () => {
    const world = new World();
    world.server.rights = "read";
    const ann = await world.open("ann");
    const view = editor(ann);
    view.dispatch({ changes: { from: 0, insert: "no" } });
    view.dispatch({ changes: { from: 0, insert: "nor this" } });
    await settle();
    expect([textOf(view), ann.text]).toEqual(["", ""]);
  });

  it("sees what is written into a closed document go again", async () => {
    const { ann, view } = await annAndBob("hello");
    await ann.close();
    view.dispatch({ changes: { from: 0, insert: "x" } });
    await settle();
    expect(textOf(view)).toBe("hello");
  });
});

describe("the others", () => {
  it("see where one is once one types, and what one has selected", async () => {
    const { bob, view } = await annAndBob("hello world");
    await settle();
    expect(bob.cursors()).toEqual([]);
    view.dispatch({ changes: { from: 0, insert: "x" }, selection: { anchor: 1 } });
    await settle();
    expect(bob.cursors().map(({ anchor, head }) => [anchor, head])).toEqual([[1, 1]]);
    view.focus();
    view.dispatch({ selection: EditorSelection.range(7, 2) });
    await settle();
    expect(bob.cursors().map(({ anchor, head }) => [anchor, head])).toEqual([[7, 2]]);
  });

  it("are seen with their names, in their colours, where they are", async () => {
    const { bob, view } = await annAndBob("hello world");
    bob.setSelection({ anchor: 6, head: 11 });
    await settle();
    const [caret] = view.contentDOM.querySelectorAll<HTMLElement>(".motet-caret");
    expect(caret?.textContent).toBe("BOB");
    expect(caret?.style.getPropertyValue("--motet-colour")).toMatch(/^#[0-9a-f]{6}$/);
    expect(view.contentDOM.querySelector(".motet-selection")?.textContent).toBe("world");
    expect(view.posAtDOM(caret!)).toBe(11);
    view.dispatch({ changes: { from: 0, insert: "so: " } });
    expect(view.posAtDOM(view.contentDOM.querySelector(".motet-caret")!)).toBe(15);
    await bob.close();
    await settle();
    expect(view.contentDOM.querySelector(".motet-caret, .motet-selection")).toBeNull();
  });

  it("are not seen where that was not asked for", async () => {
    const { ann, bob } = await annAndBob("hello");
    const parent = window.document.body;
    const view = new EditorView({
      doc: ann.text,
      extensions: collaboration(ann, { cursors: false }),
      parent,
    });
    views.push(view);
    bob.setSelection({ anchor: 0, head: 5 });
    await settle();
    expect(view.contentDOM.querySelector(".motet-caret")).toBeNull();
  });
});

const WORDS = ["a", "bc", "\n", "\r\n", "😀", "é", "line\nline", "𝄞𝄞"];

/** What somebody does: types, deletes, in several places at times, inside of characters too, selects, undoes. */
function someDeed(rng: Random, { state }: EditorView): TransactionSpec | "z" | "y" {
  const place = () => rng.int(state.doc.length + 1);
  const dice = rng.int(10);
  if (dice === 0) return rng.int(2) === 0 ? "z" : "y";
  if (dice === 1) return { selection: { anchor: place(), head: place() } };
  const places = Array.from({ length: dice === 2 ? 3 : 1 }, place).sort((a, b) => a - b);
  const changes = places.map((from, at) => {
    const to = rng.int(3) === 0 ? Math.min(from + rng.int(4), places[at + 1] ?? state.doc.length) : from;
    return { from, to, insert: to === from || rng.int(2) === 0 ? WORDS[rng.int(WORDS.length)]! : "" };
  });
  return { changes };
}

describe("two people at their editors", () => {
  it.each(seeds(12))("end with the same text as their documents and each other, seed %i", async (seed) => {
    const world = new World(seed);
    const rng = random(seed);
    const documents = [await world.open("ann"), await world.open("bob")];
    const pages = documents.map((document) => editor(document, EditorState.allowMultipleSelections.of(true)));
    world.hold();
    for (let step = 0; step < 60; step++) {
      const view = pages[rng.int(2)]!;
      const deed = someDeed(rng, view);
      if (typeof deed === "string") press(view, deed);
      else view.dispatch(deed);
      await settle();
      await world.deliver(rng, rng.int(4));
      for (const [at, page] of pages.entries()) expect(textOf(page)).toBe(documents[at]!.text);
    }
    await world.deliverAll(rng);
    const [ann, bob] = pages.map(textOf);
    expect(ann).toBe(bob);
    expect(documents.map(({ text }) => text)).toEqual([ann, bob]);
  });
});
