import { expect, it } from "vitest";
import { ServerError } from "../src/errors.js";
import { askedEvenly } from "../src/even-refusal.js";
import { TestClock } from "./support/test-server.js";

/** When an answer is given, in milliseconds after the question, if the document takes so long to read. */
async function answered(readMs: number, error?: ServerError): Promise<number> {
  const clock = new TestClock();
  const startMs = clock.monotonicMs();
  const ask = async () => {
    clock.advance(readMs);
    if (error !== undefined) throw error;
  };
  await askedEvenly(clock, ask, async (ms) => clock.advance(ms)).catch((thrown) =>
    expect(thrown).toBe(error),
  );
  return clock.monotonicMs() - startMs;
}

it("tells who may not read a document so after a time that says nothing of it (D11)", async () => {
  const forbidden = new ServerError("FORBIDDEN", "no");
  expect(await Promise.all([0, 1, 30, 100].map((ms) => answered(ms, forbidden)))).toEqual([
    100, 100, 100, 100,
  ]);
});

it("lets everybody else go on at once", async () => {
  expect(await answered(3)).toBe(3);
  expect(await answered(3, new ServerError("NO_DOCUMENT", "not there"))).toBe(3);
});
