import type { Random } from "@motet/testing";
import { replicaId, TextCRDT } from "../../src/index.js";

/** A text for each name. */
export function replicas(...names: string[]): TextCRDT[] {
  return names.map((name) => new TextCRDT(replicaId(name)));
}

/** A text that holds what `original` holds, under another name or the same. */
export function copyOf(original: TextCRDT, name: string = original.replica): TextCRDT {
  const copy = new TextCRDT(replicaId(name));
  copy.merge(original);
  return copy;
}

/** Everybody takes in everything that anybody has. */
export function sync(...texts: TextCRDT[]): void {
  for (const to of texts) for (const from of texts) if (from !== to) to.merge(from);
}

/** Every element in order, tombstones included: what replicas have to agree on. */
export function internalOrder(text: TextCRDT): string[] {
  return [...text.items()].map(
    ({ id, character, deleted }) => `${id.replica}:${id.seq}${deleted ? " deleted " : " "}${character}`,
  );
}

const WORDS = ["a", "xy", "word ", "\n", "é", "😀", "日本", "longer text "];

/** One edit: mostly typing, sometimes a deletion; every second one near the start, where all get in each other's way. */
export function editAnywhere(text: TextCRDT, rng: Random): void {
  const current = text.toString();
  const reach = rng.once(2) ? Math.min(text.length, 3) : text.length;
  const offset = boundary(current, rng.int(reach + 1));
  if (rng.int(10) < 6 || current === "") {
    text.insert(offset, rng.pick(WORDS));
  } else {
    const end = boundary(current, Math.min(text.length, offset + 1 + rng.int(4)));
    text.delete(offset, end - offset);
  }
}

/** `offset`, or the one before it where that would cut a character in two. */
export function boundary(text: string, offset: number): number {
  const unit = text.charCodeAt(offset);
  return unit >= 0xdc00 && unit <= 0xdfff ? offset - 1 : offset;
}
