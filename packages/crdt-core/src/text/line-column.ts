import { LineIndex } from "./line-index.js";
import { checkOffset } from "./offsets.js";
import type { Sequence } from "./sequence.js";
import { TextCRDT } from "./text-crdt.js";

/** A position as editors show it, both from 0, columns in UTF-16 units. Only `\n` ends a line. */
export interface LineColumn {
  readonly line: number;
  readonly column: number;
}

/**
 * The line and column of an offset. O(log n); the first question in the life of a text is O(n).
 * @throws {CrdtError} `OUT_OF_RANGE` beyond the text or inside a surrogate pair.
 */
export function lineColumnAt(text: TextCRDT, offset: number): LineColumn {
  checkOffset(offset, text.length);
  const sequence = TextCRDT.engineOf(text);
  const line = breaksBefore(sequence, offset);
  return { line, column: offset - startOfLine(sequence, line) };
}

/**
 * The offset of a line and column. Costs as `lineColumnAt`.
 * @throws {CrdtError} `OUT_OF_RANGE` when there is no such line or column, or it is inside a surrogate pair.
 */
export function offsetAt(text: TextCRDT, { line, column }: LineColumn): number {
  const sequence = TextCRDT.engineOf(text);
  const lines = linesOf(sequence).total();
  checkOffset(line, lines);
  const start = startOfLine(sequence, line);
  checkOffset(column, (line < lines ? startOfLine(sequence, line + 1) - 1 : text.length) - start);
  sequence.elementLeftOf(start + column);
  return start + column;
}

/** The line breaks of a text by place, with the sums in its tree up to date. */
function linesOf(sequence: Sequence): LineIndex {
  const { tree } = sequence;
  tree.lines ??= new LineIndex(tree);
  tree.flush();
  return tree.lines;
}

/** Line breaks before `offset`, in [0, length]. */
export function breaksBefore(sequence: Sequence, offset: number): number {
  const lines = linesOf(sequence);
  if (offset === 0) return 0;
  const { tree } = sequence;
  tree.seek(offset);
  return lines.breaksBefore(tree.leaf, tree.at, offset - tree.start - tree.before);
}

/** Where a line starts, in [0, line breaks]. */
function startOfLine(sequence: Sequence, line: number): number {
  return line === 0 ? 0 : linesOf(sequence).offsetBehind(line);
}
