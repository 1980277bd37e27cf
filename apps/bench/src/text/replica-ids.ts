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

/** An integer of exactly `bits` bits: the highest one is always set. `bits` in [1, 64]. */
export function wideInteger(index: number, bits: number): bigint {
  const rng = random(index);
  const any = (BigInt(rng.int(2 ** 32)) << 32n) | BigInt(rng.int(2 ** 32));
  return BigInt.asUintN(bits, any) | (1n << BigInt(bits - 1));
}

/** `bytes` bytes as hexadecimal digits. */
export function wideHex(index: number, bytes: number): string {
  const rng = random(index);
  return Array.from({ length: bytes }, () => rng.int(256).toString(16).padStart(2, "0")).join("");
}
