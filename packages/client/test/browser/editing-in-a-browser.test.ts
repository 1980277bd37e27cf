import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromiumMissing, startChromium } from "@motet/services";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect, type RemoteDocument } from "../../src/index.js";
import { MotetServer } from "./motet-server.js";
import { PageServer } from "./page-server.js";
import { Tab, type Told, until } from "./tab.js";

const { CI } = process.env;
const missing = chromiumMissing();

/** What was typed, by whom: the browser's person types in lower case, Node's in upper case. */
const byBrowser = (text: string) => text.replace(/[^a-z]/g, "");
const byNode = (text: string) => text.replace(/[^A-Z]/g, "");

it("a real browser can be tried on this machine", (context) => {
  if (missing !== undefined && CI === undefined) context.skip(missing);
  expect(missing).toBeUndefined();
});

describe.skipIf(missing !== undefined)("a page in a browser", () => {
  let browser: Browser;
  let pages: PageServer;
  let folder: string;
  let server: MotetServer;
  let clients: RemoteDocument[];
  let told: Told;

  beforeAll(async () => {
    [browser, pages] = await Promise.all([startChromium(), PageServer.start()]);
  });

  afterAll(async () => {
    await browser.close();
    await pages.close();
  });

  beforeEach(async () => {
    clients = [];
    told = () => {};
    folder = await mkdtemp(join(tmpdir(), "motet-browser-"));
    server = new MotetServer(folder, pages.origin);
    await server.start();
  });

  afterEach(async () => {
    await Promise.all([...browser.contexts(), ...clients].map((it) => it.close()));
    await server.kill();
    await rm(folder, { recursive: true });
  });

  /** Opens the document in the browser. */
  function openTab(): Promise<Tab> {
    const query = new URLSearchParams({ server: server.address, document: "minutes", user: "ann" });
    return Tab.open(browser, `${pages.origin}/?${query}`, (...news) => told(...news));
  }

  /** Opens the document in this process, and waits until it is what the server has. */
  async function openHere(user: string): Promise<RemoteDocument> {
    const client = connect(server.address, { document: "minutes", user });
    clients.push(client);
    await until(client, () => client.state === "saved");
    return client;
  }

  it("loses and doubles nothing while the server is killed and the page is loaded anew without it", async () => {
    const [ann, bob] = [await openTab(), await openHere("bob")];
    const append = (text: string) => bob.insert(bob.length, text);

    // Together.
    await ann.type("both");
    append("BOTH");
    await ann.shows("BOTH");
    await until(bob, () => byBrowser(bob.text) === "both");
    await ann.reaches("saved");

    // The server is gone; each goes on alone.
    await server.kill();
    await until(bob, () => bob.state !== "saved");
    await ann.type("alonf\be");
    await ann.count();
    append("ALONE");
    bob.increment();
    expect(await ann.unsaved).toBe("alone".length + "f\b".length + 1);

    // The page is loaded anew, with nothing but what the browser keeps; and once more, after more edits.
    for (const word of ["anew", "again"]) {
      await ann.keepsAll();
      const [text, unsaved] = [await ann.text, await ann.unsaved];
      await ann.reload();
      expect([await ann.text, await ann.unsaved, await ann.counter]).toEqual([text, unsaved, 1]);
      await ann.type(word);
      expect(await ann.unsaved).toBe(unsaved + word.length);
    }
    expect(await ann.states).not.toContain("saved");

    await server.start();
    await ann.reaches("saved");
    await until(bob, () => bob.state === "saved" && byBrowser(bob.text) === "bothaloneanewagain");
    await ann.shows("ALONE");
    const cem = await openHere("cem");

    const text = cem.text;
    expect([byBrowser(text), byNode(text)]).toEqual(["bothaloneanewagain", "BOTHALONE"]);
    expect(text.length).toBe("bothaloneanewagain".length + "BOTHALONE".length);
    expect([await ann.text, bob.text]).toEqual([text, text]);
    expect([await ann.counter, bob.counter(), cem.counter()]).toEqual([2, 2, 2]);
    expect(await ann.unsaved).toBe(0);

    // What the server has on its disk.
    await server.kill();
    await server.start();
    expect(await server.tell("minutes")).toMatchObject({ text, counters: { default: 2 } });
    expect(ann.errors).toEqual([]);
  }, 120_000);

  it("names a version over HTTP, though the server is of another origin than the page", async () => {
    const ann = await openTab();
    await ann.type("kept");
    await ann.reaches("saved");
    const named = await ann.ask(`${server.address}/api/v1/documents/minutes/versions?user_id=ann`);
    expect(named).toMatchObject({ name: "First draft", user_id: "ann", version: 4 });
  });

  it("calls an edit saved only when it outlives a server that is killed at that very moment", async () => {
    let kept = "";
    for (const word of ["one", "two", "three", "four"]) {
      const saved = await typeAndKill(word);
      await server.start();
      const { text } = await server.tell("minutes");
      expect(saved.length).toBeGreaterThan(kept.length);
      expect(text.slice(0, saved.length)).toBe(saved);
      kept = text;
    }
  }, 120_000);

  /** Types, in a profile of its own, and kills the server when that is first called saved. Returns what was. */
  async function typeAndKill(word: string): Promise<string> {
    let before: string | undefined;
    let saved: string | undefined;
    const killed = new Promise<string>((resolve) => {
      told = (state, text) => {
        // News of the page may come late: that what it began with is saved says nothing of what is typed.
        if (before === undefined || text === before || saved !== undefined || state !== "saved") return;
        saved = text;
        resolve(server.kill().then(() => text));
      };
    });
    const tab = await openTab();
    await tab.reaches("saved");
    before = await tab.text;
    await tab.type(word);
    const text = await killed;
    await tab.close(); // With all that it keeps: nobody can bring back what the disk lacks.
    return text;
  }
});
