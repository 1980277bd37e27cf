// Writes dist/schema.json, the JSON messages as JSON Schema, out of the schemas that the code itself checks them with.
import { writeFileSync } from "node:fs";
import { operationSchemas } from "@motet/document";
import { toJsonSchema } from "@valibot/to-json-schema";
import { MessageCodec } from "./dist/index.js";

/** What schemas that are code mean, as far as JSON Schema can say it, by the sentence they refuse with. */
const SAID = new Map([
  ["must be JSON", {}],
  ["must be an object", { type: "object" }],
  ["must map names to integers", { type: "object", additionalProperties: { type: "integer" } }],
  [
    "must map names to strings, numbers or booleans",
    { type: "object", additionalProperties: { type: ["string", "number", "boolean", "null"] } },
  ],
]);

/** What is neither: the operations inside `changes` find their schema by their type. */
function overrideSchema({ valibotSchema: { type, message } }) {
  if (type === "lazy") return anyOf(Object.keys(operations), "operation");
  if (type !== "custom") return undefined;
  if (!SAID.has(message)) throw new Error(`write-schema.mjs does not know what "${message}" means`);
  return SAID.get(message);
}

/** `typeMode: "input"`: what may be left out need not be there. Checks in code (sizes, -0) have no counterpart and are left out. */
function jsonSchema(schema) {
  const {
    $schema: _,
    $defs: __,
    ...body
  } = toJsonSchema(schema, {
    typeMode: "input",
    errorMode: "ignore",
    overrideSchema,
  });
  return body;
}

const refTo = (name, side) => ({ $ref: `#/definitions/${side}.${name}` });
const anyOf = (names, side) => ({ anyOf: [...names].map((name) => refTo(name, side)) });

function operationSchema([type, fields]) {
  const { properties, required = [], ...rest } = jsonSchema(fields);
  return { ...rest, properties: { type: { const: type }, ...properties }, required: ["type", ...required] };
}

const operations = operationSchemas();
const codec = new MessageCodec({ operations });
const definitions = {
  clientMessage: anyOf(codec.clientSchemas.keys(), "client"),
  serverMessage: anyOf(codec.serverSchemas.keys(), "server"),
};
for (const [type, schema] of codec.clientSchemas) definitions[`client.${type}`] = jsonSchema(schema);
for (const [type, schema] of codec.serverSchemas) definitions[`server.${type}`] = jsonSchema(schema);
for (const entry of Object.entries(operations)) definitions[`operation.${entry[0]}`] = operationSchema(entry);

const schema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "The JSON messages of the Motet protocol",
  description:
    "What a client may send is #/definitions/clientMessage, what a server may send #/definitions/serverMessage. Limits on the size of a message, a state and a payload, which PROTOCOL.md names, are not among it.",
  anyOf: [{ $ref: "#/definitions/clientMessage" }, { $ref: "#/definitions/serverMessage" }],
  definitions,
};
writeFileSync(new URL("dist/schema.json", import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
