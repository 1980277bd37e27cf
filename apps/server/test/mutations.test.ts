import { replicaId, VersionVector } from "@motet/crdt-core";
import { Document, documentId } from "@motet/document";
import { type Random, random, seedOr } from "@motet/testing";
import { encodeUpdateFrame, encodeVectorFrame } from "@motet/transport";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JsonClient } from "./support/json-client.js";
import { ReplicaClient } from "./support/replica-client.js";
import { TestServer } from "./support/test-server.js";

/** Mutated messages of each kind, and how many are sent between two looks at how the others fare. */
const MESSAGES = 10_000;
const ROUND = 500;
const SHORT_ROUND = 100;
const MALLORY = { user: "mallory", document: "page" };
const seed = seedOr(7);

const envelope = { user_id: "mallory", doc_id: "page" };
const SOUND: Readonly<Record<string, object>> = {
  join: { client_id: "tab-1", name: "Mallory", token: "t0ken", protocol: 1 },
  refresh: { token: "an0ther" },
  heartbeat: {},
  cursor_move: { line: 0, column: 1, version: 1, from: { line: 0, column: 0 } },
  selection: { head: { element: { replica: "ann-1", seq: 1 }, side: "left" } },
  presence_update: { status: "away", state: { page: 3, __proto: [1, { a: null }] } },
  broadcast: { payload: ["wave", 1.5, null, { deep: { deeper: [] } }] },
  insert: { id: 1, version: 1, position: 0, text: "héllo 🎼" },
  delete: { id: 1, version: 1, position: 0, length: 2 },
  set_title: { id: 1, title: "Minutes" },
  increment_counter: { id: 1, counter: "votes", amount: -2 },
  set_field: { id: 1, field: "due", value: "2026-11-22" },
};

/** What is put in the place of something sound: the limits of numbers, other types, keys that every object has. */
const POISON: readonly string[] = [
  ...["null", "true", "-1", "0", "-0", "0.5", "1e999", "9007199254740993", "1e308", '""', "[]", "{}"],
  ...['"__proto__"', '"constructor"', '"\\ud83c"', '"\\u0000"', `"${"x".repeat(5_000)}"`, "[".repeat(50)],
  ...['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}', "18446744073709551615"],
];

/** A message with one thing wrong, or a few: a value, a key, a piece of its text, its end. */
function mutated(text: string, rng: Random): string {
  let wrong = text;
  for (let times = 1 + rng.int(3); times > 0; times--) {
    const at = rng.int(wrong.length + 1);
    const values = [...wrong.matchAll(/(?<=:)("[^"]*"|-?\d+(\.\d+)?|null|true)/g)];
    const keys = [...wrong.matchAll(/"(\w+)"(?=:)/g)];
    const place = rng.pick(rng.int(2) === 0 && keys.length > 0 ? keys : values.length > 0 ? values : keys);
    const poison = rng.pick(POISON);
    wrong = rng.pick([
      () => spliced(wrong, place?.index ?? at, place?.[0].length ?? 0, poison),
      () => spliced(wrong, place?.index ?? at, place?.[0].length ?? 0, '"__proto__"'),
      () => spliced(wrong, at, rng.int(4), String.fromCharCode(rng.int(0xd800))),
      () => spliced(wrong, at, 0, wrong.slice(rng.int(wrong.length + 1)).slice(0, rng.int(40))),
      () => wrong.slice(0, at),
    ])();
  }
  return wrong;
}

function spliced(text: string, at: number, length: number, instead: string): string {
  return text.slice(0, at) + instead + text.slice(at + length);
}

/** Bytes with some of them wrong, missing, or twice there. */
function mutatedBytes(bytes: Uint8Array, rng: Random): Uint8Array {
  let wrong = [...bytes];
  for (let times = 1 + rng.int(4); times > 0; times--) {
    const at = rng.int(wrong.length + 1);
    wrong = rng.pick([
      () => wrong.with(Math.min(at, wrong.length - 1), rng.int(256)),
      () => [
        ...wrong.slice(0, at),
        ...Array.from({ length: rng.int(9) }, () => rng.int(256)),
        ...wrong.slice(at),
      ],
      () => wrong.slice(0, Math.max(1, at)),
      () => [...wrong.slice(0, at), ...wrong.slice(rng.int(at + 1))],
      () => wrong.with(Math.min(at, wrong.length - 1), 0xff),
    ])();
  }
  return Uint8Array.from(wrong);
}

let world: TestServer;
let bob: JsonClient;
beforeAll(async () => {
  const limits = { connectionsPerUserMax: 1e9, outboxBytesMax: 1e9 };
  world = await TestServer.start({ limits });
  bob = await JsonClient.join(world.address, { user: "bob", document: "bobs" });
});
afterAll(async () => {
  await world.close();
});

/** Whatever was sent: nothing failed inside, nothing leaked into other objects, and others are served. */
async function allIsWell(): Promise<void> {
  bob.insert(0, "b");
  await bob.settle();
  expect(world.defects).toEqual([]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
}

describe(`${MESSAGES} mutated messages over a real socket, seed ${seed}`, { timeout: 120_000 }, () => {
  it.each(Object.keys(SOUND))("of the kind %s break nothing", async (type) => {
    const rng = random(seed);
    const sound = JSON.stringify({ type, ...envelope, ...SOUND[type] });
    // A connection that has not joined has 8 KiB, for some of them.
    const round = type === "join" ? SHORT_ROUND / 2 : ROUND;
    for (let sent = 0; sent < MESSAGES; sent += round) {
      const mallory = await (type === "join" ? JsonClient.connect : JsonClient.join)(world.address, MALLORY);
      for (let at = 0; at < round; at++) mallory.sendRaw(mutated(sound, rng));
      await mallory.leave(); // The last frame: everything before it has been dealt with.
      await allIsWell();
    }
  });

  it.each(["update", "vector"] as const)("of the binary kind %s break nothing", async (kind) => {
    const rng = random(seed);
    const source = new Document({ id: documentId("page"), replica: replicaId("mallory-1") });
    source.apply({ type: "insert", position: 0, text: "hello 🎼" }, 1_700_000_000_000);
    source.apply({ type: "delete", position: 1, length: 2 }, 1_700_000_000_000);
    source.apply({ type: "set_title", title: "Minutes" }, 1_700_000_000_000);
    source.apply({ type: "increment_counter", counter: "votes", amount: 2 }, 1_700_000_000_000);
    const vector = new VersionVector([[replicaId("ann"), 7]]);
    const sound = kind === "update" ? encodeUpdateFrame(source.takeUpdate()!) : encodeVectorFrame(vector);
    for (let sent = 0; sent < MESSAGES; sent += SHORT_ROUND) {
      const mallory = await ReplicaClient.connect(world.address, { ...MALLORY, replica: `mallory-${sent}` });
      const { id, secret } = { id: `mallory-${sent}`, secret: "s".repeat(22) };
      mallory.say({ type: "join", protocol: 1, replica: { id, secret } });
      if (kind === "update") mallory.sendRaw(encodeVectorFrame(new VersionVector()));
      for (let at = 0; at < SHORT_ROUND; at++) mallory.sendRaw(mutatedBytes(sound, rng));
      if (kind === "vector") mallory.sendRaw(encodeVectorFrame(new VersionVector()));
      await mallory.leave();
      await allIsWell();
    }
  });
});
