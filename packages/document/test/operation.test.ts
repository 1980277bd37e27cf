import { replicaId } from "@motet/crdt-core";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { operationKind, operationKinds, operationSchemas } from "../src/index.js";
import { type Operation, type RowOperation, rowKind, rowKindOf } from "../src/operation.js";
import { RowStates } from "../src/row-states.js";
import { codeOf } from "./support/world.js";

const stamp = { wallMs: 1_700_000_000_000, counter: 3 };
const rows: RowOperation[] = [
  { type: "set_title", title: "Ein Titel 😀" },
  { type: "set_title", title: "" },
  { type: "increment_counter", counter: "likes", amount: 2 ** 31 - 1 },
  { type: "increment_counter", counter: "ü", amount: -1 },
  { type: "set_field", field: "font", value: 'serif\n"x"' },
  { type: "set_field", field: "size", value: -1.5e-7 },
  { type: "set_field", field: "wide", value: true },
  { type: "set_field", field: "gone", value: null },
];

describe("the table of kinds", () => {
  it("has a schema for each", () => {
    expect(Object.keys(operationSchemas())).toEqual(operationKinds.map(({ type }) => type));
  });

  it("has each type once, and finds it by name", () => {
    const types = operationKinds.map((kind) => kind.type);
    expect(types).toEqual(["insert", "delete", "set_title", "increment_counter", "set_field"]);
    for (const type of types) expect(operationKind(type)?.right).toBe("write");
    expect(operationKind("constructor")).toBeUndefined();
  });

  it("never gives a number away again: these are in people's stores", () => {
    expect([1, 2, 3].map((number) => rowKind(number)?.type)).toEqual([
      "set_title",
      "increment_counter",
      "set_field",
    ]);
  });
});

describe("a row's bytes", () => {
  it.each(rows)("say again what was written: %j", (operation) => {
    const kind = rowKindOf(operation.type)!;
    const bytes = kind.write(operation, () => stamp);
    expect(kind.read(bytes).operation).toEqual(operation);
    expect(kind.write(kind.read(bytes).operation, () => stamp)).toEqual(bytes);
  });

  it.each(rows)("are refused when cut short or followed by anything: %j (B1, B7)", async (operation) => {
    const kind = rowKindOf(operation.type)!;
    const bytes = kind.write(operation, () => stamp);
    for (let length = 0; length < bytes.length; length++) {
      expect(await codeOf(() => kind.read(bytes.subarray(0, length)))).toBe("MALFORMED");
    }
    expect(await codeOf(() => kind.read(Uint8Array.from([...bytes, 0])))).toBe("MALFORMED");
  });

  it.each(rows)("have one spelling only: %j (B10)", (operation) => {
    const kind = rowKindOf(operation.type)!;
    const bytes = kind.write(operation, () => stamp);
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 2, 0x40, 0x80]) {
        const changed = bytes.slice();
        changed[at] = changed[at]! ^ flip;
        let content: ReturnType<typeof kind.read>;
        try {
          content = kind.read(changed);
        } catch {
          continue;
        }
        expect(kind.write(content.operation, () => content.stamp ?? stamp)).toEqual(changed);
      }
    }
  });

  it("make the same state in every order", () => {
    const written = rows.map((operation, at) => {
      const kind = rowKindOf(operation.type)!;
      return {
        id: { replica: replicaId("r"), seq: at + 1 },
        kind: kind.number,
        bytes: kind.write(operation, () => stamp),
      };
    });
    const [forward, backward] = [RowStates.of(written), RowStates.of([...written].reverse())];
    expect(forward.title).toBe("");
    for (const part of ["title", "counters", "fields"] as const)
      expect(backward[part]).toEqual(forward[part]);
  });
});

/** What the fields of an operation of that type must be. */
function schemaOf({ type }: Pick<Operation, "type">): v.GenericSchema<unknown, object> {
  return operationSchemas()[type];
}

describe("a stranger's operation", () => {
  it.each<Operation>([
    { type: "insert", position: 0, text: "x" },
    { type: "delete", position: 3, length: 1 },
    ...rows,
  ])("is taken as it is: %j", (operation) => {
    expect({ type: operation.type, ...v.parse(schemaOf(operation), operation) }).toEqual(operation);
  });

  it("counts one on the counter of all documents unless it says otherwise", () => {
    expect(v.parse(operationSchemas().increment_counter, {})).toEqual({ counter: "default", amount: 1 });
  });

  it.each([
    { type: "insert", position: -1, text: "x" },
    { type: "insert", position: 1.5, text: "x" },
    { type: "insert", position: "0", text: "x" },
    { type: "insert", position: 2 ** 53, text: "x" },
    { type: "insert", position: 0, text: "" },
    { type: "delete", position: 0, length: 0 },
    { type: "delete", position: 0 },
    { type: "set_title", title: "x".repeat(1001) },
    { type: "set_title", title: "\ud800" },
    { type: "increment_counter", amount: 0 },
    { type: "increment_counter", amount: Number.POSITIVE_INFINITY },
    { type: "increment_counter", counter: "" },
    { type: "set_field", field: "f", value: [] },
    { type: "set_field", field: "", value: 1 },
  ] as const)("is refused: %j (C3, C9)", (operation) => {
    expect(v.safeParse(schemaOf(operation), operation).success).toBe(false);
  });
});
