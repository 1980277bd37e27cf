import { documentId } from "@motet/document";
import { chromiumMissing, startChromium } from "@motet/services";
import { expect, it } from "vitest";
import { WebSocket } from "ws";
import { TestServer } from "./support/test-server.js";

const missing = chromiumMissing();
const ADMIN_TOKEN = "a-token-of-an-administrator-of-tests";
const TITLE = `<img src=x onerror="document.title='owned'">`;

if (missing !== undefined && process.env["CI"] !== undefined) throw new Error(missing);

it.skipIf(missing !== undefined)(
  "the inspector's page asks for the token, and then shows what there is, titles as they were written (C15)",
  { timeout: 120_000 },
  async () => {
    const world = await TestServer.start({ adminToken: ADMIN_TOKEN, adminAddress: { port: 0 } });
    const document = world.server.document(documentId("minutes"));
    await document.create([
      { type: "set_title", title: TITLE },
      { type: "insert", position: 0, text: "secret" },
    ]);
    const socket = new WebSocket(`${world.address.replace("http", "ws")}/documents/minutes`);
    const joined = new Promise((resolve) => socket.addEventListener("message", resolve, { once: true }));
    socket.addEventListener("open", () =>
      socket.send(JSON.stringify({ type: "join", user_id: "ann", doc_id: "minutes" })),
    );
    await joined;

    const browser = await startChromium();
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      // That the first question is answered with 401 is what the page is for.
      if (message.type() === "error" && !message.text().includes("401")) complaints.push(message.text());
    });
    await page.goto(`${world.server.adminAddress}/admin/`);
    await page.getByLabel("Token").fill(ADMIN_TOKEN);
    await page.getByRole("button", { name: "Show" }).click();
    const row = page.locator("#documents tr");
    await row.waitFor();
    const text = (await row.textContent()) ?? "";
    expect(text).toContain("main/minutes");
    expect(text).toContain(TITLE);
    expect(text).toMatch(/ann \(json, \d+ s\)/);
    expect(await page.locator("#status").textContent()).toMatch(/^All is well · 1 connections?/);
    expect(await page.content()).not.toContain("secret");
    expect([await page.title(), await page.locator("img").count(), complaints]).toEqual([
      "Motet: inspector",
      0,
      [],
    ]);
    await browser.close();
    socket.close();
    await world.close();
  },
);
