import { readFileSync } from "node:fs";
import { operationSchemas } from "@motet/document";
import { type Random, random, seeds } from "@motet/testing";
import { Markdown } from "@motet/testing/pages";
import { Ajv, type ValidateFunction } from "ajv";
import { describe, expect, it } from "vitest";
import { MessageCodec, TransportError } from "../src/index.js";

const schema = JSON.parse(readFileSync(new URL("../dist/schema.json", import.meta.url), "utf8"));
const page = new Markdown(new URL("../PROTOCOL.md", import.meta.url));
const ajv = new Ajv({ strict: false }).addSchema(schema, "motet");
const codec = new MessageCodec({ operations: operationSchemas() });

const validates = (name: string): ValidateFunction => ajv.getSchema(`motet#/definitions/${name}`)!;

/** The messages that PROTOCOL.md shows of one side. */
function examples(side: "client" | "server"): Record<string, unknown>[] {
  return page
    .block(`json ${side}`)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const sides = [
  ["client", "clientMessage", (text: string) => codec.parseClientMessage(text), codec.clientSchemas],
  ["server", "serverMessage", (text: string) => codec.parseServerMessage(text), codec.serverSchemas],
] as const;

describe.each(sides)("schema.json, of what a %s sends", (side, name, parse, schemas) => {
  it("has a definition for each message that the code knows, and no other", () => {
    const named = Object.keys(schema.definitions).filter((it) => it.startsWith(`${side}.`));
    expect(named).toEqual([...schemas.keys()].map((type) => `${side}.${type}`));
  });

  it.each(examples(side))("takes the message %j of PROTOCOL.md", (message) => {
    const isValid = validates(name);
    expect([isValid(message), isValid.errors]).toEqual([true, null]);
    expect(validates(`${side}.${message["type"]}`)(message)).toBe(true);
  });

  it.each(examples(side))("refuses the message %j with a field of the wrong type, or none", (message) => {
    for (const field of ["type", "user_id", "doc_id"]) {
      expect(validates(name)({ ...message, [field]: 7 })).toBe(false);
      expect(validates(name)({ ...message, [field]: undefined })).toBe(false);
    }
  });

  it.each(seeds(10))("takes every message that the code takes, however it was changed, seed %i", (seed) => {
    const rng = random(seed);
    let [taken, refused] = [0, 0];
    for (let round = 0; round < 500; round++) {
      const message = changed(rng, rng.pick(examples(side)));
      if (!isTaken(() => parse(JSON.stringify(message)))) refused++;
      else {
        taken++;
        expect(validates(name)(message), JSON.stringify(message)).toBe(true);
      }
    }
    expect(Math.min(taken, refused)).toBeGreaterThan(20);
  });
});

it.each([
  ["insert", { position: 0, text: "x" }, { position: -1, text: "x" }],
  ["delete", { position: 0, length: 1 }, { position: 0, length: 0 }],
  ["set_title", { title: "" }, { title: 1 }],
  ["increment_counter", {}, { amount: 0 }],
  ["set_field", { field: "f", value: null }, { field: "f", value: [] }],
])("schema.json knows the operation %s, on its own and among changes", (type, right, wrong) => {
  const among = (operation: object) => ({
    ...{ type: "changes", user_id: "ann", doc_id: "minutes", version: 1 },
    changes: [{ type, ...operation }],
  });
  for (const [fields, isRight] of [
    [right, true],
    [wrong, false],
  ] as const) {
    expect(validates(`operation.${type}`)({ type, ...fields })).toBe(isRight);
    expect(validates("serverMessage")(among(fields))).toBe(isRight);
  }
});

const VALUES = [
  0,
  1,
  -1,
  1.5,
  2 ** 53,
  "",
  "x",
  "ann",
  true,
  null,
  [],
  {},
  { line: 0, column: 1 },
  "é".repeat(70),
];

/** The message with a field or two changed, left out, or added. */
function changed(rng: Random, message: Record<string, unknown>): Record<string, unknown> {
  const copy: Record<string, unknown> = { ...message };
  for (let change = rng.int(3); change >= 0; change--) {
    const field = rng.pick([...Object.keys(message).slice(1), "id", "version", "name", "more"]);
    if (rng.int(4) === 0) delete copy[field];
    else copy[field] = rng.pick(VALUES);
  }
  return copy;
}

function isTaken(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(TransportError);
    return false;
  }
}
