import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { connect, type RemoteDocument } from "@motet/client";
import { afterAll, afterEach, expect, it } from "vitest";
import type { Guest } from "./support/guest.js";
import { type MainThread, shows, takeStamps, traced } from "./support/stopwatch.js";
import { inBrowsers, type World } from "./support/world.js";

const REPORT = new URL("../RESULTS.md", import.meta.url);

/** Whether to measure and report; a test run tries the measuring only, and judges no time. */
const isMeasured = process.env["MEASURE"] !== undefined;
const KEYS = isMeasured ? 200 : 10;
const CURSORS = isMeasured ? 20 : 3;
/** How often each of them moves, in milliseconds. */
const MOVE_MS = 50;
/** Between two keys of somebody who types fast, in milliseconds. */
const KEY_MS = 60;

/** Five sentences of one hundred characters, and an empty line: prose. */
const PARAGRAPH = `${"One hundred characters of text, to be written in by two who sit in two browsers far from each other. ".repeat(5).slice(0, 498)}\n\n`;
const CHARACTERS = 100_000;

const lines: string[] = [];

inBrowsers(`a document of ${CHARACTERS.toLocaleString("en")} characters`, (world) => {
  const others: RemoteDocument[] = [];
  afterEach(async () => {
    await Promise.all(others.splice(0).map((document) => document.close()));
  });

  afterAll(() => deliver(world));

  async function join(name: string): Promise<RemoteDocument> {
    const document = connect(world.house.address, { document: "minutes", user: name, name });
    others.push(document);
    await new Promise<void>((resolve) => {
      document.on("state", ({ state }) => state === "saved" && resolve());
    });
    return document;
  }

  /** A long document, and two who look at its first lines. */
  async function open(): Promise<[Guest, Guest]> {
    const writer = await join("writer");
    writer.insert(0, PARAGRAPH.repeat(CHARACTERS / PARAGRAPH.length));
    await writer.whenSaved();
    return [await world.arrive("Ann"), await world.arrive("Bob")];
  }

  it("shows each key of one on the screen of the other", async () => {
    const [ann, bob] = await open();
    await Promise.all([takeStamps(ann.page), takeStamps(bob.page)]);
    await ann.text.press("Control+Home");
    const first = await ann.page.evaluate(() => window.stamps.keys.length);
    for (let key = 1; key <= KEYS; key++) {
      await ann.page.keyboard.press("x");
      await shows(bob.page, key);
    }
    const [pressed, shown] = [
      await ann.page.evaluate(() => window.stamps.keys),
      await bob.page.evaluate(() => window.stamps.shown),
    ];
    const waitsMs = shown.slice(0, KEYS).map((at, key) => at - pressed[first + key]!);
    expect(waitsMs).toHaveLength(KEYS);
    await bob.page.getByText("x".repeat(KEYS)).first().waitFor();
    lines.push(row("from the key in one browser to the screen of the other", waitsMs));
  });

  it("takes every key of one while many cursors move", async () => {
    const [ann] = await open();
    const stop = await moveCursors(join);
    await ann.text.press("Control+Home");
    await ann.page
      .locator(".motet-caret")
      .nth(CURSORS - 1)
      .waitFor({ state: "attached" });
    const thread = await traced(world.browser, ann.page, () =>
      ann.page.keyboard.type("y".repeat(KEYS), { delay: KEY_MS }),
    );
    stop();
    expect(await ann.lines()).toContain("y".repeat(KEYS));
    expect(thread.scriptsMs.length).toBeGreaterThanOrEqual(KEYS);
    lines.push(...threadRows(thread));
  });
});

/** People who move their cursors, and select, among the first lines. Returns what stops them. */
async function moveCursors(join: (name: string) => Promise<RemoteDocument>): Promise<() => void> {
  const people = await Promise.all(Array.from({ length: CURSORS }, (_, index) => join(`cursor-${index}`)));
  let step = 0;
  const move = () => {
    step++;
    people.forEach((document, index) => {
      const head = (index * 97 + step * 13) % 2_000;
      document.setSelection({ anchor: head + (step % 3) * 5, head });
    });
  };
  const timer = setInterval(move, MOVE_MS);
  return () => clearInterval(timer);
}

function threadRows({ tasksMs, scriptsMs }: MainThread): string[] {
  const long = tasksMs.filter((ms) => ms > 50).length;
  return [
    row(`a stretch of the page's own code, typing among ${CURSORS} moving cursors`, scriptsMs),
    row("a task of the main thread meanwhile, painting included", tasksMs),
    `| tasks over 50 ms, of ${tasksMs.length} | ${long} | | |`,
  ];
}

function row(what: string, timesMs: readonly number[]): string {
  const sorted = [...timesMs].sort((one, other) => one - other);
  const at = (share: number) =>
    `${sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(1)} ms`;
  return `| ${what} | ${at(0.5)} | ${at(0.99)} | ${at(1)} |`;
}

function deliver({ browser }: World): void {
  if (!isMeasured) return;
  const processor = `${cpus()[0]?.model.trim()}, ${cpus().length} cores`;
  const head = [
    "# How fast the page is",
    "",
    "Written by `pnpm --filter @motet/playground measure`; do not edit.",
    "",
    `Two browsers (chromium ${browser.version()}), the server and the measuring itself share one machine: ${processor}.`,
    `The document has ${CHARACTERS.toLocaleString("en")} characters in paragraphs of ${PARAGRAPH.length}; somebody types at its start, ${KEYS} keys.`,
    `In the second half ${CURSORS} others each move their cursor every ${MOVE_MS} ms, in sight; that half is in milliseconds of the`,
    "page's own main thread, from a trace: what else the machine does is not in it, in the first half it is.",
    "",
    "| | median | 99 of 100 | longest |",
    "| :-- | --: | --: | --: |",
  ];
  const text = `${[...head, ...lines].join("\n")}\n`;
  writeFileSync(REPORT, text);
  console.log(text);
}
