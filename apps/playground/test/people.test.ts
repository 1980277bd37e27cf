import type { Locator } from "playwright-core";
import { expect, it } from "vitest";
import { eventually } from "./support/eventually.js";
import type { Guest } from "./support/guest.js";
import { inBrowsers } from "./support/world.js";

const TEXT = "The quick brown fox\njumps over the lazy dog";

inBrowsers("the people in a document", (world) => {
  it("see where each other's cursors are, also after a word was put in before them", async () => {
    const [ann, bob] = [await world.arrive("Ann"), await world.arrive("Bob")];
    await ann.typeAtEnd(TEXT);
    await bob.sees(TEXT);
    await bob.pressInText("Control+Home", ...Array(9).fill("ArrowRight"));
    const caret = ann.page.locator(".motet-caret");
    await eventually(() => distance(ann, caret, "quick", "end")).toBeLessThan(2);
    expect(await caret.textContent()).toBe("Bob");
    await ann.pressInText("Control+Home");
    await ann.page.keyboard.type("Look: ");
    await bob.sees(`Look: ${TEXT}`);
    await eventually(() => distance(ann, caret, "quick", "end")).toBeLessThan(2);
    // To the other side of a line break, and gone with whoever's it was.
    await bob.pressInText("ArrowDown", "Home");
    await eventually(() => distance(ann, caret, "jumps", "start")).toBeLessThan(2);
    await bob.leave();
    world.guests.pop();
    await caret.waitFor({ state: "detached" });
  });

  it("see what the others have selected, in their colour", async () => {
    const [ann, bob] = [await world.arrive("Ann"), await world.arrive("Bob")];
    await ann.typeAtEnd(TEXT);
    await bob.sees(TEXT);
    await bob.pressInText(
      "Control+Home",
      ...Array(4).fill("ArrowRight"),
      ...Array(5).fill("Shift+ArrowRight"),
    );
    const selection = ann.page.locator(".motet-selection");
    await eventually(() => selection.allTextContents()).toEqual(["quick"]);
    await eventually(() => distance(ann, selection, "quick", "start")).toBeLessThan(2);
    // The other types over it: what was selected is no more, on both pages.
    await bob.page.keyboard.type("slow");
    await ann.sees(TEXT.replace("quick", "slow"));
    await selection.waitFor({ state: "detached" });
  });

  it("are idle after five minutes without a key or a pointer, and back with the first", async () => {
    const [ann, bob] = [await world.arrive("Ann"), await world.come("Bob")];
    await bob.page.clock.install();
    await bob.open(`${world.house.address}/d/minutes`);
    await ann.button(/Bob, Here/).waitFor();
    await bob.page.clock.fastForward("04:59");
    await ann.button(/Bob, Here/).waitFor();
    await bob.page.clock.fastForward("00:02");
    await ann.button(/Bob, Idle/).waitFor();
    expect(await ann.page.locator(".people-button [data-status]").last().getAttribute("data-status")).toBe(
      "idle",
    );
    await bob.page.mouse.move(10, 10);
    await ann.button(/Bob, Here/).waitFor();
  });

  it("are away while their page cannot be seen, and as present as the most present of their pages", async () => {
    const [ann, bob] = [await world.arrive("Ann"), await world.arrive("Bob")];
    await show(bob, "hidden");
    await ann.button(/Bob, Away/).waitFor();
    const second = await bob.page.context().newPage();
    await second.goto(`${world.house.address}/d/minutes`);
    await ann.button(/Bob, Here/).waitFor();
    expect(await ann.page.locator(".people-button [data-status]").count()).toBe(2);
    await second.close();
    await ann.button(/Bob, Away/).waitFor();
    await show(bob, "visible");
    await ann.button(/Bob, Here/).waitFor();
  });

  it("have a colour of their own each, and none is left behind when they go", async () => {
    const ann = await world.arrive("Ann");
    const others = await Promise.all(["Bob", "Cem", "Dee"].map((name) => world.arrive(name)));
    const discs = ann.page.locator(".people-button [data-status]");
    await eventually(() => discs.count()).toBe(4);
    const colours = await discs.evaluateAll((all) =>
      all.map((disc) => getComputedStyle(disc).borderTopColor),
    );
    expect(new Set(colours).size).toBe(4);
    await Promise.all(others.map((guest) => guest.leave()));
    world.guests.splice(1);
    await eventually(() => discs.count()).toBe(1);
  });
});

/** How far the left edge of a mark is from an end of that word, on the same line; in CSS pixels. */
async function distance(
  { text }: Guest,
  mark: Locator,
  word: string,
  side: "start" | "end",
): Promise<number> {
  const box = await mark.boundingBox();
  const at = await text.evaluate(
    (content, [wanted, end]) => {
      const walker = document.createTreeWalker(content, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        const index = node.textContent?.indexOf(wanted) ?? -1;
        if (index < 0 || node.parentElement?.closest(".motet-caret")) continue;
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + wanted.length);
        const { left, right, top, bottom } = range.getBoundingClientRect();
        return { x: end === "start" ? left : right, top, bottom };
      }
      return undefined;
    },
    [word, side] as const,
  );
  if (box === null || at === undefined) return Number.POSITIVE_INFINITY;
  const middle = box.y + box.height / 2;
  const isOnLine = at.top <= middle && middle <= at.bottom;
  return isOnLine ? Math.abs(box.x - at.x) : Number.POSITIVE_INFINITY;
}

/** Covers a page, or shows it again; a browser without windows never does by itself. */
function show({ page }: Guest, state: "hidden" | "visible"): Promise<void> {
  return page.evaluate((visibility) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, value: visibility });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}
