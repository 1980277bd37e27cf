import { type Random, random, seeds } from "@motet/testing";
import { expect, it } from "vitest";
import { isSafeJson, utf8Length } from "../src/safe-json.js";

it.each(seeds(100))("measures a value exactly as it would be sent, seed %i", (seed) => {
  const value = anyValue(random(seed), 4);
  const bytes = Buffer.byteLength(JSON.stringify(value));
  expect(isSafeJson(value, bytes)).toBe(true);
  expect(isSafeJson(value, bytes - 1)).toBe(false);
});

it.each(["1e999", '"\\ud83d"', '{"\\udc00":1}', '{"a":{"__proto__":1}}'])(
  "refuses %s, however small",
  (json) => {
    expect(isSafeJson(JSON.parse(json), 1_000)).toBe(false);
  },
);

it("counts UTF-8 as Node does", () => {
  for (const text of ["", "a", "ä", "€", "👍", "a\ud83d", "\udc4da", "👍ä€a"]) {
    expect(utf8Length(text)).toBe(Buffer.byteLength(text));
  }
});

function anyValue(rng: Random, depth: number): unknown {
  const kind = rng.int(depth > 0 ? 6 : 4);
  if (kind === 0) return rng.pick([null, true, false]);
  if (kind === 1) return rng.pick([0, -1, 1.5, 1e21, -1e-7]);
  if (kind < 4) return rng.pick(["", "a", "ä€👍", '"\\\n', "\u0000"]);
  const values = Array.from({ length: rng.int(4) }, () => anyValue(rng, depth - 1));
  return kind === 4 ? values : Object.fromEntries(values.map((value, i) => [`k${"ä".repeat(i)}`, value]));
}
