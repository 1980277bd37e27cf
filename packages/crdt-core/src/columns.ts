/** A column of 32-bit integers. */
export type Ints = Int32Array<ArrayBuffer>;

/** So many ints are a long column. */
const LONG = 2 ** 16;

/**
 * `column` itself, or a copy that holds `needed` ints. Grows by half, because each new column costs its page faults; a long one
 * by a quarter, because the document pays for the slack.
 */
export function grown(column: Ints, needed: number): Ints {
  const { length } = column;
  if (needed <= length) return column;
  const wider = new Int32Array(Math.max(needed, length + (length >> (length < LONG ? 1 : 2)) + 4));
  wider.set(column);
  return wider;
}

/** A sorted table in one array: rows of `stride` ints, `count` of them in use. */
export interface SortedTable {
  readonly rows: Ints;
  readonly count: number;
  readonly stride: number;
}

/** The last row whose `column`, by which the table is sorted, is at most `value`; -1 if none. O(log count). */
export function lastAtMost({ rows, count, stride }: SortedTable, column: number, value: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle * stride + column] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
