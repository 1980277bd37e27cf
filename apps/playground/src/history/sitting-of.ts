import type { Sitting } from "./document-api.js";

/** The sitting in which a state came about; `undefined` for the beginning, or when it is not among them. */
export function sittingOf(version: number, sittings: readonly Sitting[]): Sitting | undefined {
  return sittings.find(({ before, after }) => before < version && version <= after);
}
