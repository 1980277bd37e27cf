import { replicaId, VersionVector } from "@motet/crdt-core";
import { type Random, random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import {
  decodeReplicaClientFrame,
  decodeReplicaServerFrame,
  encodeChangesFrame,
  encodeStateFrame,
  encodeUpdateFrame,
  encodeVectorFrame,
  encodeWholeFrame,
  TransportError,
} from "../src/index.js";

const update = Uint8Array.of(0xab, 0xcd, 0xef);
const version = new VersionVector([
  [replicaId("ann-1"), 7],
  [replicaId("bob"), 600],
]);
const nothing = new VersionVector();

function refusal(decode: () => unknown): TransportError {
  try {
    decode();
  } catch (error) {
    if (error instanceof TransportError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("a replica's frame", () => {
  it("arrives as it was sent", () => {
    expect(decodeReplicaClientFrame(encodeVectorFrame(version))).toEqual({ kind: "vector", vector: version });
    expect(decodeReplicaClientFrame(encodeUpdateFrame(update))).toEqual({ kind: "update", update });
    const state = decodeReplicaServerFrame(encodeStateFrame(version, update));
    expect(state).toEqual({ kind: "state", vector: version, update });
    const changes = decodeReplicaServerFrame(encodeChangesFrame(nothing, update));
    expect(changes).toEqual({ kind: "changes", vector: nothing, update });
  });

  it("may tell of a version and of no operations", () => {
    expect(decodeReplicaServerFrame(encodeStateFrame(version))).toEqual({ kind: "state", vector: version });
    expect(decodeReplicaServerFrame(encodeChangesFrame(version)).update).toBeUndefined();
  });

  it("leaves out a vector that a whole state says anyway, and is a vector or an update at least", () => {
    const whole = encodeWholeFrame(update);
    expect(whole.length).toBe(update.length + 2);
    expect(decodeReplicaServerFrame(whole)).toEqual({ kind: "state", update });
    for (const bytes of [
      [3, 0],
      [4, 0, 1],
    ])
      expect(refusal(() => decodeReplicaServerFrame(Uint8Array.from(bytes))).code).toBe("MALFORMED_FRAME");
  });

  it("costs a reader of others' changes three bytes", () => {
    expect(encodeChangesFrame(nothing, update).length).toBe(update.length + 3);
  });

  it.each([
    ["is empty", [], "UNKNOWN_FRAME", undefined],
    ["is of no kind", [9, 0], "UNKNOWN_FRAME", undefined],
    ["is one that only the server sends", [3, 1, 0], "UNKNOWN_FRAME", undefined],
    ["has no vector", [1], "MALFORMED_FRAME", "vector"],
    ["has a vector with bytes behind it", [1, 0, 0], "MALFORMED_FRAME", "vector"],
    ["names 2^48 replicas in eight bytes", [1, 128, 128, 128, 128, 128, 128, 1], "MALFORMED_FRAME", "vector"],
    ["has an update without operations", [2], "MALFORMED_FRAME", "update"],
  ])("is refused by a server when it %s", (_what, bytes, code, inReplyTo) => {
    const error = refusal(() => decodeReplicaClientFrame(Uint8Array.from(bytes)));
    expect([error.code, error.inReplyTo]).toEqual([code, inReplyTo]);
  });

  it.each([
    ["is empty", [], "UNKNOWN_FRAME"],
    ["is one that only a client sends", [2, 1], "UNKNOWN_FRAME"],
    ["says nothing of its vector", [3], "MALFORMED_FRAME"],
    ["promises a longer vector than it holds", [4, 2, 0], "MALFORMED_FRAME"],
    ["promises a vector of 2^48 bytes", [4, 128, 128, 128, 128, 128, 128, 1, 0], "MALFORMED_FRAME"],
    ["has bytes between its vector and its update", [4, 2, 0, 1], "MALFORMED_FRAME"],
    ["spells a length with more bytes than needed", [4, 129, 0, 0], "MALFORMED_FRAME"],
  ])("is refused by a client when it %s", (_what, bytes, code) => {
    expect(refusal(() => decodeReplicaServerFrame(Uint8Array.from(bytes))).code).toBe(code);
  });

  it("is refused where it is too large, before it is read", () => {
    const vector = encodeVectorFrame(version);
    expect(refusal(() => decodeReplicaClientFrame(vector, { vectorBytesMax: 5 })).code).toBe("TOO_LARGE");
    const long = encodeUpdateFrame(update);
    const error = refusal(() => decodeReplicaClientFrame(long, { updateBytesMax: 2 }));
    expect([error.code, error.inReplyTo]).toEqual(["TOO_LARGE", "update"]);
    const state = encodeStateFrame(version, update);
    expect(refusal(() => decodeReplicaServerFrame(state, { serverFrameBytesMax: 5 })).code).toBe("TOO_LARGE");
  });

  it("is refused whole where it is cut off inside its vector", () => {
    const state = encodeStateFrame(version);
    for (let length = 0; length < state.length; length++) {
      expect(refusal(() => decodeReplicaServerFrame(state.subarray(0, length)))).toBeInstanceOf(
        TransportError,
      );
    }
  });

  it.each(seeds(20))("is taken or refused with an error of ours, whatever its bytes are, seed %i", (seed) => {
    const rng = random(seed);
    const frames = [encodeVectorFrame(version), encodeStateFrame(version, update)];
    for (let round = 0; round < 500; round++) {
      const bytes = mutated(rng, rng.pick(frames));
      for (const decode of [decodeReplicaClientFrame, decodeReplicaServerFrame])
        expectTyped(() => decode(bytes));
    }
  });
});

function mutated(rng: Random, frame: Uint8Array): Uint8Array {
  const bytes = frame.slice(0, 1 + rng.int(frame.length));
  for (let change = 0; change < 3; change++) bytes[rng.int(bytes.length)] = rng.int(256);
  return bytes;
}

function expectTyped(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    expect(error).toBeInstanceOf(TransportError);
  }
}
