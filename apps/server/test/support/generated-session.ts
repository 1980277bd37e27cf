import { random } from "@motet/testing";
import type { Trace, Transaction } from "./trace.js";

/** Sections of the generated document; even ones belong to agent 0, odd ones to agent 1. */
const SECTIONS = 8;

/** Edits that a person makes in one place before they go elsewhere, on average. */
const STAY = 30;

const LETTERS = [..."abcdefgh \n"];

/**
 * Two people who type at once, each in sections of their own that alternate down the page, and who hear of each other late.
 * A `|` that nobody deletes ends each section, so no two inserts ever meet at one place, and the final text is known
 * without any CRDT: it is the sections, one after another.
 */
export function generateSession(seed: number, count: number): Trace {
  const rng = random(seed);
  const people = [new Typist(0), new Typist(1)] as const;
  const txns: Transaction[] = [{ agent: 0, parents: [], patches: [[0, 0, "|".repeat(SECTIONS)]] }];
  while (txns.length < count) {
    const me = people[rng.int(2)]!;
    const other = people[1 - me.agent]!;
    if (rng.int(10) === 0) me.hear(other, rng.int(other.edits.length - me.heard + 1));
    if (rng.int(STAY) === 0) me.goTo(rng.int(SECTIONS / 2), rng.next());
    const patch = rng.int(4) === 0 ? me.erase() : me.write(rng.pick(LETTERS));
    txns.push({ agent: me.agent, parents: me.takeParents(txns.length), patches: [patch] });
  }
  const endContent = Array.from(
    { length: SECTIONS },
    (_, section) => `${people[section % 2]!.textOf(section)}|`,
  );
  return { endContent: endContent.join(""), numAgents: 2, txns };
}

/** One text, edited in one place after another: each position counts in what all before have left. */
export function generateFlatSession(seed: number, count: number): Trace {
  const rng = random(seed);
  const txns: Transaction[] = [];
  let [text, caret] = ["", 0];
  while (txns.length < count) {
    if (rng.int(STAY) === 0) caret = rng.int(text.length + 1);
    const isErased = rng.int(4) === 0 && caret > 0;
    const [at, deleted, inserted] = isErased ? [caret - 1, 1, ""] : [caret, 0, rng.pick(LETTERS)];
    text = text.slice(0, at) + inserted + text.slice(at + deleted);
    caret = at + inserted.length;
    txns.push({
      agent: 0,
      parents: txns.length === 0 ? [] : [txns.length - 1],
      patches: [[at, deleted, inserted]],
    });
  }
  return { endContent: text, numAgents: 1, txns };
}

/** One of the two, with what they know: their own sections, and how long the other's are as far as they have heard. */
class Typist {
  /** Everything they did: where, by how much the section grew, and which transaction it became. */
  readonly edits: { readonly section: number; readonly growth: number; txn: number }[] = [];
  /** How many of the other's edits they have heard of. */
  heard = 0;
  readonly #texts = new Array<string>(SECTIONS).fill("");
  readonly #lengths = new Array<number>(SECTIONS).fill(0);
  #section: number;
  #caret = 0;
  #parents: number[] = [0];

  constructor(readonly agent: number) {
    this.#section = agent;
  }

  textOf(section: number): string {
    return this.#texts[section]!;
  }

  /** Puts the caret into the own section `nth`, at a share of its length in [0, 1). */
  goTo(nth: number, share: number): void {
    this.#section = 2 * nth + this.agent;
    this.#caret = Math.floor(share * (this.textOf(this.#section).length + 1));
  }

  write(letter: string): [number, number, string] {
    return this.#edit(this.#caret, 0, letter);
  }

  /** Takes away the letter before the caret; writes one where there is none. */
  erase(): [number, number, string] {
    return this.#caret === 0 ? this.write("x") : this.#edit(this.#caret - 1, 1, "");
  }

  hear(other: Typist, count: number): void {
    const news = other.edits.slice(this.heard, this.heard + count);
    for (const { section, growth } of news) this.#lengths[section]! += growth;
    this.heard += news.length;
    const last = news.at(-1);
    if (last !== undefined) this.#parents.push(last.txn);
  }

  /** What the edit made last follows. It is transaction `txn`, which the next one follows. */
  takeParents(txn: number): number[] {
    const parents = this.#parents;
    this.#parents = [txn];
    this.edits.at(-1)!.txn = txn;
    return parents;
  }

  #edit(at: number, deleted: number, inserted: string): [number, number, string] {
    const section = this.#section;
    const text = this.textOf(section);
    const start = this.#lengths.slice(0, section).reduce((sum, length) => sum + length + 1, 0);
    const growth = inserted.length - deleted;
    this.#texts[section] = text.slice(0, at) + inserted + text.slice(at + deleted);
    this.#lengths[section]! += growth;
    this.#caret = at + inserted.length;
    this.edits.push({ section, growth, txn: 0 });
    return [start + at, deleted, inserted];
  }
}
