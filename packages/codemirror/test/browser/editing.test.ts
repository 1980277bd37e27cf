import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundle, chromiumMissing, startChromium } from "@motet/services";
import { Markdown } from "@motet/testing/pages";
import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type {} from "./page.js";

const { CI } = process.env;
const missing = chromiumMissing();

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

it("a real browser can be tried on this machine", (context) => {
  if (missing !== undefined && CI === undefined) context.skip(missing);
  expect(missing).toBeUndefined();
});

describe.skipIf(missing !== undefined)("an editor in a browser", () => {
  let browser: Browser;
  let script: string;
  let page: Page;
  let errors: Error[];

  beforeAll(async () => {
    [browser, script] = await Promise.all([
      startChromium(),
      bundle(readFileSync(here("page.ts"), "utf8"), here(".")),
    ]);
  });

  afterAll(() => browser.close());

  beforeEach(async () => {
    errors = [];
    page = await browser.newPage();
    page.on("pageerror", (error) => errors.push(error));
    await page.setContent("<!doctype html><body></body>");
  });

  afterEach(async () => {
    await page.close();
    expect(errors).toEqual([]);
  });

  async function open(text: string): Promise<void> {
    await page.addScriptTag({ content: script });
    await page.evaluate((it) => window.begin(it), text);
    await page.locator(".cm-content").focus();
  }

  /** What Ann sees; her document and Bob's say the same. */
  async function text(): Promise<string> {
    const [shown, ann, bob] = await page.evaluate(async () => {
      const { view, ann, bob, settle } = window.stage;
      await settle();
      return [view.state.doc.toString(), ann.text, bob.text];
    });
    expect([ann, bob]).toEqual([shown, shown]);
    return shown!;
  }

  async function bobInserts(at: number, what: string): Promise<void> {
    await page.evaluate(
      async ([position, inserted]) => {
        window.stage.bob.insert(position, inserted);
        await window.stage.settle();
      },
      [at, what] as const,
    );
  }

  it("takes what is typed, pasted and taken back by keys, while somebody else types", async () => {
    await open("");
    await page.keyboard.type("hello");
    await bobInserts(0, ">> ");
    await page.keyboard.press("Enter");
    await page.keyboard.type("there");
    await page.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", " one\r\ntwo 😀");
      window.stage.view.contentDOM.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
      );
    });
    expect(await text()).toBe(">> hello\nthere one\ntwo 😀");
    await page.keyboard.press("Backspace");
    expect(await text()).toBe(">> hello\nthere one\ntwo ");
    for (let step = 0; step < 9; step++) await page.keyboard.press("Control+z");
    expect(await text()).toBe(">> ");
    for (let step = 0; step < 9; step++) await page.keyboard.press("Control+Shift+Z");
    expect(await text()).toBe(">> hello\nthere one\ntwo ");
  });

  it("passes over and deletes the two characters of a Windows line break as one", async () => {
    await open("one\r\ntwo");
    await page.keyboard.press("Control+Home");
    for (let step = 0; step < 4; step++) await page.keyboard.press("ArrowRight");
    await page.keyboard.type(">");
    expect(await text()).toBe("one\r\n>two");
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Backspace");
    expect(await text()).toBe("onetwo");
    expect(await page.locator(".cm-line").count()).toBe(1);
  });

  it("goes on composing while somebody else types, before it and in another line", async () => {
    await open("one \nother line");
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("End");
    const ime = await page.context().newCDPSession(page);
    await compose(ime, "に");
    await bobInserts(0, "1: ");
    await bobInserts((await page.evaluate(() => window.stage.bob.length)) - 1, "+");
    expect(await page.evaluate(() => window.stage.view.composing)).toBe(true);
    await compose(ime, "にほ");
    await bobInserts(0, "# ");
    await compose(ime, "にほん");
    await ime.send("Input.insertText", { text: "日本" });
    expect(await text()).toBe("# 1: one 日本\nother lin+e");
    await page.keyboard.type("!");
    expect(await text()).toBe("# 1: one 日本!\nother lin+e");
  });

  it("shows a caret where the other one is, to the pixel, with a name on it, also in the first line", async () => {
    await open("first line\nsecond line");
    for (const at of [3, 18]) {
      await page.evaluate(async (head) => {
        window.stage.bob.setSelection({ anchor: head, head });
        await window.stage.settle();
      }, at);
      const { caret, place, label, editor } = await page.evaluate((head) => {
        const box = (selector: string) => document.querySelector(selector)!.getBoundingClientRect();
        const coords = window.stage.view.coordsAtPos(head, 1)!;
        const [caret, label, editor] = [box(".motet-caret"), box(".motet-label"), box(".cm-editor")];
        return {
          caret: { left: caret.left, top: caret.top },
          place: { left: coords.left, top: coords.top },
          label: { top: label.top, width: label.width },
          editor: { top: editor.top },
        };
      }, at);
      expect(Math.abs(caret.left - place.left)).toBeLessThanOrEqual(2);
      expect(Math.abs(caret.top - place.top)).toBeLessThanOrEqual(3);
      expect(label.width).toBeGreaterThan(10);
      expect(label.top).toBeGreaterThanOrEqual(editor.top);
    }
    expect(await page.locator(".motet-label").textContent()).toBe("BOB");
  });

  it("shows a name until some seconds after its owner has moved, and while the pointer is on the caret", async () => {
    await open("first line\nsecond line");
    const move = (head: number) =>
      page.evaluate(async (at) => {
        window.stage.bob.setSelection({ anchor: at, head: at });
        await window.stage.settle();
      }, head);
    const opacity = () =>
      page.evaluate(() => getComputedStyle(document.querySelector(".motet-label")!).opacity);
    const letTimePass = () =>
      page.evaluate(() => {
        for (const animation of document.getAnimations()) animation.finish();
      });
    await move(14);
    expect(await opacity()).toBe("1");
    await letTimePass();
    expect(await opacity()).toBe("0");
    await bobInserts(0, "x");
    expect(await opacity()).toBe("0");
    await move(17);
    expect(await opacity()).toBe("1");
    await letTimePass();
    await page.locator(".motet-caret").hover();
    expect(await opacity()).toBe("1");
    await page.locator(".motet-caret").click();
    expect(await page.evaluate(() => window.stage.view.state.selection.main.head)).toBe(17);
    await page.mouse.move(0, 0);
  });

  it("does not move what one reads while somebody writes above it", async () => {
    await open(Array.from({ length: 400 }, (_, at) => `line ${at}`).join("\n"));
    await page.addStyleTag({ content: ".cm-editor { height: 300px } .cm-scroller { overflow: auto }" });
    await page.evaluate(() => {
      const { view } = window.stage;
      view.dispatch({ selection: { anchor: view.state.doc.line(200).from }, scrollIntoView: true });
    });
    // The editor scrolls in the frame after the one that has drawn the change.
    const top = () =>
      page.evaluate(async () => {
        for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
        const { view } = window.stage;
        return view.coordsAtPos(view.state.selection.main.head)!.top;
      });
    const before = await top();
    await bobInserts(0, "a\nb\nc\n");
    expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(1);
  });

  it("runs the program of the README, which prints what it says", async () => {
    const readme = new Markdown(new URL("../../README.md", import.meta.url));
    const printed: string[] = [];
    page.on("console", (message) => message.type() === "log" && printed.push(`${message.text()}\n`));
    await page.addScriptTag({ content: await bundle(readme.block("ts program"), here(".")) });
    await page.locator(".cm-content").waitFor();
    expect(printed.join("")).toBe(readme.block("text output"));
  });
});

async function compose(ime: CDPSession, text: string): Promise<void> {
  await ime.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
}
