import { type Random, random, seedOr } from "@motet/testing";
import { expect, it } from "vitest";
import { newFolder } from "./support/folder.js";
import { ServerProcess } from "./support/server-process.js";
import { Typist } from "./support/typist.js";

/** How often the server is killed: `KILL_ROUNDS=200` for an evening's worth, which is `pnpm kill-rounds`. */
const rounds = Number(process.env["KILL_ROUNDS"] ?? 20);
const seed = seedOr(41);

/** Acknowledgements that a round lets through at most, and turns of the event loop that the kill comes after the last. */
const ACKS_MAX = 80;
const TURNS_MAX = 60;

/** Every third commit is followed by a compaction, so that many a kill falls inside one. */
const COMPACT_AFTER = "2";

it(`of ${rounds} kills with SIGKILL none loses an acknowledged token, doubles one, or leaves half of one (F1, F7), seed ${seed}`, async () => {
  const rng = random(seed);
  const folder = await newFolder();
  const typists = ["ann", "bob", "cem", "dan", "eve"].map(
    (user, at) => new Typist(user, at < 3 ? "novel" : "essay"),
  );
  for (let round = 0; round < rounds; round++) await typeAndKill(folder, typists, rng);
  await withServer(folder, (address) => rejoin(typists, address));
  const kept = typists.map(({ acked }) => acked).reduce((sum, acked) => sum + acked);
  expect(kept, "nothing was acknowledged: this test has shown nothing").toBeGreaterThan(rounds);
}, 1_800_000);

/** One life of the server: everybody comes back, what is there is checked, all type at once, and the server is killed. */
async function typeAndKill(folder: string, typists: readonly Typist[], rng: Random): Promise<void> {
  const [lastAck, turns] = [1 + rng.int(ACKS_MAX), rng.int(TURNS_MAX)];
  await withServer(folder, async (address, server) => {
    await rejoin(typists, address);
    const lost = typists.map((typist) => typist.lost());
    await Promise.race([typeUntil(lastAck, typists), ...lost]);
    expect(server.isRunning, server.output).toBe(true);
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    await server.kill();
    await Promise.all(lost);
  });
  for (const typist of typists) expect(typist.complaints).toEqual([]);
}

/** Everybody types; resolves with so many acknowledgements. */
function typeUntil(lastAck: number, typists: readonly Typist[]): Promise<void> {
  return new Promise((resolve) => {
    let acks = 0;
    const onAck = () => {
      if (++acks === lastAck) resolve();
    };
    for (const typist of typists) typist.type(ACKS_MAX, onAck);
  });
}

/** Everybody joins again, and the documents hold the tokens of each: from the first on, without a gap, each once. */
async function rejoin(typists: readonly Typist[], address: string): Promise<void> {
  const states = await Promise.all(typists.map((typist) => typist.join(address)));
  states.forEach(({ text, session }, at) => {
    const typist = typists[at]!;
    expect(text.replaceAll(/<\w+:\d+>/g, ""), "pieces of tokens").toBe("");
    const numbers = typist.numbersIn(text);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index + 1));
    expect(numbers.length).toBeGreaterThanOrEqual(typist.acked);
    expect(numbers.length).toBeLessThanOrEqual(typist.sent);
    expect(session.last_id, "the number of the last message").toBe(numbers.length);
  });
}

async function withServer(
  folder: string,
  work: (address: string, server: ServerProcess) => Promise<void>,
): Promise<void> {
  const server = new ServerProcess(["--port", "0", "--data", folder, "--compact-entries", COMPACT_AFTER]);
  try {
    await work(await server.address(), server);
  } finally {
    await server.kill();
  }
}
