import { type Browser, chromium } from "playwright-core";
import { findProgram } from "./program.js";

/** What the browser is told: no window, nothing that calls home. */
const FLAGS = [
  ...["--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
  ...["--disable-background-networking", "--disable-component-update"],
];

/** How to get a chromium; `undefined` when there is one. */
export function chromiumMissing(): string | undefined {
  if (pathOfChromium() !== undefined) return undefined;
  return "needs a browser: `apt-get install --no-install-recommends chromium`, or another one's path in MOTET_CHROMIUM";
}

/** Starts a chromium without a window, in an empty profile. Without its sandbox where there can be none, as root. */
export async function startChromium(): Promise<Browser> {
  const executablePath = pathOfChromium();
  if (executablePath === undefined) throw new Error(chromiumMissing());
  return chromium.launch({ executablePath, args: FLAGS, chromiumSandbox: process.getuid?.() !== 0 });
}

function pathOfChromium(): string | undefined {
  return process.env["MOTET_CHROMIUM"] ?? findProgram("chromium");
}
