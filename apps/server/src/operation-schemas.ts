import { type Operation, operationKinds } from "@motet/document";
import type { OperationSchemas } from "@motet/transport";
import * as v from "valibot";

/** Document's table of kinds as the codec wants it: by `type`, a schema of the operation's own fields. */
export function operationSchemas(): OperationSchemas<Operation> {
  const schemas = operationKinds.map(({ type, fields }) => [type, v.object(fields)] as const);
  // Document checks that each kind's fields make its operation; the entries have lost which belongs to which.
  return Object.fromEntries(schemas) as unknown as OperationSchemas<Operation>;
}
