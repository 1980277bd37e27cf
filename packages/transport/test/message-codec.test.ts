import { type Random, random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import { type ClientMessage, encodeClientMessage, operationOf, TransportError } from "../src/index.js";
import { codec, fromAnn, type SampleOperation } from "./operations.js";

function refusalOf(parse: () => unknown): TransportError {
  try {
    parse();
  } catch (error) {
    if (error instanceof TransportError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

const refusal = (text: string) => refusalOf(() => codec.parseClientMessage(text));
const codeOf = (text: string) => refusal(text).code;
const insert = (fields: object) => fromAnn("insert", { position: 0, text: "a", ...fields });

describe("a message from a client", () => {
  it("arrives as it was sent, without what the grammar does not name (C4)", () => {
    const text = insert({ id: 7, version: 42, colour: "pink" });
    expect(codec.parseClientMessage(text)).toEqual({
      type: "insert",
      user_id: "ann",
      doc_id: "minutes",
      id: 7,
      version: 42,
      position: 0,
      text: "a",
    });
  });

  it("gets the defaults that its operation's schema has", () => {
    expect(codec.parseClientMessage(fromAnn("increment_counter"))).toMatchObject({
      counter: "default",
      amount: 1,
    });
  });

  it("gives its operation without the envelope", () => {
    const message = codec.parseClientMessage(insert({ id: 7, version: 42 }));
    if (message.type !== "insert") throw new Error("not an insert");
    expect(operationOf<SampleOperation>(message)).toEqual({ type: "insert", position: 0, text: "a" });
  });

  it("keeps HTML, NUL, U+FEFF and bidi marks as they are", () => {
    for (const text of ["<script>alert(1)</script>", "\u0000", "\ufeff", "\u202e\u2066"]) {
      expect(codec.parseClientMessage(insert({ text }))).toMatchObject({ text });
    }
  });

  it("may say nothing but that its sender is away", () => {
    const text = fromAnn("presence_update", { status: "away" });
    expect(codec.parseClientMessage(text)).toEqual(JSON.parse(text));
  });
});

describe("a malformed message (C1)", () => {
  it.each(["", "{", "hello", "{'type':1}", '{"type":"join",}', "\u0000"])("is not JSON: %j", (text) => {
    expect(codeOf(text)).toBe("NOT_JSON");
  });

  it.each(["null", "[]", "7", '"join"', "true", "[".repeat(20_000) + "]".repeat(20_000)])(
    "is JSON, but no object: %.20s",
    (text) => {
      expect(codeOf(text)).toBe("NOT_AN_OBJECT");
    },
  );

  it.each(["type", "user_id", "doc_id"])("lacks %s", (field) => {
    const message = JSON.parse(insert({}));
    delete message[field];
    expect(codeOf(JSON.stringify(message))).toBe("MISSING_FIELD");
    expect(refusal(JSON.stringify(message)).message).toBe(`${field} is missing`);
  });

  it.each(["position", "text"])("lacks its operation's %s", (field) => {
    expect(refusal(insert({ [field]: undefined }))).toMatchObject({
      code: "MISSING_FIELD",
      message: `${field} is missing`,
    });
  });

  it.each([
    { type: 7 },
    { user_id: null },
    { doc_id: ["minutes"] },
    { position: "0" },
    { position: null },
    { position: true },
    { position: {} },
    { text: 7 },
    { id: "7" },
    { version: "42" },
    { version: null },
  ])("has a wrong type: %j", (fields) => {
    expect(codeOf(insert(fields))).toBe("WRONG_TYPE");
  });

  it.each(["-1", "1.5", "1e999", "-1e999", "-0", "9007199254740993", "1e300"])(
    "has %s where a count belongs",
    (count) => {
      for (const field of ["position", "version"]) {
        const text = insert({}).replace("}", `,"${field}":${count}}`);
        expect(codeOf(text)).toBe("OUT_OF_RANGE");
      }
      for (const field of ["line", "column"]) {
        const text = fromAnn("cursor_move", { line: 0, column: 0 }).replace("}", `,"${field}":${count}}`);
        expect(codeOf(text)).toBe("OUT_OF_RANGE");
      }
    },
  );

  it.each(["0", "-1", "0.5", "-0", "9007199254740992"])("has %s for an id", (id) => {
    expect(codeOf(insert({}).replace("}", `,"id":${id}}`))).toBe("OUT_OF_RANGE");
  });

  it("has NaN, which is not JSON", () => {
    expect(codeOf(insert({}).replace("}", ',"position":NaN}'))).toBe("NOT_JSON");
  });

  it.each(["", "a/b", "..", "a b", "ä", "a\u0000", "a".repeat(129)])(
    "names a user or a document %j",
    (key) => {
      expect(codeOf(insert({ user_id: key }))).toBe("OUT_OF_RANGE");
      expect(codeOf(insert({ doc_id: key }))).toBe("OUT_OF_RANGE");
    },
  );

  it("inserts nothing, a million characters, or half a character", () => {
    expect(codeOf(insert({ text: "" }))).toBe("OUT_OF_RANGE");
    expect(codeOf(insert({ text: "a".repeat(1_000_000) }))).toBe("TOO_LARGE");
    expect(codeOf(insert({ text: "a\ud83d" }))).toBe("OUT_OF_RANGE");
  });

  it.each(["state", "user_joined", "user_left", "changes", "ack", "error"])(
    "is of a type that only a server sends: %s (C12)",
    (type) => {
      expect(codeOf(fromAnn(type))).toBe("UNKNOWN_TYPE");
    },
  );

  it.each(["", "Insert", "open", "__proto__", "constructor", "toString", "hasOwnProperty"])(
    "is of no type: %j",
    (type) => {
      expect(codeOf(fromAnn(type))).toBe("UNKNOWN_TYPE");
    },
  );

  it("is recognised by its id, else by its type, else not at all", () => {
    expect(refusal(insert({ id: 7, position: -1 })).inReplyTo).toBe(7);
    expect(refusal(insert({ position: -1 })).inReplyTo).toBe("insert");
    expect(refusal(insert({ id: 1.5 })).inReplyTo).toBe("insert");
    expect(refusal(fromAnn("x".repeat(65))).inReplyTo).toBeUndefined();
    expect(refusal("[]").inReplyTo).toBeUndefined();
  });

  it("is answered without being quoted", () => {
    for (const fields of [
      { position: "SECRET" },
      { user_id: "SECRET/" },
      { id: "SECRET" },
      { text: { a: "SECRET" } },
    ]) {
      expect(refusal(insert(fields)).message).not.toContain("SECRET");
    }
  });
});

describe("keys with a past", () => {
  const polluted = () => Reflect.get({}, "polluted");

  it("change no prototype, wherever they stand", () => {
    for (const key of ["__proto__", "constructor", "prototype"]) {
      const text = insert({}).replace("}", `,"${key}":{"polluted":true,"position":9}}`);
      expect(codec.parseClientMessage(text)).toEqual(JSON.parse(insert({})));
    }
    expect(polluted()).toBeUndefined();
  });

  it("lend nothing to a message that lacks a field", () => {
    const text = '{"type":"insert","doc_id":"minutes","position":0,"text":"a","__proto__":{"user_id":"ann"}}';
    expect(codeOf(text)).toBe("MISSING_FIELD");
  });

  it("are users and documents like any other", () => {
    const text = insert({ user_id: "__proto__", doc_id: "constructor" });
    expect(codec.parseClientMessage(text)).toMatchObject({ user_id: "__proto__", doc_id: "constructor" });
  });

  it("are refused in a presence state", () => {
    const text = fromAnn("presence_update").replace(
      "}",
      ',"state":{"deep":[{"__proto__":{"polluted":true}}]}}',
    );
    expect(codeOf(text)).toBe("OUT_OF_RANGE");
    expect(polluted()).toBeUndefined();
  });

  it("count last when they stand twice (C4)", () => {
    const text = insert({ position: 1 }).replace("}", ',"position":2}');
    expect(codec.parseClientMessage(text)).toMatchObject({ position: 2 });
  });
});

describe("a message too large", () => {
  it("is measured in bytes, not in characters", () => {
    const filler = (count: number) => fromAnn("heartbeat", { filler: "ä".repeat(count) });
    const frame = new TextEncoder().encode(filler(0)).length;
    const fits = (262_144 - frame) >> 1;
    expect(codec.parseClientMessage(filler(fits)).type).toBe("heartbeat");
    expect(codeOf(filler(fits + 1))).toBe("TOO_LARGE");
  });

  it("is not parsed", () => {
    expect(codeOf("{".repeat(300_000))).toBe("TOO_LARGE");
  });

  it("is smaller for the first one", () => {
    const join = (token: string) => codec.parseFirstMessage(fromAnn("join", { token }));
    expect(join("t".repeat(8_000)).type).toBe("join");
    expect(refusalOf(() => join("t".repeat(8_192))).code).toBe("TOO_LARGE");
  });

  it("hides no nesting that a stack does not survive", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect(codec.parseClientMessage(fromAnn("heartbeat").replace("}", `,"deep":${deep}}`)).type).toBe(
      "heartbeat",
    );
    expect(codeOf(fromAnn("presence_update").replace("}", `,"state":{"deep":${deep}}}`))).toBe(
      "OUT_OF_RANGE",
    );
  });
});

describe("the first message", () => {
  it("is a join, and nothing else", () => {
    expect(codec.parseFirstMessage(fromAnn("join", { name: "Ann", client_id: "c-1" }))).toMatchObject({
      name: "Ann",
    });
    expect(refusalOf(() => codec.parseFirstMessage(insert({ id: 3 })))).toMatchObject({
      code: "NOT_JOINED",
      inReplyTo: 3,
    });
  });

  it.each(["", "a".repeat(65), "a\nb", "\u0007", "\ud83d"])("cannot bring the name %j", (name) => {
    expect(refusalOf(() => codec.parseFirstMessage(fromAnn("join", { name }))).code).toBe("OUT_OF_RANGE");
  });

  it.each(["", "a b", "a".repeat(65)])("cannot bring the client id %j", (client_id) => {
    expect(refusalOf(() => codec.parseFirstMessage(fromAnn("join", { client_id }))).code).toBe(
      "OUT_OF_RANGE",
    );
  });
});

describe("a message from a server", () => {
  const parse = (type: string, fields: object) => codec.parseServerMessage(fromAnn(type, fields));
  const session = { client_id: "c-1", name: "Ann", colour: "#286edc", last_id: 0, server_time_ms: 1 };
  const state = { version: 1, text: "a", title: "", counters: {}, fields: {}, users: [], session };

  it("brings a counter that someone has called constructor or __proto__", () => {
    const counters = JSON.parse('{"constructor":1,"__proto__":2}');
    const message = parse("state", { ...state, counters });
    if (message.type !== "state") throw new Error("not a state");
    expect(Object.entries(message.counters)).toEqual([["constructor", 1], ["__proto__", 2]]); // biome-ignore format: pairs
  });

  it("brings changes, each checked by the schema of its kind", () => {
    const changes = [{ type: "insert", position: 0, text: "a" }, { type: "delete", position: 0, length: 1 }]; // biome-ignore format: pairs
    expect(parse("changes", { version: 3, changes })).toMatchObject({ changes });
    for (const bad of [
      { type: "insert", position: -1, text: "a" },
      { type: "delete", position: 0, length: "1" },
      { type: "explode" },
      { type: "__proto__" },
      null,
      7,
      [],
    ]) {
      expect(refusalOf(() => parse("changes", { version: 3, changes: [...changes, bad] })).name).toBe(
        "TransportError",
      );
    }
  });

  it.each([
    { version: -1 },
    { text: 7 },
    { counters: { a: 1.5 } },
    { counters: [] },
    { fields: { a: [] } },
    { users: [{}] },
    { session: {} },
  ])("is refused with a wrong field: %j", (fields) => {
    expect(() => parse("state", { ...state, ...fields })).toThrow(TransportError);
  });

  it("is refused with a type that only a client sends", () => {
    expect(refusalOf(() => parse("join", {})).code).toBe("UNKNOWN_TYPE");
  });
});

describe.each(seeds(20))("messages at random, seed %i", (seed) => {
  it("come back as they were sent", () => {
    const rng = random(seed);
    for (let i = 0; i < 100; i++) {
      const message = anyMessage(rng);
      expect(codec.parseClientMessage(encodeClientMessage(message))).toEqual(message);
    }
  });

  it("are accepted or refused with a code, however they are cut and bent", () => {
    const rng = random(seed);
    for (let i = 0; i < 500; i++) {
      const bent = bend(encodeClientMessage(anyMessage(rng)), rng);
      expectMessageOrRefusal(() => codec.parseClientMessage(bent));
      expectMessageOrRefusal(() => codec.parseServerMessage(bent));
    }
  });
});

function expectMessageOrRefusal(parse: () => { readonly type: string }): void {
  try {
    expect(parse().type).toBeTypeOf("string");
  } catch (error) {
    expect(error).toBeInstanceOf(TransportError);
  }
}

function anyMessage(rng: Random): ClientMessage<SampleOperation> {
  const sender = { user_id: `u${rng.int(99)}`, doc_id: `d${rng.int(99)}` };
  const sent = {
    ...(rng.int(2) > 0 && { id: 1 + rng.int(99) }),
    ...(rng.int(2) > 0 && { version: rng.int(99) }),
  };
  return rng.pick<ClientMessage<SampleOperation>>([
    { type: "join", ...sender, client_id: `c${rng.int(99)}`, name: rng.pick(["Ann", "ß", "👩‍👩‍👧"]) },
    {
      type: "insert",
      ...sender,
      ...sent,
      position: rng.int(99),
      text: rng.pick(["a", "\n", "👍", "\u0000", '"}']),
    },
    { type: "delete", ...sender, ...sent, position: rng.int(99), length: 1 + rng.int(9) },
    { type: "set_title", ...sender, ...sent, title: rng.pick(["", "Minutes", "<b>"]) },
    { type: "increment_counter", ...sender, ...sent, counter: "votes", amount: 1 + rng.int(9) },
    { type: "cursor_move", ...sender, line: rng.int(9), column: rng.int(99) },
    { type: "presence_update", ...sender, status: "idle", state: { page: rng.int(9) } },
    { type: "heartbeat", ...sender },
  ]);
}

function bend(text: string, rng: Random): string {
  const at = rng.int(text.length);
  const to = at + rng.int(text.length - at);
  const noise = rng.pick(["", "0", "-", '"', "{", "}", "[", "null", "1e999", "\\ud800", "__proto__", text]);
  return rng.int(4) === 0 ? text.slice(0, at) : text.slice(0, at) + noise + text.slice(to);
}
