import { expect, it } from "vitest";
import { type DocumentEvent, type DocumentState, NEXT } from "../src/lifecycle.js";

const events: readonly DocumentEvent[] = [
  "loaded",
  "loadFailed",
  "opened",
  "released",
  "settled",
  "writeFailed",
];
const states = Object.keys(NEXT) as DocumentState[];

it("has a line for every state and event", () => {
  for (const state of states) expect(Object.keys(NEXT[state]).sort()).toEqual([...events].sort());
});

it("never comes back from gone, so a forgotten document serves nobody", () => {
  for (const event of events) expect(NEXT.gone[event]).toBe("gone");
});

it("is gone after a failed write, wherever it was", () => {
  for (const state of states) expect(NEXT[state].writeFailed).toBe("gone");
});

it("goes only by way of leaving while all goes well", () => {
  const good = events.filter((event) => event !== "writeFailed" && event !== "loadFailed");
  for (const event of good) expect(NEXT.serving[event]).not.toBe("gone");
  expect(NEXT[NEXT.serving.released].settled).toBe("gone");
  expect(NEXT[NEXT.serving.released].opened).toBe("serving");
});
