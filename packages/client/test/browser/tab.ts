import type { Browser, Page } from "playwright-core";
import type { RemoteDocument, SyncState } from "../../src/index.js";

/** Hears every state of a page's document, and its text at that moment. */
export type Told = (state: SyncState, text: string) => void;

/** A page with a document in it, which is `window.editor` of `page.ts`, and somebody at the keyboard. */
export class Tab {
  readonly #page: Page;
  /** What the page could not deal with. */
  readonly errors: Error[] = [];

  private constructor(page: Page) {
    this.#page = page;
    page.on("pageerror", (error) => this.errors.push(error));
  }

  /** Opens the page in a profile of its own. */
  static async open(browser: Browser, address: string, told: Told): Promise<Tab> {
    const page = await browser.newPage();
    const tab = new Tab(page);
    await page.exposeFunction("told", told);
    await page.goto(address);
    return tab;
  }

  /** Types at the end, key by key; `\b` is the key that deletes. */
  async type(text: string): Promise<void> {
    const area = this.#page.locator("textarea");
    await area.press("Control+End");
    for (const key of text) await area.press(key === "\b" ? "Backspace" : key);
  }

  count(): Promise<void> {
    return this.#page.evaluate(() => window.editor.document.increment());
  }

  async reload(): Promise<void> {
    await this.#page.reload();
    await this.#page.evaluate(() => window.editor.document.whenLoaded());
  }

  /** Closes it, and forgets all that the browser kept for it. */
  close(): Promise<void> {
    return this.#page.close();
  }

  /** What a person sees. */
  get text(): Promise<string> {
    return this.#page.locator("textarea").inputValue();
  }

  get counter(): Promise<number> {
    return this.#page.evaluate(() => window.editor.document.counter());
  }

  get unsaved(): Promise<number> {
    return this.#page.evaluate(() => window.editor.document.unsaved);
  }

  /** What the page is answered when it asks another origin, by a request that browsers ask leave for first. */
  ask(url: string): Promise<unknown> {
    return this.#page.evaluate(async (it) => {
      const headers = { "content-type": "application/json" };
      return (await fetch(it, { method: "POST", headers, body: '{"name":"First draft"}' })).json();
    }, url);
  }

  /** Every state since the page was loaded. */
  get states(): Promise<readonly SyncState[]> {
    return this.#page.evaluate(() => window.editor.states);
  }

  async reaches(state: SyncState): Promise<void> {
    await this.#page.waitForFunction((it) => window.editor.document.state === it, state);
  }

  async shows(text: string): Promise<void> {
    await this.#page.waitForFunction((it) => window.editor.document.text.includes(it), text);
  }

  /** Resolves once the browser keeps everything that is to be seen and not saved yet. */
  async keepsAll(): Promise<void> {
    await this.#page.evaluate(async () => {
      const { document, kept } = window.editor;
      const isKept = async () => {
        const { text, unsaved } = await kept();
        return text === document.text && unsaved === document.unsaved;
      };
      while (!(await isKept())); // Each look is a transaction, which waits for those before it.
    });
  }
}

/** Resolves once `isSo`, looked at after whatever happens to the document. */
export function until(document: RemoteDocument, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isSo()) return;
      for (const stop of stops) stop();
      resolve();
    };
    const stops = [document.on("state", look), document.on("change", look)];
    look();
  });
}
