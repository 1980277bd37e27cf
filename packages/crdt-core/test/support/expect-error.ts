import { expect } from "vitest";
import { CrdtError, type CrdtErrorCode } from "../../src/index.js";

/** Expects `action` to be refused with `code`. */
export function expectRefusal(action: () => unknown, code: CrdtErrorCode): void {
  let caught: unknown;
  try {
    action();
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(CrdtError);
  expect((caught as CrdtError).code).toBe(code);
}
