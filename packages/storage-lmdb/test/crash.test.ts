import { random, seeds } from "@motet/testing";
import { describe, expect, it } from "vitest";
import { LmdbDocumentStore } from "../src/index.js";
import { bytes, Child, canTrace, crashed, key, named, newFolder } from "./support.js";

const documents = ["left", "middle", "right"].map(named);
/** How often the writer is killed, for each seed: `CRASH_ROUNDS=50 npx vitest run crash` for more. */
const { CRASH_ROUNDS = "6" } = process.env;

describe("a process that is killed while it appends and compacts (F1, F7)", () => {
  it.each(seeds(2))(
    `has kept every acknowledged entry, each once, and never half a replacement; ${CRASH_ROUNDS} kills, seed %i`,
    async (seed) => {
      const rng = random(seed);
      const folder = await newFolder();
      for (let round = 0; round < Number(CRASH_ROUNDS); round++) {
        const acknowledged = await writeAndKill(folder, 1 + rng.int(300));
        for (const [id, numbers] of await readAll(folder)) {
          expect(numbers, id).toEqual(Array.from({ length: numbers.length }, (_, at) => at + 1));
          expect(numbers.length, id).toBeGreaterThanOrEqual(acknowledged.get(id) ?? 0);
        }
      }
    },
    120_000,
  );
});

describe.runIf(canTrace)(
  "a process that is killed at one of its own calls, with entries in the journal when it starts (F1)",
  () => {
    const novel = named("novel");
    const before = ["a", "b", "c"];

    /** Opened, written in, and left without being closed. */
    const left = async (): Promise<string> => {
      const folder = await newFolder();
      const store = await LmdbDocumentStore.open({ folder });
      for (const name of before) await store.append(novel, key(name), bytes(1));
      const image = await crashed(folder);
      await store.close();
      return image;
    };

    it.each([
      ["pwrite64", 9],
      ["writev", 3],
      ["fdatasync", 3],
      ["fsync", 4],
      ["ftruncate", 2],
    ])("has kept every acknowledged entry, each once, whichever %s it is, of %i", async (call, count) => {
      for (let when = 1; when <= count; when++) {
        const folder = await left();
        const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=SIGKILL:when=${when}`];
        const child = new Child(
          "appender.mjs",
          [folder, novel],
          ["strace", "-f", "-qq", "-o", "/dev/null", ...inject],
        );
        const stored: string[] = [];
        for await (const line of child.lines()) if (line.endsWith(" ok")) stored.push(line.split(" ")[0]!);
        await child.exited;
        const store = await LmdbDocumentStore.open({ folder });
        const names = (await store.load(novel)).map((entry) => entry.key as string);
        await store.close();
        expect(names.slice(0, before.length + stored.length), `${call} ${when}`).toEqual([
          ...before,
          ...stored,
        ]);
        expect(names.length - before.length - stored.length, `${call} ${when}`).toBeLessThanOrEqual(2);
      }
    });
  },
);

/** The highest number acknowledged for each document, by a writer that was killed after so many acknowledgements or a few more. */
async function writeAndKill(folder: string, acknowledgements: number): Promise<Map<string, number>> {
  const writer = new Child("writer.mjs", [folder, documents.join(",")]);
  const highest = new Map<string, number>();
  let seen = 0;
  for await (const line of writer.lines()) {
    const [id, number] = line.split(" ");
    highest.set(id!, Math.max(highest.get(id!) ?? 0, Number(number)));
    if (++seen === acknowledgements) writer.kill();
  }
  expect(await writer.exited).toBe("SIGKILL");
  return highest;
}

/** The numbers that each document's entries hold, sorted: one that was covered and is still there would be here twice. */
async function readAll(folder: string): Promise<[string, number[]][]> {
  const store = await LmdbDocumentStore.open({ folder });
  const all: [string, number[]][] = [];
  for (const id of documents) {
    const numbers = (await store.load(id)).flatMap((entry) =>
      [...new Uint32Array(entry.bytes.slice().buffer)].filter((number) => number > 0),
    );
    all.push([id, numbers.sort((left, right) => left - right)]);
  }
  await store.close();
  return all;
}
