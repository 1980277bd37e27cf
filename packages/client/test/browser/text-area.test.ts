import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundle, chromiumMissing, startChromium } from "@motet/services";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type {} from "./text-area-page.js";

const missing = chromiumMissing();
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// That there is a browser, another test here insists on.
describe.skipIf(missing !== undefined)("a text area that is bound to a document", () => {
  let browser: Browser;
  let script: string;
  let page: Page;
  let errors: Error[];

  beforeAll(async () => {
    const contents = readFileSync(here("text-area-page.ts"), "utf8");
    [browser, script] = await Promise.all([startChromium(), bundle(contents, here("."))]);
  });

  afterAll(() => browser.close());

  beforeEach(async () => {
    errors = [];
    page = await browser.newPage();
    page.on("pageerror", (error) => errors.push(error));
    await page.setContent("<!doctype html><body></body>");
    await page.addScriptTag({ content: script });
  });

  afterEach(async () => {
    await page.close();
    expect(errors).toEqual([]);
  });

  const area = () => page.locator("textarea");

  async function open(text: string, caret = text.length): Promise<void> {
    await page.evaluate((it) => window.begin(it), text);
    await area().focus();
    await area().evaluate((it, at) => (it as HTMLTextAreaElement).setSelectionRange(at, at), caret);
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

  /** What both documents say. */
  async function text(): Promise<string> {
    const [ann, bob] = await page.evaluate(async () => {
      await window.stage.settle();
      return [window.stage.ann.text, window.stage.bob.text];
    });
    expect(bob).toBe(ann);
    return ann!;
  }

  const caret = () => area().evaluate((it) => (it as HTMLTextAreaElement).selectionStart);

  it("takes what is typed, and keeps the caret with its characters while somebody else types", async () => {
    await open("hello");
    await page.keyboard.type(" you");
    await bobInserts(0, ">> ");
    await page.keyboard.type("!");
    expect([await text(), await area().inputValue(), await caret()]).toEqual([
      ...[">> hello you!", ">> hello you!"],
      13,
    ]);
    await bobInserts(13, " yes");
    expect([await area().inputValue(), await caret()]).toEqual([">> hello you! yes", 13]);
  });

  it("puts a letter among equal ones where it was typed", async () => {
    await open("aaaa", 1);
    await page.keyboard.type("a");
    await page.evaluate(() => window.stage.ann.setSelection({ anchor: 2, head: 2 }));
    await bobInserts(0, "b");
    expect([await text(), await caret()]).toEqual(["baaaaa", 3]);
  });

  it("undoes and redoes one's own by keys, and nobody else's", async () => {
    await open("");
    await page.keyboard.type("mine");
    await bobInserts(0, "theirs ");
    await page.keyboard.press("Control+z");
    expect([await text(), await area().inputValue()]).toEqual(["theirs ", "theirs "]);
    await page.keyboard.press("Control+Shift+Z");
    await page.keyboard.press("Control+z");
    await page.keyboard.press("Control+y");
    expect([await text(), await caret()]).toEqual(["theirs mine", 11]);
  });

  it("leaves Windows line breaks as they are", async () => {
    await open("one\r\ntwo\r\nthree", 8);
    await page.keyboard.type("> ");
    await bobInserts(3, "!");
    expect(await text()).toBe("one!\r\ntwo\r\n> three");
    expect([await area().inputValue(), await caret()]).toEqual(["one!\ntwo\n> three", 11]);
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Backspace");
    expect(await text()).toBe("one!\r\ntwothree");
  });

  it("takes a character of two units as one", async () => {
    await open("a😀😁");
    await page.keyboard.press("Backspace");
    expect(await text()).toBe("a😀");
    await area().evaluate((it) => {
      (it as HTMLTextAreaElement).value = `a${String.fromCharCode(0xd83d)}`;
      it.dispatchEvent(new Event("input"));
    });
    expect([await text(), await area().inputValue()]).toEqual(["a", "a"]);
  });

  it("goes on composing while somebody else types, and shows that afterwards", async () => {
    await open("one \nother");
    await area().evaluate((it) => (it as HTMLTextAreaElement).setSelectionRange(4, 4));
    const ime = await page.context().newCDPSession(page);
    const compose = (it: string) =>
      ime.send("Input.imeSetComposition", { text: it, selectionStart: it.length, selectionEnd: it.length });
    await compose("に");
    await bobInserts(0, "# ");
    await compose("にほん");
    await bobInserts((await page.evaluate(() => window.stage.bob.length)) - 1, "+");
    await ime.send("Input.insertText", { text: "日本" });
    expect([await text(), await area().inputValue()]).toEqual(Array(2).fill("# one 日本\nothe+r"));
    expect(await caret()).toBe(8);
  });

  it("shows the others what is selected", async () => {
    await open("hello world");
    await area().evaluate((it) => (it as HTMLTextAreaElement).setSelectionRange(2, 7, "backward"));
    const cursors = () =>
      page.evaluate(async () => {
        await window.stage.settle();
        return window.stage.bob.cursors().map(({ anchor, head }) => [anchor, head]);
      });
    await expect.poll(cursors).toEqual([[7, 2]]);
  });

  it("cannot be written by who may only read, nor once it is let go", async () => {
    await open("hello");
    await page.evaluate(async () => {
      const { world, settle } = window.stage;
      world.server.rights = "read";
      world.server.cutAll();
      await world.pass(2_000);
      await settle();
    });
    await page.keyboard.type("x");
    expect([await text(), await area().inputValue()]).toEqual(["hello", "hello"]);
    await page.evaluate(() => window.stage.unbind());
    await page.keyboard.type("y");
    await page.evaluate(() => window.stage.world.server.edit({ type: "insert", position: 0, text: "z" }));
    expect([await text(), await area().inputValue()]).toEqual(["zhello", "helloy"]);
  });

  it("tells from real input and the page how its user is", async () => {
    await open("");
    const status = () =>
      page.evaluate(async () => {
        await window.stage.settle();
        return window.stage.bob.people.get("ann")?.status;
      });
    await page.evaluate(() => window.stage.world.pass(300_000, 30_000));
    expect(await status()).toBe("idle");
    await page.keyboard.press("Shift");
    expect(await status()).toBe("active");
    await page.evaluate(() => {
      Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    expect(await status()).toBe("away");
  });
});
