import { replicaId, VersionVector } from "@motet/crdt-core";
import { describe, expect, it } from "vitest";
import {
  type DocumentEntry,
  decodeEntry,
  EMPTY_ENTRY,
  encodeEntry,
  entryWriting,
} from "../src/document-entry.js";
import { userId } from "../src/index.js";
import { codeOf } from "./support/world.js";

const [ann, bob] = [userId("ann"), userId("bob")];
const [one, two] = [replicaId("one"), replicaId("two")];
const entry: DocumentEntry = {
  bindings: [
    { replica: one, user: ann },
    { replica: two, user: bob, node: replicaId("node") },
  ],
  arrivals: [
    { replica: one, from: 1, to: 5, atMs: 1_700_000_000_000 },
    { replica: two, from: 1, to: 1, atMs: 1_700_000_000_010 },
    { replica: one, from: 6, to: 6, atMs: 1_699_999_999_999 },
    { replica: one, from: 9, to: 12, atMs: 1_700_000_000_000 },
  ],
  messages: [{ user: ann, client: "tab 1/é", id: 7 }],
  names: [{ name: "first draft", user: bob, atMs: 5, version: new VersionVector([[one, 3]]) }],
  requests: [{ user: ann, key: "k1", digest: "d", version: 12 }],
  retired: [replicaId("old")],
  access: [
    { user: ann, access: "none", by: bob, atMs: 6 },
    { user: bob, access: undefined, by: bob, atMs: 1_700_000_000_000 },
  ],
  updates: [Uint8Array.of(1, 2, 3), Uint8Array.of(), Uint8Array.of(255)],
};
const plain = ({ names, ...rest }: DocumentEntry) => ({
  ...rest,
  names: names.map((named) => ({ ...named, version: named.version.toJSON() })),
});

describe("an entry of a document's log", () => {
  it("says the same after it was written and read", () => {
    expect(plain(decodeEntry(encodeEntry(entry)))).toEqual(plain(entry));
  });

  it("takes a few bytes for a keystroke besides its update", () => {
    const keystroke: DocumentEntry = {
      ...EMPTY_ENTRY,
      updates: [new Uint8Array(20)],
      arrivals: [{ replica: replicaId("A".repeat(11)), from: 5, to: 5, atMs: 1_700_000_000_000 }],
    };
    expect(encodeEntry(keystroke).length).toBeLessThanOrEqual(20 + 32);
  });

  it("is written in slices when it is large, to the same bytes", () => {
    const arrivals = Array.from({ length: 20_000 }, (_, at) => ({
      replica: one,
      from: at + 1,
      to: at + 1,
      atMs: at,
    }));
    const large = { ...entry, arrivals };
    const writing = entryWriting(large);
    let [pauses, step] = [0, writing.next()];
    for (; !step.done; pauses++) step = writing.next();
    expect(pauses).toBeGreaterThanOrEqual(19);
    expect(step.value).toEqual(encodeEntry(large));
  });

  it("is refused when any part of it is missing, or anything follows it (B1, B7)", async () => {
    const bytes = encodeEntry(entry);
    for (let length = 0; length < bytes.length; length++) {
      expect(await codeOf(() => decodeEntry(bytes.subarray(0, length)))).toBe("DAMAGED");
    }
    expect(await codeOf(() => decodeEntry(Uint8Array.from([...bytes, 0])))).toBe("DAMAGED");
  });

  it("is refused or read, never anything else, whatever byte of it is wrong (F5)", async () => {
    const bytes = encodeEntry(entry);
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 0x80, 0xff]) {
        const damaged = bytes.slice();
        damaged[at] = damaged[at]! ^ flip;
        expect(["none", "DAMAGED"]).toContain(await codeOf(() => decodeEntry(damaged)));
      }
    }
  });
});
