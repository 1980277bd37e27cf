import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { faintText } from "./support/contrast.js";
import type { Guest } from "./support/guest.js";
import { inBrowsers, type World } from "./support/world.js";

/** What has to have a name that can be read out. */
const UNNAMED =
  /^\s*- (button|link|textbox|slider|switch|radio|dialog|complementary|region|group)( \[[^\]]*\])*:?$/;

inBrowsers("the page, for everybody", (world) => {
  it("has everywhere a name for all that can be used, text that can be read, and room on a phone", async () => {
    const ann = await furnished(world);
    for (const [place, go] of Object.entries(PLACES)) {
      await go(ann, world);
      expect({ place, ...(await faults(ann.page)) }).toEqual({ place, unnamed: [], faint: [], misfits: [] });
      await ann.page.keyboard.press("Escape");
    }
  });

  it("is gone through with Tab in the order in which it is seen, and shows where one is", async () => {
    const ann = await world.arrive("Ann");
    await ann.typeAtEnd("something to undo");
    await ann.page.getByRole("link", { name: "All documents" }).focus();
    const stops = [await focused(ann.page)];
    while (stops.length < 9) {
      await ann.page.keyboard.press("Tab");
      stops.push(await focused(ann.page));
    }
    expect(stops).toEqual([
      "All documents, outlined",
      "Title, outlined",
      "People: Ann (you), Here, outlined",
      "Share, outlined",
      "History, outlined",
      "Menu, outlined",
      "Text, with a caret",
      "Undo, outlined",
      "Send a heart. 0 so far., outlined",
    ]);
  });

  it("tells who comes and goes, and that the line is gone, without taking the focus", async () => {
    const ann = await world.arrive("Ann");
    const news = ann.page.locator("[aria-live=polite]");
    const bob = await world.arrive("Bob");
    await news.getByText("Bob is here now.").waitFor();
    await bob.leave();
    world.guests.pop();
    await news.getByText("Bob has left.").waitFor();
    await world.house.stop();
    await news.getByText("Offline.").waitFor();
    expect(await focused(ann.page)).toBe("Text, with a caret");
    await world.house.start();
  });

  it("looks as the system does, and as its user says, from the first moment of the next load on", async () => {
    const ann = await world.arrive("Ann", { colorScheme: "light" });
    const paper = () => ann.page.locator(".head").evaluate((head) => getComputedStyle(head).backgroundColor);
    const light = await paper();
    await ann.page.emulateMedia({ colorScheme: "dark" });
    const dark = await paper();
    expect(dark).not.toBe(light);
    await ann.button("Menu").click();
    await ann.page.getByText("Light", { exact: true }).click();
    expect(await paper()).toBe(light);
    await ann.open(`${world.house.address}/d/minutes`);
    expect(await paper()).toBe(light);
  });
});

/** The places of the page, each from the one before it. */
const PLACES: Readonly<Record<string, (guest: Guest, world: World) => Promise<unknown>>> = {
  "the start": async ({ page }, { house }) => {
    await page.goto(house.address);
    await page.getByRole("heading", { name: "Open before" }).waitFor();
  },
  "a document": (guest, { house }) => guest.open(`${house.address}/d/minutes`),
  people: (guest) => guest.button(/^People/).click(),
  "the menu": (guest) => guest.button("Menu").click(),
  sharing: (guest) => guest.page.keyboard.press("Alt+Shift+S"),
  shortcuts: (guest) => guest.page.keyboard.press("Control+/"),
  history: async (guest) => {
    await guest.button("History").click();
    await guest.button("Name this version").click();
    await guest.page.getByLabel("Name of this version").fill("a-name-without-a-space".repeat(5));
    await guest.page.getByLabel("Name of this version").press("Enter");
    await guest.page.getByRole("heading", { name: "Named versions" }).waitFor();
  },
  "an earlier version": async ({ page }) => {
    await page.getByRole("slider", { name: "Version" }).press("ArrowLeft");
    await page.getByRole("insertion").first().waitFor();
  },
  nowhere: ({ page }, { house }) => page.goto(`${house.address}/d/no%20name`),
};

/** Somebody in a document in which two have written. */
async function furnished(world: World): Promise<Guest> {
  const [ann, bob] = [await world.arrive("Ann"), await world.arrive("Bob")];
  await ann.title.fill("Minutes of the spring meeting, and of what was said on the way home".repeat(2));
  await ann.title.press("Enter");
  await ann.typeAtEnd("# Minutes\n\nPresent: **Ann** and Bob. See https://example.org\n\n> Sing softly.\n");
  await bob.page.getByText("Sing softly.").waitFor();
  await bob.typeAtEnd("Bob brings the chairs.");
  await ann.page.getByText("Bob brings the chairs.").waitFor();
  return ann;
}

/** What is wrong with the page as it is, on light and on dark, on a desk and in a hand. */
async function faults(page: Page) {
  const named = (await page.locator("body").ariaSnapshot()).split("\n");
  const faint = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" }); // No colour between two colours.
    faint.push(...(await faintText(page)));
  }
  await page.setViewportSize({ width: 360, height: 640 });
  const narrow = await misfits(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  return { unnamed: named.filter((line) => UNNAMED.test(line)), faint, misfits: narrow };
}

/** What has the focus, by its name, and how one sees that. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const isOutlined = outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1;
    const name = element.getAttribute("aria-label") ?? element.textContent?.trim();
    return `${name}, ${element.isContentEditable ? "with a caret" : isOutlined ? "outlined" : "not to be seen"}`;
  });
}

/** What stands out of the screen to the sides, or is smaller than WCAG 2.2 (2.5.8) lets targets be. */
function misfits(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const nameOf = (element: Element) =>
      `${element.tagName} ${element.className} ${element.textContent}`.slice(0, 60);
    const targets = [...document.querySelectorAll("button, a, input:not([type=radio]), .choice-option")];
    const inSight = targets.filter(
      (target) => target.checkVisibility() && target.closest(".cm-content") === null,
    );
    const bad = inSight.filter((target) => {
      const { left, right, width: across, height } = target.getBoundingClientRect();
      return left < 0 || right > width || across < 24 || height < 24;
    });
    const overflow = document.documentElement.scrollWidth > width ? ["the page scrolls sideways"] : [];
    return [...bad.map(nameOf), ...overflow];
  });
}
