import { expect, it } from "vitest";
import { eventually } from "./support/eventually.js";
import type { Guest } from "./support/guest.js";
import { inBrowsers, type World } from "./support/world.js";

inBrowsers("the history of a document", (world) => {
  it("says so while there is none", async () => {
    const ann = await world.arrive("Ann");
    await ann.button("History").click();
    await ann.page.getByText("Nothing has been written yet.").waitFor();
  });

  it("shows any earlier text, and who had changed what, each in their colour", async () => {
    const [ann, bob] = await writeByTurns(world);
    await ann.button("History").click();
    await slideTo(ann, "Hello".length);
    await insertion(ann, "Hello").waitFor();
    await slideTo(ann, "Hello World from Bob".length);
    const [byAnn, byBob] = [insertion(ann, "Hello World"), insertion(ann, " from Bob")];
    await Promise.all([byAnn.waitFor(), byBob.waitFor()]);
    expect(await byAnn.getAttribute("title")).toMatch(/^Ann wrote this at /);
    expect(await byBob.getAttribute("title")).toMatch(/^Bob wrote this at /);
    expect(await colourOf(byAnn)).not.toBe(await colourOf(byBob));
    // What is looked at is nobody's text: the editor of the other is as it was.
    await bob.sees("Hello World");
  });

  it("shows what was taken out, struck through, beside what stayed", async () => {
    const ann = await world.arrive("Ann");
    await ann.typeAtEnd("one two");
    await ann.stands("Saved");
    // Sittings end after ten minutes of silence: what goes now was there when this one began.
    world.house.pass(11 * 60_000);
    await ann.pressInText(...Array(4).fill("Backspace"));
    await ann.stands("Saved");
    await ann.button("History").click();
    await ann.button("Previous sitting").click();
    await ann.button("Next sitting").waitFor();
    await slideTo(ann, "one two".length + 3);
    const deleted = ann.page.getByRole("deletion");
    await eventually(() => deleted.allTextContents()).toEqual(["two"]);
    await ann.page.getByRole("switch", { name: "Show who changed what" }).click();
    await eventually(() => deleted.count()).toBe(0);
  });

  it("takes everybody back to an earlier text, and keeps the later one", async () => {
    const [ann, bob] = await writeByTurns(world);
    await ann.button("History").click();
    await slideTo(ann, 5);
    await ann.button("Restore").click();
    await ann.page.getByText("Restored. What was there before stays in the history.").waitFor();
    await Promise.all([ann.sees("Hello"), bob.sees("Hello")]);
    await bob.button("History").click();
    await slideTo(bob, "Hello World from Bob".length);
    await insertion(bob, "Hello World").waitFor();
  });

  it("gives a version a name, once, by which it is found again", async () => {
    const [ann] = await writeByTurns(world);
    await ann.button("History").click();
    await slideTo(ann, 5);
    await nameVersion(ann, "Greeting");
    await ann.button("Back to now").click();
    await ann.button(/^Greeting/).click();
    await ann.page.getByText("Hello", { exact: true }).waitFor();
    await nameVersion(ann, "Greeting");
    await ann.page.getByRole("alert").getByText("Another version has this name.").waitFor();
  });

  it("is gone through by keys alone", async () => {
    const [ann] = await writeByTurns(world);
    await ann.page.keyboard.press("Alt+Shift+H");
    const slider = ann.page.getByRole("slider", { name: "Version" });
    await slider.focus();
    await slider.press("Home");
    expect(await slider.getAttribute("aria-valuetext")).toBe("The beginning, Nothing was written yet");
    for (let step = 0; step < 4; step++) await slider.press("ArrowRight");
    await insertion(ann, "Hell").waitFor();
    await slider.press("End");
    await eventually(() => slider.getAttribute("aria-valuetext")).toBe("Now");
    await ann.text.waitFor();
  });

  it("says when it cannot be read, and is read once it can", async () => {
    const ann = await world.arrive("Ann");
    await ann.typeAtEnd("here");
    await ann.stands("Saved");
    await world.house.stop();
    await ann.button("History").click();
    await ann.page.getByRole("alert").getByText("the server cannot be reached").waitFor();
    await world.house.start();
    await ann.button("Try again").click();
    await ann.page.getByRole("slider", { name: "Version" }).waitFor();
  });
});

/** Ann writes "Hello World", Bob " from Bob", and takes his words out again. */
async function writeByTurns(world: World): Promise<[Guest, Guest]> {
  const [ann, bob] = [await world.arrive("Ann"), await world.arrive("Bob")];
  await ann.typeAtEnd("Hello World");
  await bob.sees("Hello World");
  await bob.typeAtEnd(" from Bob");
  await ann.sees("Hello World from Bob");
  await bob.pressInText(...Array(" from Bob".length).fill("Backspace"));
  await Promise.all([ann.sees("Hello World"), bob.stands("Saved")]);
  return [ann, bob];
}

/** Moves the slider of the history, as a pointer would. */
async function slideTo(guest: Guest, version: number): Promise<void> {
  await guest.page.getByRole("slider", { name: "Version" }).fill(String(version));
}

function insertion({ page }: Guest, text: string) {
  return page.getByRole("insertion").filter({ hasText: new RegExp(`^${text}$`) });
}

function colourOf(mark: ReturnType<typeof insertion>): Promise<string> {
  return mark.evaluate((element) => getComputedStyle(element).backgroundColor);
}

async function nameVersion(guest: Guest, name: string): Promise<void> {
  await guest.button("Name this version").click();
  const field = guest.page.getByLabel("Name of this version");
  await field.fill(name);
  await field.press("Enter");
}
