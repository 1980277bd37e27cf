import { documentId, documentKey, tenantId, userId } from "@motet/document";
import { expect, it } from "vitest";
import { EventLog, type Logger } from "../src/event-log.js";
import { TestClock } from "./support/test-server.js";

/** Keeps the lines. */
function recorder(): Logger & { readonly lines: [level: string, message: string, facts: object][] } {
  const lines: [string, string, object][] = [];
  const at = (level: string) => (facts: object, message: string) => void lines.push([level, message, facts]);
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

const page = documentKey(tenantId("main"), documentId("page"));

it("a flood of refusals is ten lines in ten seconds, and how many more there were (E14)", () => {
  const [logger, clock] = [recorder(), new TestClock()];
  const log = new EventLog(logger, () => clock.monotonicMs());
  for (let n = 0; n < 100_000; n++) log.hear({ type: "refused", code: "MALFORMED", over: "socket" });
  log.hear({ type: "refused", code: "FORBIDDEN", over: "http" });
  log.tend();
  expect(logger.lines).toHaveLength(11);
  clock.advance(10_000);
  log.tend();
  expect(logger.lines.slice(11)).toEqual([["warn", "refused MALFORMED", { more: 99_990 }]]);
  log.hear({ type: "refused", code: "MALFORMED", over: "socket" });
  expect(logger.lines).toHaveLength(13);
});

it("of a defect it says the kind, the code and the place, and nothing that it quotes (J8)", () => {
  const [logger, clock] = [recorder(), new TestClock()];
  const log = new EventLog(logger, () => clock.monotonicMs());
  const cause = new Error("token=secret");
  log.hear({
    type: "defect",
    error: Object.assign(new TypeError("secret text\nof two lines", { cause }), { code: "EBAD" }),
  });
  log.hear({ type: "defect", error: "secret text" });
  const [[level, message, facts]] = logger.lines as [
    [string, string, { error: string; code: string; at: string[] }],
  ];
  expect([level, message, facts.error, facts.code]).toEqual(["error", "defect", "TypeError", "EBAD"]);
  expect(facts.at[0]).toMatch(/^at .*event-log\.test/);
  expect(JSON.stringify(logger.lines)).not.toMatch(/secret|two lines/);
});

it("names of users are for debugging only", () => {
  const [logger, clock] = [recorder(), new TestClock()];
  const log = new EventLog(logger, () => clock.monotonicMs());
  const ann = userId("ann");
  log.hear({ type: "joined", document: page, user: ann, name: "Ann", kind: "json", isFirst: true });
  log.hear({ type: "left", document: page, user: ann, name: "Ann", code: 1000, isLast: true });
  log.hear({ type: "created", document: page, user: ann, from: 0, to: 1, atMs: 1 });
  log.hear({ type: "changed", document: page, user: ann, from: 0, to: 1, atMs: 1 });
  expect(logger.lines.map(([level]) => level)).toEqual(["debug", "debug", "debug"]);
});

it("a clock that jumps, a damaged document and a store that fails are told", () => {
  const [logger, clock] = [recorder(), new TestClock()];
  const log = new EventLog(logger, () => clock.monotonicMs());
  log.hear({ type: "clock_jumped", byMs: 3_600_000 });
  log.hear({ type: "damaged", document: page, reason: "an entry fails its check" });
  log.hear({ type: "stored", call: "append", durationMs: 3, code: "STORE_FULL" });
  log.hear({ type: "stored", call: "append", durationMs: 3 });
  expect(logger.lines.map(([level, message]) => `${level} ${message}`)).toEqual([
    "warn the wall clock jumped",
    "error a document is damaged",
    "error the store failed",
  ]);
});
