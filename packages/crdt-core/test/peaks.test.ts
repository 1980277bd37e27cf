import { random, seeds } from "@motet/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BY_ID } from "../src/codec/layout.js";
import { writeNames } from "../src/codec/replica-names.js";
import * as state from "../src/codec/state-format.js";
import { encodeState, replicaId, TextCRDT, Writer } from "../src/index.js";
import { Alone } from "./support/alone.js";
import { forge, id, insertion, leftOut } from "./support/forge.js";
import { forgeState, head } from "./support/forge-state.js";
import { damaged } from "./support/mutation.js";
import { Network } from "./support/network.js";
import { replicas } from "./support/replicas.js";

// B4, B5: what bytes of a stranger's take for a moment, while they are checked. Looked at whenever something large was made, and again and
// again as bytes are read, in a process that has nothing else to do and collects what is garbage before it looks.

/** Bytes for each byte of input, and bytes that come free. */
const [PEAK_MAX, BESIDES] = [8, 64 * 1024];

/**
 * Decodes each input of a file, and says by how much the worst of them went beyond so many bytes for each of its own, negative when none did.
 * The input itself does not count: who has sent it pays for that.
 */
const PROGRAM = `
import { readFileSync } from "node:fs";
const LOOKS = 24;
const LARGE = 16 * 1024;
let [isLooking, peak, made, read, step] = [false, 0, 0, 0, 1];
const used = () => {
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};
const look = () => {
  if (isLooking) peak = Math.max(peak, used());
  made = 0;
};
for (const name of ["ArrayBuffer", "Uint8Array", "Uint16Array", "Int32Array", "Uint32Array"]) {
  globalThis[name] = new Proxy(globalThis[name], {
    construct(type, given, target) {
      const array = Reflect.construct(type, given, target);
      made += array.byteLength;
      if (made > LARGE) look();
      return array;
    },
  });
}
const { Reader, Update } = await import("./crdt-core.mjs");
const { u8 } = Reader.prototype;
Reader.prototype.u8 = function () {
  if (++read % step === 0) look();
  return u8.call(this);
};
const decode = (bytes) => {
  try {
    return Update.decode(bytes);
  } catch (error) {
    if (error.name !== "CrdtError") throw error;
  }
};
const file = readFileSync(process.argv[2]);
let worst = -Infinity;
for (let at = 0; at < file.length; ) {
  const length = file.readUInt32LE(at);
  const bytes = new Uint8Array(file.subarray(at + 4, at + 4 + length));
  at += 4 + length;
  decode(bytes);
  step = Math.max(1, Math.floor(length / LOOKS));
  const before = used();
  peak = before;
  isLooking = true;
  const kept = [decode(bytes)];
  look();
  isLooking = false;
  worst = Math.max(worst, peak - before - Number(process.argv[3]) * length, kept.length - Infinity);
}
console.log(worst);
`;

/** So that what compilers make does not count, nor come when it likes, and the collector has done when it returns. */
const FLAGS = ["--single-threaded", "--no-opt", "--no-sparkplug", "--no-lazy-feedback-allocation"];
const alone = new Alone(PROGRAM, FLAGS);
beforeAll(() => alone.open());
afterAll(() => alone.close());

/** How many bytes the worst of `inputs` takes beyond 8 for each of its own. */
function beyond(inputs: readonly Uint8Array[]): number {
  const all = inputs.flatMap((bytes) => [new Uint8Array(Uint32Array.of(bytes.length).buffer), bytes]);
  return Number(alone.run(Buffer.concat(all), String(PEAK_MAX)));
}

const many = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));
const name = (n: number) => (n + 46_656).toString(36);

/** As many elements as so few bytes may bring, all of them deleted, in rows that say 12 of them at once. */
function leftOutInRows(count: number): Uint8Array {
  const [insert, remove] = [head(state.INSERT_AT_CARET, 12), head(state.DELETE_BACK_AT_CARET, 12)];
  const heads = many(2 * count, (n) => (n % 2 === 0 ? insert : remove));
  const elements = 12 * count;
  return forgeState({ elements, tallies: [[2 * elements, count, count]], heads, dead: [0, elements] });
}

/** Replicas that did nothing but one opaque row, and more elements than anybody has inserted. */
function namesAndElements(count: number): Uint8Array {
  const names = many(count, name);
  const tallies = names.map(() => [1, 0, 0] as const);
  const segments = names.map((_, n) => [n, 1] as const);
  const heads = names.map(() => head(state.STATE_OPAQUE, 0));
  return forgeState({
    elements: 70 * count,
    names,
    tallies,
    segments,
    heads,
    references: many(count, () => 1),
  });
}

/** Characters that stand behind each other's subtrees: an exception for each. */
function exceptions(count: number): Uint8Array {
  const heads = many(count, () => head(state.INSERT_AT, 1));
  const references = many(count, (n) => state.zigzag(-n));
  const named = many(count - 1, (n) => [1, 3, 1, n % 2]);
  return forgeState({
    text: "x".repeat(count),
    elements: count,
    tallies: [[count, count, 0]],
    heads,
    references,
    exceptions: named,
  });
}

/** Each character in a row of one byte, whoever of `writers` has typed it. */
function rowsOfOne(count: number, writers: readonly string[] = ["eve"]): Uint8Array {
  const each = count / writers.length;
  const tallies = writers.map(() => [each, each, 0] as const);
  const heads = many(count, () => head(state.INSERT_AT_CARET, 1));
  const turns = many(count, (n) => [n % writers.length, 1] as const);
  const segments = writers.length === 1 ? [[0, count] as const] : turns;
  return forgeState({ text: "x".repeat(count), elements: count, names: writers, tallies, segments, heads });
}

/** Text whose every row is deleted four times. */
function deletedAgain(count: number): Uint8Array {
  const again = many(3, () => head(state.DELETE_ON_AT_CARET, 15));
  const rows = [head(state.INSERT_AT_CARET, 15), head(state.DELETE_BACK_AT_CARET, 15), ...again];
  const elements = 15 * count;
  const heads = many(count * rows.length, (n) => rows[n % rows.length]);
  return forgeState({ elements, tallies: [[5 * elements, count, 4 * count]], heads, dead: [0, elements] });
}

function everySecondKnown(count: number): Uint8Array {
  const heads = [head(state.INSERT_AT_CARET, count), head(state.DELETE_BACK_AT_CARET, count)];
  const dead = many(count, () => 1);
  const deadText = "x".repeat(count / 2);
  return forgeState({ elements: count, tallies: [[2 * count, 1, 1]], heads, dead, deadText });
}

/** Rows that nobody can believe in, beside tallies that say there are so many. */
function claim(inserts: number, deletes: number): Uint8Array {
  const heads = many(inserts + deletes, () => head(state.INSERT_AT_CARET, 15));
  return forgeState({ elements: 7 * heads.length, tallies: [[2 ** 16, inserts, deletes]], heads });
}

/** Names, and just so many bytes behind them that each could be named. */
function onlyNames(count: number): Uint8Array {
  const out = new Writer().u8(BY_ID);
  writeNames(
    out,
    many(count, (n) => replicaId(name(n))),
  );
  return out.bytes(new Uint8Array(2 * count)).finish();
}

function typed(content: string): TextCRDT {
  const text = new TextCRDT(replicaId("eve"));
  text.insert(0, content);
  return text;
}

function backwards(count: number): TextCRDT {
  const text = new TextCRDT(replicaId("eve"));
  for (let n = 0; n < count; n++) text.insert(0, "x");
  return text;
}

function opaqueRows(count: number): TextCRDT {
  const text = new TextCRDT(replicaId("eve"));
  for (let n = 0; n < count; n++) text.appendRow(1, new Uint8Array(1));
  return text;
}

const STATES: readonly (readonly [string, () => Uint8Array])[] = [
  ["half a million characters", () => encodeState(typed("x".repeat(500_000)))],
  ["a wide text", () => encodeState(typed(`${"x".repeat(100_000)}😀`))],
  ["50,000 characters typed from behind", () => encodeState(backwards(50_000))],
  ["100,000 characters in rows of one byte", () => rowsOfOne(100_000)],
  ["as many elements left out as there may be", () => leftOutInRows(50_000)],
  ["20,000 names, and as many elements as there may be", () => namesAndElements(20_000)],
  ["20,000 exceptions", () => exceptions(20_000)],
  ["60,000 segments", () => rowsOfOne(60_000, ["ann", "bob"])],
  ["more inserts than there can be", () => claim(50_000, 0)],
  ["more deletes than there are", () => claim(0, 50_000)],
  ["deleted text of which every second character is known", () => everySecondKnown(100_000)],
  ["20,000 opaque rows", () => encodeState(opaqueRows(20_000))],
  ["deletions, again and again", () => deletedAgain(50_000)],
];

const UPDATES: readonly (readonly [string, () => Uint8Array])[] = [
  ["half a million characters", () => forge(insertion(id("eve", 1), "x".repeat(500_000)))],
  ["characters left out", () => forge(leftOut(id("eve", 1), 500_000))],
  ["50,000 stretches", () => forge(...many(50_000, (n) => insertion(id("eve", 2 * n + 1), "x")))],
  [
    "20,000 replicas with a character each",
    () => forge(...many(20_000, (n) => insertion(id(name(n), 1), "x"))),
  ],
  ["50,000 names, and nothing else", () => onlyNames(50_000)],
];

describe("what a check of bytes takes for a moment", { timeout: 60_000 }, () => {
  it.each(STATES)("is at most 8 times the bytes, and 64 KiB, for a state: %s", (_, make) => {
    expect(beyond([make()])).toBeLessThanOrEqual(BESIDES);
  });

  it.each(UPDATES)("is at most 8 times the bytes, and 64 KiB, for an update by id: %s", (_, make) => {
    expect(beyond([make()])).toBeLessThanOrEqual(BESIDES);
  });

  it.each(seeds(3))("is at most that for what was damaged in a hundred ways, seed %i", (seed) => {
    const rng = random(seed);
    const network = new Network(replicas("ann", "Zb3-_kq01Xy", "a-much-longer-name"), rng);
    network.edit(600);
    network.deliverAll();
    const [text] = network.texts;
    const whole = [encodeState(text), encodeState(text, { withoutDeleted: true }), text.encodeUpdate()];
    expect(beyond(many(100, () => damaged(rng.pick(whole), rng.pick(whole), rng)))).toBeLessThanOrEqual(
      BESIDES,
    );
  });
});
