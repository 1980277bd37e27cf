import { expect, it } from "vitest";
import { eventually } from "./support/eventually.js";
import { inBrowsers } from "./support/world.js";

inBrowsers("people in one document", (world) => {
  it("see each other type, and every word stays whole when they type at once", async () => {
    const [ann, bob, cem] = await Promise.all(["Ann", "Bob", "Cem"].map((name) => world.arrive(name)));
    // All have their cursor in the empty text, so nobody writes behind what another has begun.
    const words = ["alphabetical ", "bibliography ", "cartographic "];
    await Promise.all([ann!, bob!, cem!].map((guest, index) => guest.page.keyboard.type(words[index]!)));
    await Promise.all([ann!, bob!, cem!].map((guest) => guest.stands("Saved")));
    const text = await world.house.textOf("minutes");
    for (const word of words) expect(text).toContain(word);
    expect(text).toHaveLength(3 * 13);
    await Promise.all([ann!, bob!, cem!].map((guest) => guest.sees(text)));
  });

  it("take back their own words, and nobody else's", async () => {
    const [ann, bob] = [await world.arrive("Ann"), await world.arrive("Bob")];
    await ann.typeAtEnd("from Ann");
    await bob.sees("from Ann");
    await bob.typeAtEnd(", from Bob");
    await ann.sees("from Ann, from Bob");
    await ann.pressInText("Control+z");
    await bob.sees(", from Bob");
    await ann.pressInText("Control+y");
    await bob.sees("from Ann, from Bob");
    await ann.button("Undo").click();
    await bob.sees(", from Bob");
  });

  it("go on offline, and come back with what they wrote", async () => {
    const [ann, bob] = [await world.arrive("Ann"), await world.arrive("Bob")];
    await ann.typeAtEnd("before ");
    await bob.sees("before ");
    await ann.button("Menu").click();
    await ann.page.getByRole("switch", { name: /Work offline/ }).click();
    await ann.stands("Working offline");
    await ann.page.keyboard.press("Escape");
    await ann.typeAtEnd("ann ");
    await bob.typeAtEnd("bob ");
    await bob.stands("Saved");
    expect([await ann.lines(), await bob.lines()]).toEqual(["before ann ", "before bob "]);
    await ann.page.keyboard.press("Alt+Shift+O");
    await ann.stands("Saved");
    const text = await world.house.textOf("minutes");
    expect(["before ann bob ", "before bob ann "]).toContain(text);
    await Promise.all([ann.sees(text), bob.sees(text)]);
  });

  it("give the document a title that all see, on the page and on the browser's tab", async () => {
    const [ann, bob] = [await world.arrive("Ann"), await world.arrive("Bob")];
    await ann.title.fill("Minutes of May");
    await ann.title.press("Enter");
    await bob.page.waitForFunction(() => document.title === "Minutes of May · Motet");
    expect(await bob.title.inputValue()).toBe("Minutes of May");
    await bob.title.fill("never mind");
    await bob.title.press("Escape");
    expect(await bob.title.inputValue()).toBe("Minutes of May");
  });

  it("find it again at the start, by its title, or by its name while it has none", async () => {
    const ann = await world.arrive("Ann");
    const listed = (name: string) => ann.page.getByRole("link", { name }).waitFor();
    await ann.page.goto(world.house.address);
    await listed("minutes");
    await ann.open(`${world.house.address}/d/minutes`);
    await ann.title.fill("Spring meeting");
    await ann.title.press("Enter");
    await ann.stands("Saved");
    await ann.page.goto(world.house.address);
    await listed("Spring meeting");
  });

  it("count together", async () => {
    const [ann, bob] = [await world.arrive("Ann"), await world.arrive("Bob")];
    await Promise.all([ann.button(/Send a heart/).click(), bob.button(/Send a heart/).click()]);
    await Promise.all([ann, bob].map((guest) => guest.button("Send a heart. 2 so far.").waitFor()));
  });

  it("take another name, without losing their place or what they can take back", async () => {
    const [ann, bob] = [await world.arrive("Ann"), await world.arrive("Bob")];
    await ann.typeAtEnd("a word");
    await ann.button(/^People/).click();
    await ann.page.getByLabel("Your name").fill("Annette");
    await ann.page.getByLabel("Your name").press("Enter");
    await bob.button(/Annette, Here/).waitFor();
    await ann.page.keyboard.press("Escape");
    await ann.pressInText("Control+z");
    await bob.sees("");
  });

  it("go on when the server goes away in the middle and comes back", async () => {
    const [ann, bob] = [await world.arrive("Ann"), await world.arrive("Bob")];
    await ann.typeAtEnd("one ");
    await bob.sees("one ");
    await world.house.stop();
    await Promise.all([ann.stands("Offline"), bob.stands("Offline")]);
    await ann.typeAtEnd("ann ");
    await bob.typeAtEnd("bob ");
    await world.house.start();
    await Promise.all([ann.stands("Saved"), bob.stands("Saved")]);
    const text = await world.house.textOf("minutes");
    expect(["one ann bob ", "one bob ann "]).toContain(text);
    await Promise.all([ann.sees(text), bob.sees(text)]);
  });

  it("keep what was written offline when the page is loaded anew before the line is back", async () => {
    const ann = await world.arrive("Ann");
    await ann.typeAtEnd("kept ");
    await ann.stands("Saved");
    await world.house.stop();
    await ann.stands("Offline");
    await ann.typeAtEnd("on this device");
    await world.house.start();
    await ann.open(`${world.house.address}/d/minutes`);
    await ann.sees("kept on this device");
    await ann.stands("Saved");
    expect(await world.house.textOf("minutes")).toBe("kept on this device");
  });

  it("paste 200 kB at once", async () => {
    const [ann, bob] = [await world.arrive("Ann"), await world.arrive("Bob")];
    const pasted = "Twenty characters. \n".repeat(10_000);
    await ann.text.evaluate((element, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, pasted);
    for (const guest of [ann, bob]) await guest.page.getByText("20,000 words").waitFor();
    await ann.stands("Saved");
    expect(await world.house.textOf("minutes")).toBe(pasted);
    await bob.typeAtEnd("The end.");
    await ann.pressInText("Control+End");
    await eventually(() => ann.lines()).toMatch(/\nThe end\.$/);
  });
});
