import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { eventually } from "./eventually.js";

/** How somebody comes: as whom, and with what kind of screen. */
export interface GuestOptions extends BrowserContextOptions {
  readonly name: string;
}

/** Somebody in front of a browser of their own, who sees the page and uses it with keys and pointer. */
export class Guest {
  readonly page: Page;
  /** What the page could not deal with, and what it complained of. */
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.errors.push(String(error.stack)));
    page.on("console", (message) => {
      if (message.type() === "error" && !isAboutTheServer(message.text())) this.errors.push(message.text());
    });
  }

  /** A browser in which nothing is kept but a name. */
  static async arrive(browser: Browser, { name, ...options }: GuestOptions): Promise<Guest> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    await context.addInitScript(
      (kept) => {
        if (localStorage.getItem("motet.identity") === null) localStorage.setItem("motet.identity", kept);
      },
      JSON.stringify({ user: name.toLowerCase(), name }),
    );
    return new Guest(await context.newPage());
  }

  /** Goes to an address, and waits until there is a text to write in. */
  async open(address: string): Promise<void> {
    await this.page.goto(address);
    await this.text.waitFor();
  }

  /** Where one writes. */
  get text(): Locator {
    return this.page.getByRole("textbox", { name: "Text", exact: true });
  }

  get title(): Locator {
    return this.page.getByRole("textbox", { name: "Title" });
  }

  /** How it stands, in the page's words. */
  get standing(): Locator {
    return this.page.locator(".standing-label");
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", typeof name === "string" ? { name, exact: true } : { name });
  }

  /** Types at the end of the text, key by key. */
  async typeAtEnd(words: string): Promise<void> {
    await this.text.press("Control+End");
    await this.page.keyboard.type(words);
  }

  async pressInText(...keys: string[]): Promise<void> {
    for (const key of keys) await this.text.press(key);
  }

  /** The lines in sight, without the marks that others' cursors make in them. */
  lines(): Promise<string> {
    return this.text.evaluate(linesOf);
  }

  /** Resolves once the lines in sight are these. */
  async sees(text: string): Promise<void> {
    await eventually(() => this.lines()).toBe(text);
  }

  /** Resolves once the page says so of the line to the server. */
  async stands(words: string): Promise<void> {
    await this.standing.getByText(words, { exact: true }).waitFor();
  }

  async leave(): Promise<void> {
    await this.page.context().close();
  }
}

/** Runs in the page. */
function linesOf(content: Element): string {
  const copy = content.cloneNode(true) as Element;
  for (const mark of copy.querySelectorAll("[contenteditable=false], .cm-widgetBuffer")) mark.remove();
  return [...copy.querySelectorAll(".cm-line")].map((line) => line.textContent ?? "").join("\n");
}

/** Browsers complain of each attempt to connect in vain, and of each answer that says no: tests ask for both. */
function isAboutTheServer(complaint: string): boolean {
  return /WebSocket connection to|Failed to load resource/.test(complaint);
}
