import { median } from "./statistics.js";

/**
 * Everything that a run has measured: by who was measured, on what, and row, the median over the runs. `on` is a trace or a
 * scenario, "" for rows that belong to none.
 */
export class Figures<Row extends string> {
  readonly #samples = new Map<string, number[]>();
  readonly #fronts = new Map<string, number>();

  /** Adds what one run found. */
  add(who: string, on: string, measurements: { readonly [row in Row]?: number }): void {
    for (const [row, value] of Object.entries(measurements)) {
      const key = keyOf(who, on, row);
      this.#samples.set(key, [...(this.#samples.get(key) ?? []), value as number]);
    }
  }

  /** Notes that `who` replayed only the first `edits` edits of `on`. */
  noteFront(who: string, on: string, edits: number): void {
    this.#fronts.set(keyOf(who, on, ""), edits);
  }

  /** The median of a row, or `undefined` if it was not measured. */
  of(who: string, on: string, row: Row): number | undefined {
    const samples = this.#samples.get(keyOf(who, on, row));
    return samples === undefined ? undefined : median(samples);
  }

  /** After how many edits the replay stopped; `undefined` if it was whole. */
  frontOf(who: string, on: string): number | undefined {
    return this.#fronts.get(keyOf(who, on, ""));
  }
}

function keyOf(...parts: readonly string[]): string {
  return parts.join("\n");
}
