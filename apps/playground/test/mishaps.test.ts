import { expect, it } from "vitest";
import { inBrowsers } from "./support/world.js";

inBrowsers("a document's page", (world) => {
  it("gives back what the server does not take, to be tried again or let go", async () => {
    await world.move({ documentLimits: { textUnitsMax: 10 } });
    const [ann, bob] = [await world.arrive("Ann"), await world.arrive("Bob")];
    await bob.typeAtEnd("12345");
    await ann.sees("12345");
    await ann.page.keyboard.insertText("too much of it");
    const notice = ann.page
      .getByRole("alert")
      .filter({ hasText: "The server did not take your last change" });
    await notice.waitFor();
    await ann.sees("12345");
    await bob.typeAtEnd("6");
    await ann.sees("123456");
    await ann.button("Try again").click();
    await notice.waitFor();
    await ann.button("Let it go").click();
    await notice.waitFor({ state: "detached" });
    await ann.stands("Saved");
    expect(await world.house.textOf("minutes")).toBe("123456");
  });

  it("says so where the browser keeps nothing, and asks before it is closed with changes that are nowhere else", async () => {
    const ann = await world.come("Ann");
    await ann.page.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException("not here", "SecurityError");
      };
    });
    await ann.open(`${world.house.address}/d/minutes`);
    await ann.typeAtEnd("saved");
    await ann.stands("Saved");
    await world.house.stop();
    await ann.stands("Offline");
    await ann.typeAtEnd(" and not");
    await ann.page
      .locator(".standing")
      .getByText(/keeps nothing: changes are lost when you close/)
      .waitFor();
    const asked = ann.page.waitForEvent("dialog");
    void ann.page.close({ runBeforeUnload: true });
    const dialog = await asked;
    expect(dialog.type()).toBe("beforeunload");
    await dialog.dismiss();
    await world.house.start();
    await ann.stands("Saved");
    expect(await world.house.textOf("minutes")).toBe("saved and not");
  });

  it("hands on its address, by the clipboard where it may", async () => {
    const ann = await world.arrive("Ann", { permissions: ["clipboard-read", "clipboard-write"] });
    await ann.button("Share").click();
    await ann.button("Copy link").click();
    await ann.page.getByRole("status").getByText("The link is on the clipboard.").waitFor();
    const link = await ann.page.evaluate(() => navigator.clipboard.readText());
    await ann.page.keyboard.press("Escape");
    await ann.typeAtEnd("shared");
    const bob = await world.come("Bob");
    await bob.open(link);
    await bob.sees("shared");
    const cem = await world.arrive("Cem");
    await cem.page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException("no", "NotAllowedError"));
    });
    await cem.button("Share").click();
    await cem.button("Copy link").click();
    await cem.page
      .getByRole("status")
      .getByText(/press Ctrl\+C/)
      .waitFor();
    expect(await cem.page.evaluate(() => getSelection()?.toString())).toBe(link);
  });
});
