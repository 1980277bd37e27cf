import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeState, replicaId, TextCRDT } from "../src/index.js";
import { deletionsMax } from "../src/log/operation-log.js";
import { Alone } from "./support/alone.js";
import { deletion, forge, id, insertion, leftOut } from "./support/forge.js";

// What bytes of a stranger's keep alive once they are decoded, or taken in, measured in a process that has nothing else to do.

/** Bytes for each byte of input, decoded. */
const DECODED_MAX = 8;
/** The same for an update that was taken into an empty text: the worst there is are opaque rows. */
const TAKEN_IN_MAX = 100;
/** Bytes that come free, decoded and taken in. */
const [BESIDES, TAKEN_IN_BESIDES] = [64 * 1024, 256 * 1024];

/**
 * Decodes or takes in a file several times, keeps it all, and says how much memory one result takes: the least that was seen after the first,
 * as compilers at work add theirs to some of them, and what a result takes is in each.
 */
const PROGRAM = `
import { readFileSync } from "node:fs";
import { TextCRDT, Update } from "./crdt-core.mjs";
const bytes = new Uint8Array(readFileSync(process.argv[2]));
const take = () => {
  if (process.argv[3] === "decode") return Update.decode(bytes);
  const text = new TextCRDT("reader");
  text.applyUpdate(bytes);
  return text;
};
const used = () => {
  for (let i = 0; i < 3; i++) gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
const kept = [take()];
const taken = [];
for (let i = 0; i < 4; i++) {
  const before = used();
  kept.push(take());
  taken.push(used() - before);
}
console.log(Math.min(...taken), kept.length);
`;

const alone = new Alone(PROGRAM);
beforeAll(() => alone.open());
afterAll(() => alone.close());

function keptBy(bytes: Uint8Array, how: "decode" | "take in"): number {
  return Number(alone.run(bytes, how).split(" ")[0]);
}

const name = (n: number) => (n + 1_296).toString(36);

/** Characters of many replicas, one each: as many names, stretches and references as fit. */
function crowd(count: number): Uint8Array {
  return forge(
    ...Array.from({ length: count }, (_, n) =>
      insertion(id(name(n), 1), "x", null, n === 0 ? null : id(name(n - 1), 1)),
    ),
  );
}

/** One replica with a gap behind each of its operations: a stretch for five bytes. */
function gaps(count: number): Uint8Array {
  return forge(...Array.from({ length: count }, (_, n) => insertion(id("eve", 2 * n + 1), "x")));
}

/** Deletions of one another's: a row for three bytes. */
function rows(count: number): Uint8Array {
  return forge(...Array.from({ length: count }, (_, n) => deletion(id("eve", n + 1), id("ann", 3 * n + 1))));
}

/** A text typed from behind: every character is a run of its own. */
function backwards(count: number): TextCRDT {
  const text = new TextCRDT(replicaId("eve"));
  for (let n = 0; n < count; n++) text.insert(0, "x");
  return text;
}

/** Characters in runs of one, and then as many deletions of all of them as one update may bring. */
function deletedAgain(count: number): Uint8Array {
  const letters = Array.from({ length: count }, (_, n) =>
    insertion(id("eve", n + 1), "x", null, n === 0 ? null : id("eve", n)),
  );
  const times = Math.floor(deletionsMax(count) / count);
  const deletions = Array.from({ length: times }, (_, n) =>
    deletion(id("eve", (n + 1) * count + 1), id("eve", 1), count),
  );
  return forge(...letters, ...deletions);
}

/** Characters left out, as many as one update may bring, each beside the one before it. */
function missing(count: number): Uint8Array {
  const letters = Array.from({ length: count }, (_, n) => leftOut(id("eve", n * 40 + 1), 40));
  return forge(...letters, deletion(id("eve", count * 40 + 1), id("eve", 1), count * 40));
}

describe("what decoded bytes keep alive", { timeout: 60_000 }, () => {
  it.each([
    ["a text of half a million characters", () => forge(insertion(id("eve", 1), "x".repeat(500_000)))],
    ["half a million characters left out", () => forge(leftOut(id("eve", 1), 500_000))],
    ["20,000 replicas with a character each", () => crowd(20_000)],
    ["50,000 stretches of one replica", () => gaps(50_000)],
    ["100,000 rows", () => rows(100_000)],
    ["an opaque row of 500 kB", () => opaque(500_000)],
    ["a state of half a million characters", () => encodeState(typed("x".repeat(500_000)))],
    ["a state of 50,000 characters in as many runs", () => encodeState(backwards(50_000))],
    ["the same, deleted again", () => encodeState(emptied(backwards(50_000)))],
    ["a state of 20,000 replicas with a character each", () => encodeState(taken(crowd(20_000)))],
    ["a state of 20,000 opaque rows", () => encodeState(opaqueRows(20_000))],
  ])("is at most 8 times the bytes, and 64 KiB: %s", (_, make) => {
    const bytes = make();
    expect(keptBy(bytes, "decode")).toBeLessThanOrEqual(DECODED_MAX * bytes.length + BESIDES);
  });
});

describe("what an update keeps alive that was taken in", { timeout: 60_000 }, () => {
  it.each([
    ["50,000 characters in as many runs", () => backwards(50_000).encodeUpdate()],
    ["20,000 replicas with a character each", () => crowd(20_000)],
    ["5,000 characters in as many runs, all of them deleted five times", () => deletedAgain(5_000)],
    ["characters left out", () => missing(200)],
    ["20,000 opaque rows with nothing in them", () => opaqueRows(20_000).encodeUpdate()],
    ["20,000 opaque rows with a byte in each", () => opaqueRows(20_000, 1).encodeUpdate()],
    ["a state of as many", () => encodeState(opaqueRows(20_000, 1))],
  ])("is at most 100 times the bytes, and 256 KiB: %s", (_, make) => {
    const bytes = make();
    expect(keptBy(bytes, "take in")).toBeLessThanOrEqual(TAKEN_IN_MAX * bytes.length + TAKEN_IN_BESIDES);
  });
});

function typed(content: string): TextCRDT {
  const text = new TextCRDT(replicaId("eve"));
  text.insert(0, content);
  return text;
}

function emptied(text: TextCRDT): TextCRDT {
  text.delete(0, text.length);
  return text;
}

function taken(update: Uint8Array): TextCRDT {
  const text = new TextCRDT(replicaId("eve"));
  text.applyUpdate(update);
  return text;
}

function opaqueRows(count: number, length = 0): TextCRDT {
  const text = new TextCRDT(replicaId("eve"));
  for (let n = 0; n < count; n++) text.appendRow(1, new Uint8Array(length));
  return text;
}

function opaque(length: number): Uint8Array {
  const text = new TextCRDT(replicaId("eve"));
  text.appendRow(1, new Uint8Array(length));
  return text.encodeUpdate();
}
