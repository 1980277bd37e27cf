import * as v from "valibot";
import { counterFields } from "./kinds/counter.js";
import { fieldFields } from "./kinds/field.js";
import { deleteFields, insertFields } from "./kinds/text.js";
import { titleFields } from "./kinds/title.js";
import type { Operation } from "./operation.js";

/** For each kind of operation, what its fields besides `type` must be. */
export type OperationSchemas = {
  readonly [T in Operation["type"]]: v.GenericSchema<unknown, Omit<Extract<Operation, { type: T }>, "type">>;
};

/** The schemas of all operations, by `type`: shape, ranges, defaults. For whoever turns messages into operations. */
export function operationSchemas(): OperationSchemas {
  return {
    insert: v.object(insertFields()),
    delete: v.object(deleteFields()),
    set_title: v.object(titleFields()),
    increment_counter: v.object(counterFields()),
    set_field: v.object(fieldFields()),
  };
}
