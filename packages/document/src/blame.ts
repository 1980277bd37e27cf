import { runsOf } from "@motet/crdt-core";
import type { Credit, Credits } from "./credits.js";
import type { Document } from "./document.js";
import { piecesOf } from "./run-pieces.js";

/** A stretch of the current text, in UTF-16 code units [from, to), with who wrote it and when. */
export interface BlamedRange extends Credit {
  readonly from: number;
  readonly to: number;
}

/** Who wrote each part of the text as it is, and when; ranges as long as they can be, from start to end. Cost: O(characters). */
export function blame(document: Document, credits: Credits): readonly BlamedRange[] {
  const ranges: BlamedRange[] = [];
  let at = 0;
  for (const run of runsOf(document.content)) {
    if (run.deleted) continue;
    for (const { text, kind } of piecesOf(run, (id) => credits.of(id))) {
      const { user, atMs } = kind;
      const last = ranges.at(-1);
      const [from, to] = [at, at + text.length];
      if (last?.user === user && last.atMs === atMs) ranges[ranges.length - 1] = { ...last, to };
      else ranges.push({ from, to, user, atMs });
      at = to;
    }
  }
  return ranges;
}
