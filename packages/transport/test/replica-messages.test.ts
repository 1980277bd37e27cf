import { describe, expect, it } from "vitest";
import { TransportError } from "../src/index.js";
import { codec, fromAnn } from "./operations.js";

const secret = "0123456789abcdefghijkl";
const join = (fields: object) => codec.parseFirstMessage(fromAnn("join", fields));

function codeOf(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (error instanceof TransportError) return error.code;
    throw error;
  }
  return "accepted";
}

describe("a replica's join", () => {
  it("names its instance and the protocol", () => {
    const message = join({ protocol: 1, replica: { id: "ann-1", secret } });
    expect(message).toMatchObject({ protocol: 1, replica: { id: "ann-1", secret } });
  });

  it.each([2, 1_000])("is refused when it asks for protocol %i", (protocol) => {
    expect(codeOf(() => join({ protocol, replica: { id: "ann-1", secret } }))).toBe("UNSUPPORTED_PROTOCOL");
  });

  it.each([
    ["no secret", { id: "ann-1" }, "MISSING_FIELD"],
    ["a secret that can be guessed", { id: "ann-1", secret: "12345" }, "OUT_OF_RANGE"],
    ["a secret without end", { id: "ann-1", secret: "x".repeat(65) }, "OUT_OF_RANGE"],
    ["an id that is no file's name", { id: "../ann", secret }, "OUT_OF_RANGE"],
    ["a replica that is a string", "ann-1", "WRONG_TYPE"],
  ])("is refused when it has %s", (_what, replica, code) => {
    expect(codeOf(() => join({ replica }))).toBe(code);
  });
});

describe("a custom message", () => {
  const send = (payload: unknown) => codec.parseClientMessage(fromAnn("broadcast", { payload }));

  it.each([[null], [false], [0], [""], [[1, { a: "b" }]]])("carries %j as it is", (payload) => {
    expect(send(payload)).toMatchObject({ payload });
  });

  it("has a payload of at most 4 KiB, which must be there", () => {
    expect(codeOf(() => send("x".repeat(4_094)))).toBe("accepted");
    expect(codeOf(() => send("x".repeat(4_095)))).toBe("OUT_OF_RANGE");
    expect(codeOf(() => send(undefined))).toBe("MISSING_FIELD");
  });

  it("cannot smuggle in a prototype, half a character or an infinite number", () => {
    for (const payload of ['{"__proto__":{"polluted":1}}', '"\\ud800"', "1e999"]) {
      const text = fromAnn("broadcast").replace("}", `,"payload":${payload}}`);
      expect(codeOf(() => codec.parseClientMessage(text))).toBe("OUT_OF_RANGE");
    }
  });
});
