import * as v from "valibot";
import type { OperationKind } from "./row-kind.js";

/** Puts `text` before the character at `position`, in UTF-16 code units: an integer in [0, length of the text]. */
export interface InsertOperation {
  readonly type: "insert";
  readonly position: number;
  readonly text: string;
}

/** Removes `length` UTF-16 code units from `position` on. */
export interface DeleteOperation {
  readonly type: "delete";
  readonly position: number;
  readonly length: number;
}

const offset = () =>
  v.pipe(
    v.number(),
    v.safeInteger(),
    v.minValue(0),
    v.check((value) => !Object.is(value, -0), "must not be -0"),
  );

/** An insertion's fields, as valibot entries. */
export const insertFields = () => ({ position: offset(), text: v.pipe(v.string(), v.minLength(1)) });

/** A deletion's fields, as valibot entries. */
export const deleteFields = () => ({
  position: offset(),
  length: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
});

/** Text goes to the text itself, not through a row: crdt-core knows what it means. */
export const insertKind: OperationKind<"insert"> = {
  type: "insert",
  right: "write",
};

/** As {@link insertKind}. */
export const deleteKind: OperationKind<"delete"> = {
  type: "delete",
  right: "write",
};
