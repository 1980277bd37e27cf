import { afterEach, expect, it, vi } from "vitest";
import { pageWakeUps } from "../src/index.js";

afterEach(() => vi.unstubAllGlobals());

/** A browser's page, as far as it tells what happens to it. */
function openPage(): {
  readonly page: EventTarget & { visibilityState: string };
  readonly window: EventTarget;
} {
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const window = new EventTarget();
  vi.stubGlobal("document", page);
  for (const name of ["addEventListener", "removeEventListener"] as const)
    vi.stubGlobal(name, window[name].bind(window));
  return { page, window };
}

it("a page wakes when its network comes or goes, and when it is looked at again, until it does not want to any more", () => {
  const { page, window } = openPage();
  let wakes = 0;
  const stop = pageWakeUps(() => wakes++);
  window.dispatchEvent(new Event("offline"));
  window.dispatchEvent(new Event("online"));
  expect(wakes).toBe(2);
  page.dispatchEvent(new Event("visibilitychange"));
  expect(wakes).toBe(3);
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
  expect(wakes).toBe(3);
  page.visibilityState = "visible";
  stop();
  for (const [target, type] of [
    [window, "offline"],
    [window, "online"],
    [page, "visibilitychange"],
  ] as const)
    target.dispatchEvent(new Event(type));
  expect(wakes).toBe(3);
});

it("where there is no page, nothing wakes, and nothing is missed", () => {
  expect(() => pageWakeUps(() => {})()).not.toThrow();
});
