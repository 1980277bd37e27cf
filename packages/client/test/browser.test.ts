import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, MemoryLocalStore, type RemoteDocument } from "../src/index.js";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
// A process of its own and no import: the server's tests depend on this package.
const SERVER = fileURLToPath(new URL("../../../apps/server/dist/cli.js", import.meta.url));

const folder = mkdtempSync(`${tmpdir()}/motet-browser-`);
let server: ChildProcess;
let pages: Server;
let browser: Browser;
let page: Page;
let bob: RemoteDocument;

/** Starts the server on `port`, and says where it is. */
async function startServer(port = 0): Promise<URL> {
  server = spawn(process.execPath, [SERVER, "--port", `${port}`], {
    env: { ...process.env, MOTET_DATA: folder },
  });
  let output = "";
  for (;;) {
    const [chunk] = await once(server.stdout!, "data");
    output += chunk;
    const found = /listens on (http:\S+)/.exec(output)?.[1];
    if (found !== undefined) return new URL(found);
  }
}

async function killServer(): Promise<void> {
  server.kill("SIGKILL");
  if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
}

/** Serves one page with the client in it. */
async function servePage(): Promise<string> {
  const entry = fileURLToPath(new URL("support/browser-page.js", import.meta.url));
  const bundle = await build({ entryPoints: [entry], bundle: true, write: false, format: "esm" });
  const script = bundle.outputFiles[0]!.text;
  pages = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(pages.address() as AddressInfo).port}/`;
}

/** Runs in the page, where the document is called `minutes`. */
const inPage = (code: string) => page.evaluate(code);

describe.skipIf(!existsSync(CHROMIUM) || !existsSync(SERVER))("a browser and a client on Node", () => {
  let address: URL;

  beforeAll(async () => {
    address = await startServer();
    const url = await servePage();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    page = await browser.newPage();
    await page.goto(`${url}?server=${address.origin}`);
    bob = connect(address.origin, { document: "minutes", user: "bob", store: new MemoryLocalStore() });
  }, 60_000);

  afterAll(async () => {
    await bob?.close();
    await browser?.close();
    pages?.close();
    if (server !== undefined) await killServer();
    rmSync(folder, { recursive: true, force: true });
  });

  it("edit together, and keep every edit when the server is killed and the page reloaded without it", async () => {
    await inPage("minutes.insert(0, 'one '); minutes.whenSaved()");
    await until(() => bob.text === "one ");
    bob.insert(4, "two ");
    await bob.whenSaved();
    await page.waitForFunction("minutes.text === 'one two '");

    await killServer();
    await page.waitForFunction("minutes.state === 'offline'");
    await inPage("minutes.insert(8, 'three ')");
    await inPage("Promise.resolve().then(() => lastWrite)");
    bob.insert(0, "zero ");
    await page.reload();
    await page.waitForFunction("globalThis.minutes?.text === 'one two three '");
    expect(await inPage("minutes.unsaved")).toBe(6);
    await inPage("minutes.insert(14, 'four')");

    await startServer(Number(address.port));
    await Promise.all([inPage("minutes.whenSaved()"), bob.whenSaved()]);
    await until(() => bob.text === "zero one two three four");
    await page.waitForFunction("minutes.text === 'zero one two three four'");
    expect(await inPage("[minutes.state, minutes.unsaved]")).toEqual(["saved", 0]);
  }, 120_000);
});

/** Resolves once `condition` holds, looked at after each change of the client on Node. */
function until(condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!condition()) return;
      stop();
      resolve();
    };
    const stop = bob.on("change", look);
    look();
  });
}
