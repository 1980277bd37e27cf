import type { Random } from "@motet/testing";
import type { Schema } from "./openapi-client.js";

/** Things that nobody should send, and somebody will. */
const WILD: readonly unknown[] = [
  ...[null, true, -1, 0, 1.5, 1e308, 2 ** 53, "", "\ud800", "😀", "\0", "../../etc/passwd", "%00", "NaN"],
  ...["x".repeat(5_000), [], [[[[]]]], {}, { toString: 1 }, { constructor: { prototype: { polluted: 1 } } }],
  ...[
    "time:",
    "vector:{}",
    'vector:{"a":1e99}',
    "name:",
    "time:99999999999999999",
    "vector:[1]",
    "-1",
    "1e3",
  ],
  JSON.parse('{"__proto__":{"polluted":1}}'),
];

const STATES: readonly string[] = [
  "0",
  "1",
  "3",
  "time:2020-01-01T00:00:00Z",
  "time:0",
  "name:draft",
  "vector:{}",
];

/** Something that fits a schema; with a chance of one in `wildness` for each part of it, something that need not. */
export function sampleOf(schema: Schema, rng: Random, wildness: number): unknown {
  if (wildness > 0 && rng.int(wildness) === 0) return WILD[rng.int(WILD.length)];
  const choice = schema.oneOf ?? schema.anyOf;
  if (choice !== undefined) return sampleOf(choice[rng.int(choice.length)]!, rng, wildness);
  if ("const" in schema) return schema.const;
  if (schema.enum !== undefined) return schema.enum[rng.int(schema.enum.length)];
  switch (schema.type) {
    case "object":
      return objectOf(schema, rng, wildness);
    case "array":
      return Array.from({ length: 1 + rng.int(3) }, () => sampleOf(schema.items ?? {}, rng, wildness));
    case "integer":
    case "number":
      return rng.int(8);
    case "boolean":
      return rng.int(2) === 0;
    case "null":
      return null;
    default:
      return textOf(schema, rng);
  }
}

function objectOf({ properties = {}, required = [] }: Schema, rng: Random, wildness: number): object {
  const wanted = Object.entries(properties).filter(([name]) => required.includes(name) || rng.int(2) === 0);
  const parts = wanted.map(([name, schema]) => [name, sampleOf(schema, rng, wildness)] as const);
  const extra = wildness > 0 && rng.int(4 * wildness) === 0 ? [["nobody_knows_this", 1] as const] : [];
  return Object.fromEntries([...parts, ...extra]);
}

function textOf({ pattern = "", description = "" }: Schema, rng: Random): string {
  if (description.startsWith("A state")) return STATES[rng.int(STATES.length)]!;
  if (pattern.startsWith("^\\d")) return String(1 + rng.int(20));
  return ["draft", "ann", "page", "other", "x"][rng.int(5)]!;
}
