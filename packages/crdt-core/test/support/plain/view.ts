import type { ItemId, OperationRange } from "../../../src/ids.js";
import type { VersionVector } from "../../../src/version-vector.js";
import type { Element } from "./element.js";
import { checkOffset, insidePair } from "./sequence.js";

/** What one reader of a document sees: the state that a vector names, and its own operations since. */
export interface View {
  readonly version: VersionVector;
  readonly own: readonly OperationRange[];
}

/** Whether the operation `id` is part of `view`. */
export function viewIncludes({ version, own }: View, id: ItemId): boolean {
  if (version.includes(id)) return true;
  return own.some(({ replica, from, to }) => replica === id.replica && from <= id.seq && id.seq <= to);
}

/** Whether `view` shows `element`: it was inserted there, and not deleted. */
export function isVisibleIn(view: View, element: Element): boolean {
  return (
    viewIncludes(view, element.id) && !element.deletedBy.some((deletion) => viewIncludes(view, deletion))
  );
}

/**
 * The first index in `elements` that has `offset` units of what `view` shows before it.
 * @throws {CrdtError} `OUT_OF_RANGE` beyond what it shows, or inside a surrogate pair.
 */
export function locateIn(elements: readonly Element[], view: View, offset: number): number {
  checkOffset(offset, Number.MAX_SAFE_INTEGER);
  let before = 0;
  let index = 0;
  for (; before < offset && index < elements.length; index++) {
    if (isVisibleIn(view, elements[index])) before += elements[index].character.length;
  }
  checkOffset(offset, before);
  if (before > offset) throw insidePair(offset);
  return index;
}
