import type { Side, TextDelta } from "@motet/crdt-core";

/** Where `offset` stands after a change. What is put in exactly there goes behind it with side `left`, before it with `right`. */
export function offsetAfter({ steps }: TextDelta, offset: number, side: Side): number {
  let [at, moved] = [0, offset];
  for (const step of steps) {
    if (at > offset) break;
    if ("retain" in step) at += step.retain;
    else if ("delete" in step) {
      moved -= Math.min(step.delete, offset - at);
      at += step.delete;
    } else if (at < offset || side === "right") moved += step.insert.length;
  }
  return moved;
}

/** Where a change ends, in the text after it. */
export function endOf({ steps }: TextDelta): number {
  let at = 0;
  for (const step of steps) {
    if ("retain" in step) at += step.retain;
    else if ("insert" in step) at += step.insert.length;
  }
  return at;
}
