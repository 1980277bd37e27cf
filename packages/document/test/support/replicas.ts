import { replicaId } from "@motet/crdt-core";
import type { Random } from "@motet/testing";
import { Document, documentId, type Operation } from "../../src/index.js";

/** Replicas of one document, none of which has seen anything. */
export function replicas<const Names extends readonly string[]>(
  ...names: Names
): { [At in keyof Names]: Document } {
  return names.map((name) => new Document({ id: documentId("novel"), replica: replicaId(name) })) as {
    [At in keyof Names]: Document;
  };
}

/** Brings every replica what any of them has. */
export function sync(...documents: readonly Document[]): void {
  for (const to of documents) for (const from of documents) if (to !== from) to.merge(from);
}

/** Types `text` at `position` and hands out the update. */
export function type(document: Document, position: number, text: string, nowMs = 0): Uint8Array {
  document.apply({ type: "insert", position, text }, nowMs);
  return document.takeUpdate()!;
}

/** What two replicas that have seen the same must agree on, in a form that compares well. */
export function said(document: Document): unknown {
  const { text, title, counters, fields, version } = document.snapshot();
  return { text, title, counters: [...counters], fields: [...fields], version: version.toJSON() };
}

const WORDS = ["a", "be", "sea", "ü", "日本", "😀", "x😀y", "\n"];

/** Some operation that fits a text of that content. Offsets never split a character. */
export function someOperation(rng: Random, text: string): Operation {
  const kind = rng.int(20);
  const from = boundary(text, rng.int(text.length + 1));
  const to = boundary(text, Math.min(text.length, from + 1 + rng.int(4)));
  const [name, number, word] = [rng.pick(["k", "l"]), rng.int(9) - 4, rng.pick(WORDS)];
  if (kind === 0) return { type: "set_title", title: word };
  if (kind === 1 && number !== 0) return { type: "increment_counter", counter: name, amount: number };
  if (kind === 2) return { type: "set_field", field: name, value: number };
  if (kind < 9 && to > from) return { type: "delete", position: from, length: to - from };
  return { type: "insert", position: from, text: word };
}

function boundary(text: string, offset: number): number {
  const unit = text.charCodeAt(offset);
  return unit >= 0xdc00 && unit <= 0xdfff ? offset - 1 : offset;
}
