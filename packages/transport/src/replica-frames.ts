import { Reader, VersionVector, Writer } from "@motet/crdt-core";
import { TransportError } from "./errors.js";
import { defaultLimits, type ReplicaLimits } from "./limits.js";

/** The version of the replica protocol that this package speaks, as `join` and `session` name it. */
export const replicaProtocol = 1;

/** What a replica sends, decoded. Of an update only the size is checked: what it says, the document's codec reads. */
export type ReplicaClientFrame =
  | { readonly kind: "vector"; readonly vector: VersionVector }
  | { readonly kind: "update"; readonly update: Uint8Array };

/** What a replica is sent, decoded. `update` is absent when there is nothing new. */
export type ReplicaServerFrame = ReplicaStateFrame | ReplicaChangesFrame;

/** The answer to a replica's vector. */
export interface ReplicaStateFrame {
  readonly kind: "state";
  /** Everything the server has; absent where that is what `update` holds. */
  readonly vector?: VersionVector;
  readonly update?: Uint8Array;
}

/** One batch of commits. */
export interface ReplicaChangesFrame {
  readonly kind: "changes";
  /** What is durable now of the connection's own operations. */
  readonly vector: VersionVector;
  readonly update?: Uint8Array;
}

const VECTOR = 1;
const UPDATE = 2;
const STATE = 3;
const CHANGES = 4;

// frame   := vector | update | state | changes
// vector  := 1:u8 version                       From the client, once, behind join: what it has.
// update  := 2:u8 bytes                         From the client: operations, at least one byte.
// state   := 3:u8 length:varint version? bytes  From the server, once, behind session. Length 0: bytes hold everything.
// changes := 4:u8 length:varint version bytes   From the server: an acknowledgement, and what others did.
// version := VersionVector.encode(); length is its length in bytes
// bytes   := an update; nothing where there is nothing to tell

/** A client's version, asking for what it lacks. */
export function encodeVectorFrame(version: VersionVector): Uint8Array {
  return new Writer().u8(VECTOR).bytes(version.encode()).finish();
}

/** A client's operations. `update` is not empty. */
export function encodeUpdateFrame(update: Uint8Array): Uint8Array {
  return joined(Uint8Array.of(UPDATE), update);
}

/** The answer to a vector: everything the server has seen, and what the client lacks of it. */
export function encodeStateFrame(version: VersionVector, update?: Uint8Array): Uint8Array {
  return joined(headOf(STATE, version), update);
}

/** The answer to an empty vector: `whole` is everything, and so says what the server has seen. */
export function encodeWholeFrame(whole: Uint8Array): Uint8Array {
  return joined(Uint8Array.of(STATE, 0), whole);
}

/**
 * One batch as one connection is told of it: how far its own operations are durable, and what others did. The same
 * bytes go to all who wrote nothing in the batch: encode them once.
 */
export function encodeChangesFrame(own: VersionVector, update?: Uint8Array): Uint8Array {
  return joined(headOf(CHANGES, own), update);
}

/**
 * A binary frame that a client sent. The update is a view of `bytes`: copy what outlives the call.
 * Cost: O(vector); memory at most that of the vector's entries.
 * @throws {TransportError} `UNKNOWN_FRAME` for another kind, `TOO_LARGE` beyond the limits, `MALFORMED_FRAME`.
 */
export function decodeReplicaClientFrame(
  bytes: Uint8Array,
  limits: Partial<ReplicaLimits> = {},
): ReplicaClientFrame {
  // For each edit: no object is put together for it.
  const { vectorBytesMax = defaultLimits.vectorBytesMax, updateBytesMax = defaultLimits.updateBytesMax } =
    limits;
  const body = bytes.subarray(1);
  switch (bytes[0]) {
    case VECTOR:
      mustFit("vector", body.length, vectorBytesMax);
      return { kind: "vector", vector: versionOf("vector", body) };
    case UPDATE:
      mustFit("update", body.length, updateBytesMax);
      if (body.length === 0) throw malformed("update", "an update without operations");
      return { kind: "update", update: body };
    default:
      throw unknown(bytes);
  }
}

/**
 * A binary frame that a server sent. The update is a view of `bytes`: copy what outlives the call.
 * @throws {TransportError} as {@link decodeReplicaClientFrame}.
 */
export function decodeReplicaServerFrame(
  bytes: Uint8Array,
  limits: Partial<ReplicaLimits> = {},
): ReplicaServerFrame {
  const kind = bytes[0] === STATE ? "state" : bytes[0] === CHANGES ? "changes" : undefined;
  if (kind === undefined) throw unknown(bytes);
  mustFit(kind, bytes.length, limits.serverFrameBytesMax ?? defaultLimits.serverFrameBytesMax);
  const [from, to] = vectorPlace(kind, bytes);
  const update = to === bytes.length ? {} : { update: bytes.subarray(to) };
  if (kind === "state" && from === to && "update" in update) return { kind, ...update };
  return { kind, vector: versionOf(kind, bytes.subarray(from, to)), ...update };
}

function headOf(kind: number, version: VersionVector): Uint8Array {
  if (version.size === 0) return Uint8Array.of(kind, 1, 0); // Told edit by edit to all who wrote nothing.
  const vector = version.encode();
  return new Writer().u8(kind).varint(vector.length).bytes(vector).finish();
}

function joined(head: Uint8Array, update: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(head.length + update.length);
  bytes.set(head);
  bytes.set(update, head.length);
  return bytes;
}

/** Where the vector of a server's frame starts and ends. */
function vectorPlace(kind: string, bytes: Uint8Array): readonly [number, number] {
  const body = new Reader(bytes.subarray(1));
  const length = reading(kind, () => body.count());
  const from = 1 + body.position;
  return [from, from + length];
}

function versionOf(kind: string, bytes: Uint8Array): VersionVector {
  return reading(kind, () => VersionVector.decode(bytes));
}

function reading<T>(kind: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw malformed(kind, "no version vector", cause);
  }
}

function mustFit(kind: string, bytes: number, bytesMax: number): void {
  if (bytes <= bytesMax) return;
  throw new TransportError("TOO_LARGE", `more than ${bytesMax} bytes`, { inReplyTo: kind });
}

function malformed(inReplyTo: string, sentence: string, cause?: unknown): TransportError {
  return new TransportError("MALFORMED_FRAME", sentence, { inReplyTo, cause });
}

function unknown(bytes: Uint8Array): TransportError {
  const sentence = bytes.length === 0 ? "an empty frame" : "there is no binary frame of this kind here";
  return new TransportError("UNKNOWN_FRAME", sentence);
}
