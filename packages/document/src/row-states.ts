import type { OpaqueRow, VersionVector } from "@motet/crdt-core";
import { type CounterState, counterKind } from "./kinds/counter.js";
import { type FieldState, type FieldValue, fieldKind } from "./kinds/field.js";
import type { RowContent } from "./kinds/row-kind.js";
import { type TitleState, titleKind } from "./kinds/title.js";
import { type RowOperation, rowKind } from "./operation.js";

/** Everything of a document but its text, as the rows make it: title, counters, fields. */
export class RowStates {
  readonly #states = new Map<number, unknown>();

  /** What the rows up to `version` make; of all of them without it. Cost: O(rows). */
  static of(rows: Iterable<OpaqueRow>, version?: VersionVector): RowStates {
    const states = new RowStates();
    for (const row of rows) if (version === undefined || version.includes(row.id)) states.apply(row);
    return states;
  }

  /**
   * Puts a row in: each row once, in any order.
   * @returns What it did, as a plain operation; `undefined` when it changed nothing that can be read.
   */
  apply(row: OpaqueRow): RowOperation | undefined {
    const kind = rowKind(row.kind);
    if (kind === undefined) return undefined;
    const content = kind.read(row.bytes);
    return content.applyTo(this.#stateOf(kind), row.id) ? content.operation : undefined;
  }

  /** The title; empty if there never was one. */
  get title(): string {
    return this.#stateOf<TitleState>(titleKind).last?.value ?? "";
  }

  /** The counter of that name; 0 if nobody ever counted. Stops at the ends of what numbers hold exactly. */
  counter(name: string): number {
    return shown(this.#stateOf<CounterState>(counterKind).get(name) ?? 0n);
  }

  /** Every counter, by name in ascending order. */
  get counters(): ReadonlyMap<string, number> {
    const sums = this.#stateOf<CounterState>(counterKind);
    return new Map([...sums].sort(byName).map(([name, sum]) => [name, shown(sum)]));
  }

  /** Every field that has a value, by name in ascending order. */
  get fields(): ReadonlyMap<string, FieldValue> {
    const written = [...this.#stateOf<FieldState>(fieldKind)].sort(byName);
    return new Map(
      written.filter(([, last]) => last.value !== null).map(([name, last]) => [name, last.value]),
    );
  }

  // The one place where a kind's state gets its type back: it was made by the same kind's `empty`.
  #stateOf<State>(kind: { readonly number: number; readonly empty: () => State }): State {
    const known = this.#states.get(kind.number) as State | undefined;
    const state = known ?? kind.empty();
    if (known === undefined) this.#states.set(kind.number, state);
    return state;
  }
}

/** What the row says; `undefined` for kinds of the future. @throws `MALFORMED` when its bytes say nothing. */
export function readRow(row: OpaqueRow): RowContent<RowOperation, unknown> | undefined {
  return rowKind(row.kind)?.read(row.bytes);
}

/** The sum as a number: where it is beyond what a number holds exactly, the last one that does. What comes back from there is still exact. */
function shown(sum: bigint): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(sum)));
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}
