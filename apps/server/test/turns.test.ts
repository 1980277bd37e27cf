import { expect, it } from "vitest";
import { Turns } from "../src/turns.js";

it("lets one begin in each turn of the event loop, in the order in which they came", async () => {
  const turns = new Turns();
  const begun: string[] = [];
  const all = ["ann", "bob", "cem"].map((who) => turns.next().then(() => begun.push(who)));
  const seen: number[] = [];
  while (begun.length < 3) {
    seen.push(begun.length);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(all);
  expect(begun).toEqual(["ann", "bob", "cem"]);
  expect([...new Set(seen)]).toEqual([0, 1, 2]);
});
