import { Reader, Writer } from "@motet/crdt-core";
import * as v from "valibot";
import { DocumentError } from "../errors.js";
import type { RowKind } from "./row-kind.js";
import { mustBeWellFormed, wellFormedString } from "./well-formed.js";

/** The most that one operation adds or takes away: 2^31 - 1. */
export const COUNTER_AMOUNT_MAX = 2 ** 31 - 1;
const NAME_UNITS_MAX = 128;

/** Adds `amount`, an integer in [-(2^31 - 1), 2^31 - 1] but not 0, to the counter of that name (1 to 128 UTF-16 code units). */
export interface IncrementCounterOperation {
  readonly type: "increment_counter";
  readonly counter: string;
  readonly amount: number;
}

/** The sums, exact however many amounts there were: with rounded ones the order of arrival would show. */
export type CounterState = Map<string, bigint>;

/** Its fields, as valibot entries. */
export const counterFields = () => ({
  counter: v.optional(wellFormedString(1, NAME_UNITS_MAX), "default"),
  amount: v.optional(
    v.pipe(
      v.number(),
      v.safeInteger(),
      v.minValue(-COUNTER_AMOUNT_MAX),
      v.maxValue(COUNTER_AMOUNT_MAX),
      v.notValue(0),
    ),
    1,
  ),
});

/** Row 2: named counters. */
export const counterKind: RowKind<IncrementCounterOperation, CounterState> = {
  type: "increment_counter",
  number: 2,
  right: "write",
  empty: () => new Map(),

  // increment := counter:string amount:varint      amount is 2n for n > 0, 2(-n) - 1 for n < 0.
  write({ counter, amount }) {
    mustBeWellFormed("counter's name", counter, 1, NAME_UNITS_MAX);
    mustBeAmount(amount);
    const zigzag = amount > 0 ? 2 * amount : -2 * amount - 1;
    return new Writer().string(counter).varint(zigzag).finish();
  },

  read(bytes) {
    const reader = new Reader(bytes);
    const counter = reader.string();
    const zigzag = reader.varint();
    reader.end();
    const amount = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    mustBeWellFormed("counter's name", counter, 1, NAME_UNITS_MAX);
    mustBeAmount(amount);
    return {
      operation: { type: "increment_counter", counter, amount },
      applyTo(sums) {
        sums.set(counter, (sums.get(counter) ?? 0n) + BigInt(amount));
        return true;
      },
    };
  },
};

function isAmount(amount: unknown): boolean {
  return Number.isInteger(amount) && amount !== 0 && Math.abs(amount as number) <= COUNTER_AMOUNT_MAX;
}

function mustBeAmount(amount: unknown): void {
  if (!isAmount(amount)) {
    throw new DocumentError("MALFORMED", "a counter goes by an integer in [-(2^31 - 1), 2^31 - 1], not 0");
  }
}
