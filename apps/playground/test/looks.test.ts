import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { Guest } from "./support/guest.js";
import { type ArrivalOptions, inBrowsers, type World } from "./support/world.js";

/** Where the pictures of a test run are left, to be looked at. */
const FOLDER = fileURLToPath(new URL("../screenshots/", import.meta.url));

/** The one that is kept in the repository, when that is asked for. */
const README_PICTURE = process.env["PICTURE"]
  ? fileURLToPath(new URL("../../../docs/playground.png", import.meta.url))
  : `${FOLDER}readme.png`;

const SCREENS = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } } as const;

const MINUTES = `# Minutes of the spring meeting

The choir met in the small hall, because the large one is *being painted*.

## What we decided

- The summer concert is on the **14th of June**.
- Rehearsals move to Tuesday, half past seven.
- Scores are at https://example.org/scores

> Sing softly until the second page.

`;

inBrowsers("what the page looks like", (world) => {
  it("is kept in pictures of desktops and phones, light and dark", async () => {
    const ann = await inCompany(world, { viewport: SCREENS.desktop });
    const pictures = new Set<string>();
    for (const [name, go] of Object.entries(SIGHTS)) {
      await go(ann);
      await stir(world);
      for (const picture of await picturesOf(ann.page, name)) pictures.add(picture.toString("base64"));
    }
    expect(pictures.size).toBe(Object.keys(SIGHTS).length * 4);
  });

  it("is kept in pictures of the start, of a way to nowhere, and for the README", async () => {
    const ann = await inCompany(world, { viewport: { width: 1200, height: 700 }, deviceScaleFactor: 1.5 });
    await nameVersion(ann, "Sent to the choir");
    await ann.page.locator(".toast").waitFor({ state: "detached" });
    await stir(world);
    await ann.page.screenshot({ path: README_PICTURE });
    await ann.page.goto(world.house.address);
    await ann.page.getByRole("heading", { name: "Open before" }).waitFor();
    await ann.page.screenshot({ path: `${FOLDER}start.png` });
    await ann.page.goto(`${world.house.address}/d/no%20name`);
    await ann.page.screenshot({ path: `${FOLDER}nowhere.png` });
  });
});

/** Opens the history, and gives the present state a name. */
async function nameVersion({ page }: Guest, name: string): Promise<void> {
  await page.keyboard.press("Alt+Shift+H");
  await page.getByRole("button", { name: "Name this version" }).click();
  await page.getByLabel("Name of this version").fill(name);
  await page.getByLabel("Name of this version").press("Enter");
  await page.getByRole("heading", { name: "Named versions" }).waitFor();
}

/** What is to be seen, each from where the one before it has led. */
const SIGHTS: Readonly<Record<string, (guest: Guest) => Promise<void>>> = {
  document: async ({ page }) => page.mouse.move(0, 0),
  people: async (guest) => guest.button(/^People/).click(),
  menu: async (guest) => {
    await guest.page.keyboard.press("Escape");
    await guest.button("Menu").click();
  },
  share: async (guest) => {
    await guest.page.keyboard.press("Escape");
    await guest.page.keyboard.press("Alt+Shift+S");
    await guest.page.getByRole("dialog").waitFor();
  },
  history: async (guest) => {
    await guest.page.keyboard.press("Escape");
    await guest.button("History").click();
    await guest.button("Previous sitting").waitFor();
  },
  past: async ({ page }) => {
    const slider = page.getByRole("slider", { name: "Version" });
    await slider.fill(String(Number(await slider.getAttribute("max")) - 12));
    await page.getByRole("insertion").last().waitFor();
  },
  offline: async (guest) => {
    await guest.page.keyboard.press("Alt+Shift+H");
    await guest.page.keyboard.press("Alt+Shift+O");
    await guest.stands("Working offline");
  },
};

/** What is to be seen now, on each screen, light and dark. */
async function picturesOf(page: Page, name: string): Promise<readonly Buffer[]> {
  const pictures = [];
  for (const [screen, size] of Object.entries(SCREENS)) {
    await page.setViewportSize(size);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await settleColours(page);
      pictures.push(await page.screenshot({ path: `${FOLDER}${name}-${screen}-${colorScheme}.png` }));
    }
  }
  await page.setViewportSize(SCREENS.desktop);
  return pictures;
}

/** Resolves once no colour is on its way to another. */
async function settleColours(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const changes = () => document.getAnimations().filter((one) => one instanceof CSSTransition);
    while (changes().length > 0) await Promise.allSettled(changes().map(({ finished }) => finished));
  });
}

/** All but the first move their cursors, so that their names are seen; they end where they were. */
async function stir({ guests: [first, ...others] }: World): Promise<void> {
  for (const guest of others) await guest.pressInText("ArrowLeft", "ArrowRight");
  await first?.page.waitForFunction(() =>
    [...document.querySelectorAll(".motet-label")].every((label) => getComputedStyle(label).opacity === "1"),
  );
}

/** Ann with Bob and Cem in a document in which all three have written. */
async function inCompany(world: World, options: ArrivalOptions): Promise<Guest> {
  const [ann, bob, cem] = [
    await world.arrive("Ann", options),
    await world.arrive("Bob"),
    await world.arrive("Cem"),
  ];
  await ann.title.fill("Spring meeting");
  await ann.title.press("Enter");
  await ann.page.keyboard.insertText(MINUTES);
  await cem.page.getByText("until the second page.").waitFor();
  await cem.typeAtEnd("Cem brings the coffee, ");
  await bob.page.getByText("the coffee,").waitFor();
  await bob.typeAtEnd("and Bob the chairs.");
  await ann.page.getByText("and Bob the chairs.").waitFor();
  await ann.stands("Saved");
  return ann;
}
