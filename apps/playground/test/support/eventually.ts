import { expect } from "vitest";

/** How long something may take to show, on a machine that does much else, in milliseconds. */
const PATIENCE_MS = 30_000;

/** An expectation of what `look` sees sooner or later. */
export function eventually(look: () => Promise<unknown>): ReturnType<typeof expect.poll> {
  return expect.poll(look, { timeout: PATIENCE_MS });
}
