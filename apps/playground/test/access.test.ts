import { expect, it } from "vitest";
import { inBrowsers, type World } from "./support/world.js";

const TOKENS = JSON.stringify({
  tokens: [
    { token: "the-token-of-ann-0001", user: "ann", name: "Ann", rights: "write" },
    { token: "the-token-of-bob-0002", user: "bob", name: "Bob", rights: "read" },
    {
      token: "the-token-of-cem-0003",
      user: "cem",
      name: "Cem",
      rights: "none",
      documents: { other: "write" },
    },
  ],
});

inBrowsers("a server that knows its people", (world) => {
  it("asks for a token, and lets nobody in with a wrong one", async () => {
    await guard(world);
    const guest = await world.come("Guest");
    await guest.page.goto(`${world.house.address}/d/minutes`);
    await guest.page.getByRole("heading", { name: "This server knows its people" }).waitFor();
    await signIn(guest, "the-token-of-nobody-1");
    await guest.page.getByRole("alert").getByText("This token opens nothing here.").waitFor();
  });

  it("calls people what the server calls them, until they sign out", async () => {
    await guard(world);
    const ann = await enter(world, "Whoever", "the-token-of-ann-0001");
    await ann.typeAtEnd("by Ann");
    await ann.stands("Saved");
    await ann.button(/^People: Ann \(you\)/).click();
    expect(await ann.page.getByLabel("Your name").count()).toBe(0);
    await ann.page.keyboard.press("Escape");
    await ann.button("History").click();
    await ann.page.getByRole("slider", { name: "Version" }).press("ArrowLeft");
    await ann.page.getByTitle(/^Ann wrote this/).waitFor();
    await ann.button("Menu").click();
    await ann.button("Sign out").click();
    await ann.page.getByRole("heading", { name: "This server knows its people" }).waitFor();
  });

  it("lets whoever may only read look, and not write", async () => {
    await guard(world);
    const ann = await enter(world, "Ann", "the-token-of-ann-0001");
    const bob = await enter(world, "Bob", "the-token-of-bob-0002");
    await ann.typeAtEnd("to be read");
    await bob.sees("to be read");
    await bob.stands("View only");
    await bob.text.press("Control+End");
    await bob.page.keyboard.type("not to be written");
    expect(await bob.title.isEditable()).toBe(false);
    expect(await bob.button(/Send a heart/).isDisabled()).toBe(true);
    await bob.button("History").click();
    await bob.page.getByRole("slider", { name: "Version" }).waitFor();
    expect(await bob.button("Restore").count()).toBe(0);
    await bob.sees("to be read");
  });

  it("says so when a document is not open to somebody", async () => {
    await guard(world);
    const cem = await enter(world, "Cem", "the-token-of-cem-0003", "other");
    await cem.page.goto(`${world.house.address}/d/minutes`);
    await cem.page.getByRole("heading", { name: "This document is not open to you" }).waitFor();
    await cem.button("Use another token").click();
    await cem.page.getByLabel("Token").waitFor();
  });
});

/** Puts a server that wants tokens in the place of the one that lets everybody in. */
const guard = (world: World) => world.move({ tokens: TOKENS });

async function enter(world: World, name: string, token: string, document = "minutes") {
  const guest = await world.come(name);
  await guest.page.goto(`${world.house.address}/d/${document}`);
  await signIn(guest, token);
  await guest.text.waitFor();
  return guest;
}

async function signIn({ page }: Awaited<ReturnType<World["come"]>>, token: string): Promise<void> {
  await page.getByLabel("Token").fill(token);
  await page.getByLabel("Token").press("Enter");
}
