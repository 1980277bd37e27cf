import { expect, it } from "vitest";
import { generateSession } from "./support/generated-session.js";
import { knownBefore, type Trace } from "./support/trace.js";

it("generates the same session from the same seed", () => {
  expect(generateSession(7, 200)).toEqual(generateSession(7, 200));
  expect(generateSession(7, 200).txns).not.toEqual(generateSession(8, 200).txns);
});

it("generates people who type without having heard everything", () => {
  const session = generateSession(3, 500);
  const late = knownBefore(session).filter((known, index) => known[0]! + known[1]! < index);
  expect(late.length).toBeGreaterThan(250);
});

it("tells from the parents how much of each person a transaction follows", () => {
  const fork: Trace = {
    endContent: "",
    numAgents: 2,
    txns: [
      { agent: 0, parents: [], patches: [] },
      { agent: 1, parents: [0], patches: [] },
      { agent: 0, parents: [0], patches: [] },
      { agent: 1, parents: [1, 2], patches: [] },
    ],
  };
  expect(knownBefore(fork)).toEqual([
    [0, 0],
    [1, 0],
    [1, 0],
    [2, 1],
  ]);
});
