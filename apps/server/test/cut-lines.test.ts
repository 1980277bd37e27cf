import { connect, MemoryLocalStore, type Platform, type RemoteDocument } from "@motet/client";
import { documentId } from "@motet/document";
import { random, seedOr } from "@motet/testing";
import type { SocketListener } from "@motet/transport";
import { ManualClock, MemorySocket } from "@motet/transport/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { generateFlatSession } from "./support/generated-session.js";
import { HttpApi } from "./support/http-api.js";
import { Line } from "./support/line.js";
import { TestServer } from "./support/test-server.js";
import { loadTrace } from "./support/trace.js";
import { until } from "./support/until.js";

/** Short sessions at once: most of each is waiting. */
const AT_ONCE = 16;

/** Transactions of the recorded session. */
const TRANSACTIONS = 40;

let world: TestServer;
beforeEach(async () => {
  world = await TestServer.start();
});
afterEach(async () => {
  await world.close();
  expect(world.defects).toEqual([]);
});

const letters = (text: string) => [...text].sort().join("");

describe("a session over TCP", () => {
  let lines: Line[];
  beforeEach(async () => {
    lines = await Promise.all(Array.from({ length: AT_ONCE }, () => Line.to(world.address)));
  });
  afterEach(() => Promise.all(lines.map((line) => line.close())));

  /** Comes back at once. */
  const open = (line: Line, user: string, document: string) =>
    connect(line.address, { document, user, store: new MemoryLocalStore(), platform: { random: () => 0 } });

  /** Somebody types, renames and types on, whatever happens to their line. */
  async function session(line: Line, document: string): Promise<void> {
    const ann = open(line, "ann", document);
    ann.insert(0, "one ");
    await ann.whenSaved();
    ann.setTitle("Minutes");
    ann.insert(4, "two ");
    await ann.whenSaved();
    await ann.close();
    const { body } = await new HttpApi(world.address, document).get();
    expect([body.text, body.title], document).toEqual(["one two ", "Minutes"]);
  }

  it("loses and doubles nothing when it is cut, at each byte of it in either direction", async () => {
    await session(lines[0]!, "whole");
    const { bytes } = lines[0]!;
    let next = 1;
    const cutOneAfterTheOther = async (line: Line) => {
      for (let cut = next++; cut <= bytes; cut = next++) {
        line.bytesLeft = cut;
        await session(line, `cut-${cut}`);
        line.bytesLeft = Number.POSITIVE_INFINITY;
      }
    };
    await Promise.all(lines.map(cutOneAfterTheOther));
    expect(bytes).toBeGreaterThan(500);
  }, 120_000);

  it.each([1, 2, 3].map(seedOr))(
    "loses and doubles nothing when it is cut again and again, seed %i",
    async (seed) => {
      const rng = random(seed);
      const [line] = lines as [Line];
      const clients = ["ann", "bob", "bob"].map((user) => open(line, user, "page"));
      let typed = "";
      for (let step = 0; step < 150; step++) {
        const document = rng.pick(clients);
        const letter = String.fromCharCode(97 + rng.int(26));
        document.insert(rng.int(document.length + 1), letter);
        typed += letter;
        if (rng.int(5) === 0) line.bytesLeft = rng.int(3_000);
        if (rng.int(10) === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(clients.map((document) => document.whenSaved()));
      await until(clients, () => clients.every(({ text }) => text === clients[0]?.text));
      await until(clients, () => clients.every(({ length }) => length === typed.length));
      expect(letters(clients[0]!.text)).toBe(letters(typed));
      await Promise.all(clients.map((document) => document.close()));
    },
  );
});

describe("a recorded session", () => {
  const { source, trace } = loadTrace("friendsforever_flat", generateFlatSession);
  const patches = trace.txns.slice(0, TRANSACTIONS).flatMap((txn) => txn.patches);

  it(`loses and doubles nothing when a message of it is lost with its line, whichever it is (${source})`, async () => {
    const whole = new Wire(world);
    const text = await replay(whole, "whole");
    expect(whole.messages).toBeGreaterThan(100);
    for (let cut = 1; cut <= whole.messages; cut++) {
      const wire = new Wire(world, cut);
      expect(await replay(wire, `cut-${cut}`), `without message ${cut}`).toBe(text);
    }
  }, 120_000);

  /** Two people write it in turns of five changes, each when they see what the other wrote. Returns what all read. */
  async function replay(wire: Wire, document: string): Promise<string> {
    const people = ["ann", "bob"].map((user) => wire.open(user, document)) as [
      RemoteDocument,
      RemoteDocument,
    ];
    const seesAll = () => people[0].text === people[1].text && people.every(({ state }) => state === "saved");
    for (const [index, [position, deleted, inserted]] of patches.entries()) {
      if (index % 5 === 0) await wire.until(seesAll);
      const writer = people[Math.floor(index / 5) % 2]!;
      if (deleted > 0) writer.delete(position, deleted);
      if (inserted !== "") writer.insert(position, inserted);
      await new Promise((resolve) => setImmediate(resolve)); // Each change may go out on its own.
    }
    await wire.until(seesAll);
    await Promise.all(people.map((person) => person.close()));
    return people[0].text;
  }
});

/** Lines in memory to a server, one of which is cut, once. */
class Wire {
  readonly #world: TestServer;
  readonly #cutAt: number;
  readonly #clock = new ManualClock();
  /** How many have been sent, in both directions. */
  messages = 0;

  /** @param cutAt The message that gets lost, and its line with it. */
  constructor(world: TestServer, cutAt = Number.POSITIVE_INFINITY) {
    this.#world = world;
    this.#cutAt = cutAt;
  }

  open(user: string, document: string): RemoteDocument {
    const open: Platform["open"] = async (_url, listener) => {
      const [near, far] = MemorySocket.pair();
      const cut = () => near.terminate();
      near.listen(this.#counted(listener, cut));
      far.listen(this.#counted(this.#world.server.serve(far, documentId(document)), cut));
      return near;
    };
    const platform = { open, clock: this.#clock, random: () => 0 };
    return connect("ws://motet.example", { document, user, store: new MemoryLocalStore(), platform });
  }

  /** Lets time pass until `isSo`. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      this.#clock.advance(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #counted(listener: SocketListener, cut: () => void): SocketListener {
    const deliver = (report: () => void) => {
      this.messages++;
      if (this.messages === this.#cutAt) cut();
      else report();
    };
    return {
      ...listener,
      text: (text) => deliver(() => listener.text(text)),
      binary: (bytes) => deliver(() => listener.binary(bytes)),
    };
  }
}
