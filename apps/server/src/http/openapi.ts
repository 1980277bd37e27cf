import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { answerSchemas } from "./answer-schemas.js";
import type { AnswerShape, AnyRoute, RequestHeader } from "./route.js";

type Json = Readonly<Record<string, unknown>>;

const REQUEST_HEADERS: Readonly<Record<RequestHeader, string>> = {
  "Idempotency-Key":
    "Names the request: made again with the same key, it is answered again and not carried out again",
  "If-Match": "Only if the document is in the state that has this ETag; otherwise 412",
  "If-None-Match": "Only if the document is not in the state that has this ETag; otherwise 304",
};

/** The API in OpenAPI 3.1, made of the same schemas that check requests. */
export function openApiDocument(routes: readonly AnyRoute[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const one of routes) {
    const path = one.path.replaceAll(IN_PATH, "{$1}");
    paths[path] = { ...paths[path], [one.method]: operationOf(one) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Motet",
      version: "1",
      description: "Documents that many people edit at once. Errors are `{ code, message }`.",
    },
    servers: [{ url: "/api/v1" }],
    security: [{ token: [] }, {}],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { Error: schemaOf(answerSchemas.error, "output") },
    },
  };
}

function operationOf(one: AnyRoute): Json {
  const body = one.body && { "application/json": { schema: schemaOf(one.body, "input") } };
  const content = body ?? (one.bodyType && { [one.bodyType]: {} });
  return {
    operationId: one.name,
    summary: one.summary,
    parameters: parametersOf(one),
    ...(content && { requestBody: { required: true, content } }),
    responses: {
      ...Object.fromEntries(Object.entries(one.answers).map(([status, shape]) => [status, answerOf(shape)])),
      default: {
        description: "A refusal; the code says which",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}

function parametersOf(one: AnyRoute): readonly Json[] {
  const { properties = {}, required = [] } = schemaOf(one.query, "input") as {
    properties?: Json;
    required?: readonly string[];
  };
  const query = Object.entries({ ...properties, user_id: NAME }).map(([name, schema]) => ({
    ...{ name, in: "query", required: required.includes(name), schema },
    ...(name === "user_id" && { description: "Who asks, where no token says so" }),
  }));
  const headers = (one.headers ?? []).map((name) => ({
    ...{ name, in: "header", required: false, schema: { type: "string" } },
    description: REQUEST_HEADERS[name],
  }));
  const path = [...one.path.matchAll(IN_PATH)].map(([, name]) => ({
    ...{ name, in: "path", required: true, schema: NAME },
  }));
  return [...path, ...query, ...headers];
}

/** A parameter in a route's path. */
const IN_PATH = /:(\w+)/g;

const NAME = { type: "string", pattern: "^[A-Za-z0-9_-]{1,128}$" };

function answerOf({ means, schema, types = [], headers = [] }: AnswerShape): Json {
  const json = schema && { "application/json": { schema: schemaOf(schema, "output") } };
  const others = types.map((type) => [type, type.startsWith("text/") ? { schema: { type: "string" } } : {}]);
  const content = { ...json, ...Object.fromEntries(others) };
  const told = headers.map((name) => [name, { schema: { type: "string" } }]);
  return {
    description: means,
    ...(Object.keys(content).length > 0 && { content }),
    ...(told.length > 0 && { headers: Object.fromEntries(told) }),
  };
}

/** What JSON schema cannot say is left out of it, and checked all the same. */
function schemaOf(schema: GenericSchema<never> | GenericSchema, typeMode: "input" | "output"): Json {
  const { $schema: _dialect, ...rest } = toJsonSchema(schema as GenericSchema, {
    ...{ typeMode, errorMode: "ignore", target: "draft-2020-12" },
  });
  return rest;
}
