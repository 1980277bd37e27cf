import { describe, expect, it } from "vitest";
import { asDocumentError, causeOf } from "../src/failure.js";
import { eventOf, NEXT } from "../src/store-state.js";

const numbered = (code: number): Error => Object.assign(new Error("commit"), { code });
const named = (errno: number): Error => Object.assign(new Error("write"), { code: "E", errno });

describe("what a failed commit leads to", () => {
  it.each([
    ["lmdb found no space", numbered(28), "STORE_FULL", "blocked"],
    ["lmdb's map cannot grow", numbered(-30_792), "STORE_FULL", "blocked"],
    ["Node found no space", named(-28), "STORE_FULL", "blocked"],
    ["the file system is read-only", numbered(30), "STORE_UNAVAILABLE", "blocked"],
    ["the disk failed", numbered(5), "STORE_UNAVAILABLE", "failed"],
    ["the database contradicts itself", numbered(-30_796), "DAMAGED", "failed"],
    ["something else", new Error("what?"), "STORE_UNAVAILABLE", "failed"],
    ["nobody knows what", undefined, "STORE_UNAVAILABLE", "failed"],
  ] as const)("%s", (_, error, code, state) => {
    expect(asDocumentError(error).code).toBe(code);
    expect(asDocumentError(error).cause).toBe(error);
    expect(NEXT.ready[eventOf(causeOf(error), true)]).toBe(state);
  });

  it("is always failure when the database cannot be read any more", () => {
    expect(NEXT.ready[eventOf("full", false)]).toBe("failed");
  });

  it("passes by itself where there was no room, and never after a failure", () => {
    expect(NEXT.blocked.committed).toBe("ready");
    expect([NEXT.failed.committed, NEXT.failed.hindered, NEXT.failed.broke]).toEqual([
      "failed",
      "failed",
      "failed",
    ]);
    expect(Object.values(NEXT.closed)).toEqual(["closed", "closed", "closed", "closed"]);
  });
});
