import { type ReplicaId, replicaId } from "@motet/crdt-core";

/** Gives `count` random bytes that nobody can guess. */
export type RandomBytes = (count: number) => Uint8Array;

/** One instance of a document: drawn anew with each page load, so that no copied tab or restored machine repeats an id. */
export interface Identity {
  readonly replica: ReplicaId;
  /** Proves to the server that a later connection is the same instance. */
  readonly secret: string;
}

/** 128 random bits: two of them never meet. */
const ID_BYTES = 16;
const SECRET_BYTES = 24;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** A fresh id and its secret. */
export function drawIdentity(random: RandomBytes): Identity {
  return { replica: replicaId(drawName(random, ID_BYTES)), secret: drawName(random, SECRET_BYTES) };
}

/** A random name of `bytes` characters or more, of `[A-Za-z0-9_-]`: base64url, six bits in each. */
export function drawName(random: RandomBytes, bytes: number): string {
  let [name, bits, width] = ["", 0, 0];
  for (const byte of random(bytes)) {
    bits = ((bits << 8) | byte) & 0xffff;
    for (width += 8; width >= 6; width -= 6) name += ALPHABET[(bits >> (width - 6)) & 63];
  }
  return width === 0 ? name : name + ALPHABET[(bits << (6 - width)) & 63];
}
