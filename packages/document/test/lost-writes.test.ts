import { type Random, random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import {
  type DocumentKey,
  type DocumentManager,
  documentId,
  documentKey,
  tenantId,
  userId,
} from "../src/index.js";
import { JournalStore } from "./support/journal-store.js";
import { SimulatedDisk } from "./support/simulated-disk.js";
import { turns, world } from "./support/world.js";

const LIVES = 4;
const STEPS = 60;
const documents = ["novel", "play"].map((name) => documentKey(tenantId("acme"), documentId(name)));

/** Somebody who appends numbered tokens to a document, and sends again what was not acknowledged. */
class Typist {
  readonly #name: string;
  readonly document: DocumentKey;
  /** Tokens that were ever sent, and those whose acknowledgement came: the first `acked` of them. */
  sent = 0;
  acked = 0;
  #next = 1;

  constructor(name: string, document: DocumentKey) {
    this.#name = name;
    this.document = document;
  }

  /** Sends the next token; its acknowledgement may come much later, or never. */
  type(manager: DocumentManager, nowMs: number): void {
    const id = this.#next++;
    this.sent = Math.max(this.sent, id);
    const operation = { type: "insert", position: 0, text: this.#token(id) } as const;
    const message = { client: this.#name, id };
    manager.applyOperation(this.document, operation, { user: userId(this.#name), nowMs, message }).then(
      () => {
        this.acked = Math.max(this.acked, id);
      },
      () => {}, // The server died before it could answer.
    );
  }

  /** A new line: what is not known to be saved is sent again. */
  reconnect(): void {
    this.#next = this.acked + 1;
  }

  /** What is wrong with `text`: the tokens must be 1 to p, each once and whole, with acked <= p <= sent. */
  flaws(text: string): string[] {
    const mine = [...text.matchAll(new RegExp(`${this.#name}:(\\d+);`, "g"))].map(([, id]) => Number(id));
    mine.sort((left, right) => left - right);
    const isWhole = mine.every((id, at) => id === at + 1) && mine.length <= this.sent;
    const isKept = mine.length >= this.acked;
    return isWhole && isKept ? [] : [`${this.#name} has ${mine}, acked ${this.acked}, sent ${this.sent}`];
  }

  #token(id: number): string {
    return `${this.#name}:${id};`;
  }
}

/** Lives of a server between power failures. Returns what was wrong after any of them. */
async function flawsOf(rng: Random, promisesEarly: boolean): Promise<string[]> {
  let disk = new SimulatedDisk();
  const typists = documents.flatMap((document) => ["ann", "bob"].map((name) => new Typist(name, document)));
  const flaws: string[] = [];
  for (let life = 0; life <= LIVES; life++) {
    const store = await JournalStore.recover(disk, promisesEarly);
    const { manager } = world(store, { compactEntries: 3 }, `life-${life}`);
    for (const typist of typists) {
      flaws.push(...typist.flaws((await manager.getSnapshot(typist.document)).text));
      typist.reconnect();
    }
    await live(manager, typists, disk, rng);
    disk = disk.crashed(rng);
  }
  return flaws;
}

async function live(manager: DocumentManager, typists: readonly Typist[], disk: SimulatedDisk, rng: Random) {
  for (let step = rng.int(STEPS); step < STEPS; step++) {
    const [what, typist] = [rng.int(3), rng.pick(typists)];
    if (what === 0) typist.type(manager, step);
    else if (what === 1) disk.completeSync();
    await turns(1);
  }
}

describe("a machine that loses power (F2)", () => {
  it.each(seeds(100))("keeps every acknowledged edit, each once and whole, seed %i", async (seed) => {
    expect(await flawsOf(random(seed), false)).toEqual([]);
  });

  it("would be found to lose edits if the store promised before its sync", async () => {
    const lives = await Promise.all([1, 2, 3, 4, 5].map((seed) => flawsOf(random(seed), true)));
    expect(lives.flat().length).toBeGreaterThan(0);
  });
});
