import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { encodeState, mergeUpdates, replicaId, TextCRDT, Update, VersionVector } from "../src/index.js";
import { STORIES } from "./support/golden-stories.js";
import { internalOrder, replicas } from "./support/replicas.js";

// B15: what format version 1 has written, every later release reads, and writes again to the same bytes.
// A new story is added to the file by `GOLDEN=write npx vitest run --project @motet/crdt-core golden`. What stands
// there already is never written again: a release that writes something else needs a new version, and a new file.

interface Golden {
  readonly text: string;
  readonly order: readonly string[];
  readonly version: Record<string, number>;
  /** Base64: the version vector, the update by id, the state, the state without deleted text, and that by id. */
  readonly bytes: Record<"vector" | "update" | "state" | "joining" | "joined", string>;
}

const file = new URL("golden/format-1.json", import.meta.url);
const golden = JSON.parse(readFileSync(file, "utf8")) as Record<string, Golden>;
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));

function joinedBy(state: Uint8Array): TextCRDT {
  const [reader] = replicas("reader");
  reader.applyUpdate(state);
  return reader;
}

function goldenOf(text: TextCRDT): Golden {
  const joining = encodeState(text, { withoutDeleted: true });
  const bytes = {
    vector: base64(text.version.encode()),
    update: base64(text.encodeUpdate()),
    state: base64(encodeState(text)),
    joining: base64(joining),
    joined: base64(joinedBy(joining).encodeUpdate()),
  };
  return { text: text.toString(), order: internalOrder(text), version: text.version.toJSON(), bytes };
}

if (process.env["GOLDEN"] === "write") {
  for (const [name, tell] of Object.entries(STORIES)) golden[name] ??= goldenOf(tell());
  afterAll(() => writeFileSync(file, `${JSON.stringify(golden, null, 1)}\n`));
}

describe.each(Object.entries(golden))("format version 1, %s", (name, { text, order, version, bytes }) => {
  it("is what is still written (B15)", () => {
    expect(goldenOf(STORIES[name]()).bytes).toEqual(bytes);
  });

  it.each(["update", "state"] as const)("loads from its %s and is written to the same bytes", (layout) => {
    for (const loaded of [
      TextCRDT.load(replicaId("owner"), bytesOf(bytes[layout])),
      joinedBy(bytesOf(bytes[layout])),
    ]) {
      expect([loaded.toString(), loaded.version.toJSON(), internalOrder(loaded)]).toEqual([
        text,
        version,
        order,
      ]);
      expect(base64(encodeState(loaded))).toBe(bytes.state);
      expect(base64(loaded.encodeUpdate())).toBe(bytes.update);
    }
  });

  it("is joined without its deleted text, which comes later", () => {
    const joined = joinedBy(bytesOf(bytes.joining));
    expect([joined.toString(), base64(encodeState(joined))]).toEqual([text, bytes.joining]);
    expect(base64(joined.encodeUpdate())).toBe(bytes.joined);
    joined.applyUpdate(bytesOf(bytes.update));
    expect(base64(encodeState(joined))).toBe(bytes.state);
  });

  it("is merged without a document into the same bytes, whatever layouts it came in", () => {
    const all = [bytes.joined, bytes.state, bytes.joining, bytes.update].map(bytesOf);
    expect(base64(mergeUpdates(all))).toBe(bytes.update);
    expect(base64(mergeUpdates([bytesOf(bytes.joined)]))).toBe(bytes.joined);
    expect(Update.decode(bytesOf(bytes.state)).ranges).toEqual(Update.decode(bytesOf(bytes.update)).ranges);
  });

  it("has a version vector that reads as it was written", () => {
    const vector = VersionVector.decode(bytesOf(bytes.vector));
    expect([vector.toJSON(), base64(vector.encode())]).toEqual([version, bytes.vector]);
  });
});

it("every story that is told has its golden bytes", () => {
  expect(Object.keys(golden)).toEqual(Object.keys(STORIES));
});
