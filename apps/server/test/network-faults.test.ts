import { connect, MemoryLocalStore, type RemoteDocument } from "@motet/client";
import { type Random, random, seedOr } from "@motet/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { newFolder } from "./support/folder.js";
import { generateFlatSession } from "./support/generated-session.js";
import { JsonClient } from "./support/json-client.js";
import { Line } from "./support/line.js";
import { ServerProcess } from "./support/server-process.js";
import { loadTrace, type Transaction } from "./support/trace.js";
import { until } from "./support/until.js";

/** Transactions of each session that are replayed; `FAULT_TRANSACTIONS=26078` replays the whole, which takes minutes. */
const TRANSACTIONS = Number(process.env["FAULT_TRANSACTIONS"] ?? 3_000);
const SEED = seedOr(9);

type Patch = Transaction["patches"][number];

/** Parts of the page that two write at once; even ones are the first one's. */
const SECTIONS = 8;

/** One transaction in so many has the line cut, left half open, or the server killed after it. */
const CUT_EACH = 150;
const ABANDON_EACH = 200;
const KILL_EACH = 900;

/** A server, a bad network before it, two people with the SDK, and somebody who reads JSON. */
class World {
  readonly #rng: Random;
  readonly people: readonly RemoteDocument[];
  readonly #line: Line;
  readonly #folder: string;
  #server: ServerProcess;
  #restart: Promise<void> = Promise.resolve();
  #reader: JsonClient | undefined;
  faults = 0;
  kills = 0;

  private constructor(rng: Random, server: ServerProcess, line: Line, folder: string) {
    this.#rng = rng;
    this.#server = server;
    this.#line = line;
    this.#folder = folder;
    this.people = ["ann", "bob"].map((user) =>
      connect(line.address, {
        document: "page",
        user,
        store: new MemoryLocalStore(),
        limits: { attemptIntervalMs: 20, backoffBaseMs: 20, backoffCeilingMs: 200 },
      }),
    );
  }

  static async open(rng: Random): Promise<World> {
    const folder = await newFolder();
    const server = new ServerProcess(["--port", "0", "--data", folder]);
    const line = await Line.to(await server.address());
    // Of its own: how often the line asks depends on the machine, and what goes wrong must not.
    const delays = random(SEED + 1);
    line.delayMs = () => (delays.int(4) === 0 ? delays.int(10) : 0);
    return new World(rng, server, line, folder);
  }

  /** Something may go wrong now. */
  async suffer(): Promise<void> {
    if (this.#rng.int(CUT_EACH) === 0) this.#fault(() => this.#line.cut());
    if (this.#rng.int(ABANDON_EACH) === 0) this.#fault(() => this.#line.abandon());
    if (this.#rng.int(KILL_EACH) === 0) this.#kill();
    if (this.#rng.int(6) === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Resolves once both people have everything saved, and see the same. */
  async agree(): Promise<void> {
    const [ann, bob] = this.people as readonly [RemoteDocument, RemoteDocument];
    await Promise.all([ann.whenSaved(), bob.whenSaved()]);
    await until([ann, bob], () => ann.snapshot().version.equals(bob.snapshot().version));
  }

  /** What somebody without a CRDT reads, who has been there since they were last cut off. */
  async read(): Promise<string> {
    await this.#restart;
    const { versionNumber } = this.people[0]!.snapshot();
    for (;;) {
      try {
        this.#reader ??= await JsonClient.join(this.#line.address, { user: "joe" });
        await this.#reader.reach(versionNumber);
        return this.#reader.text;
      } catch {
        this.#reader = undefined; // Cut off: a fresh state is where they begin again.
      }
    }
  }

  async close(): Promise<void> {
    await this.#restart;
    await Promise.all(this.people.map((person) => person.close()));
    await this.#line.close();
    await this.#server.kill();
  }

  #fault(happen: () => void): void {
    this.faults++;
    happen();
  }

  #kill(): void {
    this.kills++;
    this.#restart = this.#restart.then(async () => {
      await this.#server.kill();
      this.#server = new ServerProcess(["--port", "0", "--data", this.#folder]);
      this.#line.port = Number(new URL(await this.#server.address()).port);
    });
  }
}

let world: World;
let rng: Random;
beforeEach(async () => {
  rng = random(SEED);
  world = await World.open(rng);
});
afterEach(() => world.close());

const { source, trace } = loadTrace("friendsforever_flat", generateFlatSession);

it(`replays ${TRANSACTIONS} transactions of ${source} in turns, while lines break and the server dies, seed ${SEED}`, async () => {
  const txns = trace.txns.slice(0, TRANSACTIONS);
  let [who, left] = [0, 0];
  for (const { patches } of txns) {
    if (left-- === 0) {
      await world.agree(); // Whose turn it is begins with what the other has left.
      [who, left] = [1 - who, rng.int(400)];
    }
    for (const patch of patches) write(world.people[who]!, patch);
    await world.suffer();
  }
  await expectAll(txns.reduce((text, { patches }) => patches.reduce(patched, text), ""));
  if (TRANSACTIONS >= trace.txns.length) expect(world.people[0]!.text).toBe(trace.endContent);
}, 1_800_000);

it(`keeps every word of two who type at once, while lines break and the server dies, seed ${SEED}`, async () => {
  const sections = new Array<string>(SECTIONS).fill("");
  write(world.people[0]!, [0, 0, "|".repeat(SECTIONS)]);
  await world.agree();
  for (let edit = 0; edit < Math.min(TRANSACTIONS, 6_000); edit++) {
    const section = rng.int(SECTIONS);
    const own = sections[section]!;
    const at = rng.int(own.length + 1);
    const patch: Patch =
      rng.int(4) > 0 || at === 0 ? [at, 0, rng.pick(["a", "b ", "\n", "é"])] : [at - 1, 1, ""];
    sections[section] = patched(own, patch);
    const person = world.people[section % 2]!; // Nobody else writes in it, so that the whole is known.
    write(person, [startOf(person.text, section) + patch[0], patch[1], patch[2]]);
    await world.suffer();
  }
  await expectAll(sections.map((section) => `${section}|`).join(""));
}, 1_800_000);

async function expectAll(text: string): Promise<void> {
  await world.agree();
  for (const person of world.people) expect(person.text).toBe(text);
  expect(await world.read()).toBe(text);
  expect(Math.min(world.faults, world.kills)).toBeGreaterThan(0);
}

/** Where a section begins: behind the bar of the one before. */
function startOf(text: string, section: number): number {
  let start = 0;
  for (let passed = 0; passed < section; passed++) start = text.indexOf("|", start) + 1;
  return start;
}

function patched(text: string, [position, deleted, inserted]: Patch): string {
  return text.slice(0, position) + inserted + text.slice(position + deleted);
}

function write(person: RemoteDocument, [position, deleted, inserted]: Patch): void {
  if (deleted > 0) person.delete(position, deleted);
  if (inserted !== "") person.insert(position, inserted);
}
