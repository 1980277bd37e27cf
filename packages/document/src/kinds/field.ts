import { Reader, Writer } from "@motet/crdt-core";
import * as v from "valibot";
import { DocumentError } from "../errors.js";
import { isLater, type Written } from "./last-written.js";
import type { RowKind } from "./row-kind.js";
import { readStamp, writeStamp } from "./stamp.js";
import { mustBeWellFormed, wellFormedString } from "./well-formed.js";

/** What a field may hold. `null` is the same as never having been set. */
export type FieldValue = string | number | boolean | null;

const NAME_UNITS_MAX = 128;
const VALUE_UNITS_MAX = 4096;

/** Sets one named setting of the document. The last writer of each name wins. A string has at most 4,096 UTF-16 code units, a number is finite. */
export interface SetFieldOperation {
  readonly type: "set_field";
  readonly field: string;
  readonly value: FieldValue;
}

/** Every field that was ever set; a value of `null` reads as absent. */
export type FieldState = Map<string, Written<FieldValue>>;

/** Its fields, as valibot entries. */
export const fieldFields = () => ({
  field: wellFormedString(1, NAME_UNITS_MAX),
  value: v.union([
    wellFormedString(0, VALUE_UNITS_MAX),
    v.pipe(v.number(), v.finite()),
    v.boolean(),
    v.null(),
  ]),
});

/** Row 3: keyed fields. */
export const fieldKind: RowKind<SetFieldOperation, FieldState> = {
  type: "set_field",
  number: 3,
  right: "write",
  empty: () => new Map(),

  // field := stamp field:string value:string      value as JSON, in the spelling of JSON.stringify.
  write({ field, value }, stamp) {
    mustBeField(field, value);
    return writeStamp(new Writer(), stamp()).string(field).string(JSON.stringify(value)).finish();
  },

  read(bytes) {
    const reader = new Reader(bytes);
    const stamp = readStamp(reader);
    const field = reader.string();
    const value = readValue(reader.string());
    reader.end();
    mustBeField(field, value);
    return {
      operation: { type: "set_field", field, value },
      stamp,
      applyTo(fields, id) {
        const before = fields.get(field);
        const written = { value, stamp, id };
        if (!isLater(written, before)) return false;
        fields.set(field, written);
        return (before?.value ?? null) !== value;
      },
    };
  },
};

function readValue(json: string): FieldValue {
  try {
    const value: unknown = JSON.parse(json);
    if (JSON.stringify(value) === json) return value as FieldValue; // Shape is checked by `mustBeField`.
  } catch {}
  throw new DocumentError("MALFORMED", "a field's value is JSON in its shortest spelling");
}

function mustBeField(field: unknown, value: unknown): void {
  mustBeWellFormed("field's name", field, 1, NAME_UNITS_MAX);
  if (typeof value === "string") mustBeWellFormed("field's value", value, 0, VALUE_UNITS_MAX);
  else if (value !== null && typeof value !== "boolean" && !Number.isFinite(value)) {
    throw new DocumentError("MALFORMED", "a field holds a string, a finite number, a boolean or null");
  }
}
