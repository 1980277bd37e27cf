import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import { Editor, JsonWriter, type Writer } from "./cluster-writers.js";

/** How often somebody types: whose turn it is types a few tokens at once, so that some are always on their way. */
const TURN_MS = 25;
const BURST = 3;

/** In a larger crowd one at a time: this process is all of its clients at once, and has to keep up. */
const CROWD = 50;

/** How often a condition is looked at. */
const LOOK_MS = 10;

/** People who write one document through several servers, and never stop until they are told to. */
export class ClusterCrowd {
  readonly writers: readonly Writer[];
  readonly #document: string;
  #turn = 0;
  #healedMs = performance.now();
  readonly #typing: NodeJS.Timeout;

  private constructor(document: string, writers: readonly Writer[]) {
    this.#document = document;
    this.writers = writers;
    this.#typing = setInterval(() => this.#type(), TURN_MS);
  }

  /** `count` people, at these addresses in turn, in threes of which one speaks JSON; resolves once everything that each typed first is acknowledged. */
  static async join(addresses: readonly string[], document: string, count: number): Promise<ClusterCrowd> {
    const writers = Array.from({ length: count }, (_, at): Writer => {
      const [Kind, address] = [
        at % 3 === 0 ? JsonWriter : Editor,
        addresses[(at + Math.floor(at / 3)) % addresses.length]!,
      ];
      return new Kind(address, document, `user${at}`);
    });
    const crowd = new ClusterCrowd(document, writers);
    await crowd.untilAcknowledged(1);
    return crowd;
  }

  get editors(): readonly Editor[] {
    return this.writers.filter((writer) => writer instanceof Editor);
  }

  /** Tokens that were acknowledged so far. */
  get acked(): number {
    return this.writers.reduce((sum, { acked }) => sum + acked, 0);
  }

  /** The longest time that somebody was without a line. */
  get gapMsMax(): number {
    return Math.max(...this.writers.map(({ gaps }) => gaps.maxMs));
  }

  /** Resolves once each of `who` has had `count` more tokens acknowledged. */
  async untilAcknowledged(count: number, who: readonly Writer[] = this.writers): Promise<void> {
    const goals = who.map((writer) => writer.acked + count);
    await until(() => who.every(({ acked }, at) => acked >= goals[at]!));
  }

  /** Everybody stops; resolves once all that was typed is acknowledged. */
  async rest(): Promise<void> {
    clearInterval(this.#typing);
    await until(() => this.writers.every(({ sent, acked }) => sent === acked));
  }

  /** From now on nothing is wrong any more. */
  healed(): void {
    this.#healedMs = performance.now();
  }

  /** Everybody stops; resolves once everybody sees the same. @returns how long after the healing that was, in milliseconds. */
  async converge(): Promise<number> {
    await this.rest();
    const length = this.writers.flatMap(({ user, sent }) => tokens(user, sent)).join("").length;
    await until(() => this.editors.every(({ text }) => text.length === length));
    return Math.round(performance.now() - this.#healedMs);
  }

  /** Whether each server shows what everybody sees, and in it each token that was typed, once. */
  async check(addresses: readonly string[]): Promise<void> {
    expect(this.writers.flatMap(({ complaints }) => complaints)).toEqual([]);
    const typed = this.writers.flatMap(({ user, sent }) => tokens(user, sent));
    for (const address of addresses) {
      const headers = { accept: "text/plain" };
      const text = await (await fetch(`${address}/api/v1/documents/${this.#document}`, { headers })).text();
      expect(text.match(/<\w+:\d+>/g)?.toSorted()).toEqual(typed.toSorted());
      expect(text.replaceAll(/<\w+:\d+>/g, ""), "pieces of tokens").toBe("");
      for (const editor of this.editors) expect(editor.text).toBe(text);
    }
  }

  async leave(): Promise<void> {
    clearInterval(this.#typing);
    await Promise.all(this.writers.map((writer) => writer.leave()));
  }

  #type(): void {
    const writer = this.writers[this.#turn++ % this.writers.length]!;
    const burst = this.writers.length > CROWD ? 1 : BURST;
    for (let token = 0; token < burst; token++) writer.type();
  }
}

function tokens(user: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `<${user}:${at + 1}>`);
}

/** Resolves once it holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await wait(LOOK_MS);
}
