import * as v from "valibot";
import { MessageCodec, type OperationSchemas } from "../src/index.js";

/** Operations as a package above this one might define them. */
export type SampleOperation =
  | { readonly type: "insert"; readonly position: number; readonly text: string }
  | { readonly type: "delete"; readonly position: number; readonly length: number }
  | { readonly type: "set_title"; readonly title: string }
  | { readonly type: "increment_counter"; readonly counter: string; readonly amount: number };

const notNegativeZero = v.check((value: number) => !Object.is(value, -0), "must not be -0");
const natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0), notNegativeZero);
const wholeCharacters = v.regex(/^\P{Cs}*$/u, "must hold whole characters");

export const sampleOperations: OperationSchemas<SampleOperation> = {
  insert: v.object({
    position: natural,
    text: v.pipe(v.string(), v.minLength(1), v.maxLength(100_000), wholeCharacters),
  }),
  delete: v.object({ position: natural, length: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) }),
  set_title: v.object({ title: v.pipe(v.string(), v.maxLength(1_000), wholeCharacters) }),
  increment_counter: v.object({
    counter: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(128)), "default"),
    amount: v.optional(v.pipe(v.number(), v.safeInteger(), v.notValue(0)), 1),
  }),
};

export const codec = new MessageCodec({ operations: sampleOperations });

/** The text of a message from Ann in the document "minutes". */
export function fromAnn(type: string, fields: object = {}): string {
  return JSON.stringify({ type, user_id: "ann", doc_id: "minutes", ...fields });
}
