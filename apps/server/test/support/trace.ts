import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { random } from "./random.js";

/** A recorded session of several people, in the format of josephg/editing-traces. */
export interface Trace {
  readonly endContent: string;
  readonly numAgents: number;
  readonly txns: readonly Transaction[];
}

export interface Transaction {
  readonly agent: number;
  /** Transactions, by their index, that this one directly follows. */
  readonly parents: readonly number[];
  /** Position, characters deleted there, text inserted there. */
  readonly patches: readonly (readonly [number, number, string])[];
}

/** As many transactions as `friendsforever` has. */
const SESSION_TRANSACTIONS = 26_078;

/** The recorded session `name`, or a generated one of the same size where no traces are at hand. */
export function loadTrace(name: string): { source: string; trace: Trace } {
  const beside = fileURLToPath(new URL("../../../../../shared/traces", import.meta.url));
  const folder = process.env["MOTET_TRACES"] ?? beside;
  const file = `${folder}/${name}.json.gz`;
  if (!existsSync(file)) {
    return { source: "a generated session, seed 1", trace: generateSession(1, SESSION_TRANSACTIONS) };
  }
  return { source: name, trace: JSON.parse(gunzipSync(readFileSync(file)).toString()) as Trace };
}

/**
 * For each transaction, how many transactions of each agent are among its ancestors. As agents type one
 * thing after another, these counts say exactly what the agent had seen.
 */
export function knownBefore({ txns, numAgents }: Trace): readonly (readonly number[])[] {
  const before: number[][] = [];
  const after: number[][] = [];
  for (const { agent, parents } of txns) {
    const known = new Array<number>(numAgents).fill(0);
    for (const parent of parents) raise(known, after[parent]!);
    before.push(known);
    after.push(known.map((count, of) => (of === agent ? count + 1 : count)));
  }
  return before;
}

function raise(known: number[], to: readonly number[]): void {
  to.forEach((count, of) => {
    known[of] = Math.max(known[of]!, count);
  });
}

/** Sections of the generated document; even ones belong to agent 0, odd ones to agent 1. */
const SECTIONS = 8;

/**
 * Two people who type at once, each in sections of their own that alternate down the page, and who hear of
 * each other late. A `|` that nobody deletes ends each section, so no two inserts ever meet at one place
 * and the final text is known without any CRDT: it is the sections, one after another.
 */
export function generateSession(seed: number, count: number): Trace {
  const rng = random(seed);
  const sections = new Array<string>(SECTIONS).fill("");
  const txns: Transaction[] = [{ agent: 0, parents: [], patches: [[0, 0, "|".repeat(SECTIONS)]] }];
  const people = [0, 1].map((agent) => new Person(agent));
  while (txns.length < count) {
    const me = people[rng.int(2)]!;
    const other = people[1 - me.agent]!;
    if (rng.int(10) === 0) me.hear(other, rng.int(other.edits.length - me.heard + 1));
    const section = 2 * rng.int(SECTIONS / 2) + me.agent;
    const patch = draw(sections[section]!.length);
    sections[section] = patched(sections[section]!, patch);
    const start = me.startOf(section);
    me.edited(section, patch[2].length - patch[1], txns.length);
    txns.push({
      agent: me.agent,
      parents: me.takeParents(),
      patches: [[start + patch[0], patch[1], patch[2]]],
    });
  }
  return { endContent: sections.map((text) => `${text}|`).join(""), numAgents: 2, txns };

  function draw(length: number): [number, number, string] {
    const at = rng.int(length + 1);
    return rng.int(4) === 0 && at < length ? [at, 1, ""] : [at, 0, rng.pick([..."abcdefgh \n"])];
  }
}

function patched(text: string, [at, deleted, inserted]: readonly [number, number, string]): string {
  return text.slice(0, at) + inserted + text.slice(at + deleted);
}

/** What one of the two knows: the length of every section as they have heard of it. */
class Person {
  readonly edits: { section: number; growth: number; txn: number }[] = [];
  heard = 0;
  readonly #lengths = new Array<number>(SECTIONS).fill(0);
  #parents: number[] = [0];

  constructor(readonly agent: number) {}

  startOf(section: number): number {
    return this.#lengths.slice(0, section).reduce((sum, length) => sum + length + 1, 0);
  }

  edited(section: number, growth: number, txn: number): void {
    this.edits.push({ section, growth, txn });
    this.#lengths[section]! += growth;
  }

  hear(other: Person, count: number): void {
    const news = other.edits.slice(this.heard, this.heard + count);
    for (const { section, growth } of news) this.#lengths[section]! += growth;
    this.heard += news.length;
    const last = news.at(-1);
    if (last !== undefined) this.#parents = [...this.#parents, last.txn];
  }

  /** The parents of the edit made last; the next one follows it. */
  takeParents(): number[] {
    const parents = this.#parents;
    this.#parents = [this.edits.at(-1)!.txn];
    return parents;
  }
}
