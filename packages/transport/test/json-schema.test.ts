import { toJsonSchema } from "@valibot/to-json-schema";
import { expect, it } from "vitest";
import { codec } from "./operations.js";

// `check` and `custom` say in code what JSON Schema cannot: -0, sizes in bytes, half characters.
const lenient = { errorMode: "ignore" } as const;

it.each([...codec.clientSchemas, ...codec.serverSchemas])(
  "%s can be written as JSON Schema",
  (_type, schema) => {
    const json = JSON.stringify(toJsonSchema(schema, lenient));
    for (const field of ["type", "user_id", "doc_id"]) expect(json).toContain(`"${field}"`);
  },
);
