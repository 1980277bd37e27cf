import { median } from "../statistics.js";
import type { Measurements, RowId } from "./rows.js";

/** Everything that a run has measured: by library, trace and row, the median over its processes. */
export class Figures {
  readonly #samples = new Map<string, number[]>();
  readonly #fronts = new Map<string, number>();

  /** Adds what one process found. `trace` is "" for rows that belong to no trace. */
  add(library: string, trace: string, measurements: Measurements): void {
    for (const [row, value] of Object.entries(measurements)) {
      const key = keyOf(library, trace, row);
      this.#samples.set(key, [...(this.#samples.get(key) ?? []), value]);
    }
  }

  /** Notes that `library` replayed only the first `edits` edits of `trace`. */
  noteFront(library: string, trace: string, edits: number): void {
    this.#fronts.set(keyOf(library, trace, ""), edits);
  }

  /** The median of a row, or `undefined` if it was not measured. */
  of(library: string, trace: string, row: RowId): number | undefined {
    const samples = this.#samples.get(keyOf(library, trace, row));
    return samples === undefined ? undefined : median(samples);
  }

  /** After how many edits the replay stopped; `undefined` if it was whole. */
  frontOf(library: string, trace: string): number | undefined {
    return this.#fronts.get(keyOf(library, trace, ""));
  }
}

function keyOf(...parts: readonly string[]): string {
  return parts.join("\n");
}
