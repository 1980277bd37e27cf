/**
 * Replica ids as wide as random ones, yet the same in every run. One-byte ids would flatter updates and files.
 */
import { random } from "@motet/testing";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Eleven characters of [A-Za-z0-9_-]: 66 bits. */
export function wideText(index: number): string {
  const rng = random(index);
  return Array.from({ length: 11 }, () => ALPHABET[rng.int(64)]!).join("");
}

/**
 * An integer of exactly `bits` bits, in [32, 64]: the highest one is always set. They rise with `index`, in [0, 65535]: where two write at one place at once Yjs and its
 * kin go by the ids, and the text that the recorded session of several people ends with is that of rising ones.
 */
export function wideInteger(index: number, bits: number): bigint {
  const rng = random(index);
  const any = (BigInt(rng.int(2 ** 32)) << 32n) | BigInt(rng.int(2 ** 32));
  const below = BigInt.asUintN(bits - 17, any);
  return (1n << BigInt(bits - 1)) | (BigInt(index) << BigInt(bits - 17)) | below;
}

/** `bytes` bytes as hexadecimal digits. */
export function wideHex(index: number, bytes: number): string {
  const rng = random(index);
  return Array.from({ length: bytes }, () => rng.int(256).toString(16).padStart(2, "0")).join("");
}
