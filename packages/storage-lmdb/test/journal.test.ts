import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Write } from "../src/environment.js";
import { EPOCH_BYTES, type JournalMark } from "../src/format.js";
import { Journal } from "../src/journal.js";
import { RECORD_BYTES_MAX } from "../src/journal-record.js";
import { recover } from "../src/recovery.js";
import { bytes, codeOf, newFolder } from "./support.js";

const write = (n: number): Write => ({ key: bytes(65, 0, n), value: bytes(n, n, n) });
const removal = (n: number): Write => ({ key: bytes(65, 0, n) });
const HALF = 4_194_304;

/** A journal, and the file that it writes. */
class World {
  readonly path: string;
  readonly journal: Journal;

  constructor(folder: string, mark?: JournalMark) {
    this.path = join(folder, "journal");
    this.journal = new Journal(this.path, mark);
  }

  static async begun(): Promise<World> {
    const world = new World(await newFolder());
    worlds.push(world);
    await world.journal.open();
    world.journal.restart();
    return world;
  }

  append(writes: readonly Write[]): Promise<void> {
    return this.journal.append(writes, Buffer.alloc(RECORD_BYTES_MAX));
  }

  get mark(): JournalMark {
    return this.journal.mark!;
  }

  /** The first byte of each record's values, as it would be recovered; or the error's code. */
  async found(mark: JournalMark): Promise<unknown> {
    return recover(this.path, mark).then(
      ({ writes }) => writes.map(({ key, value }) => (value === undefined ? -key[2]! : value[0])),
      (error: { code?: unknown }) => error.code,
    );
  }
}

const worlds: World[] = [];
afterEach(async () => {
  for (const { journal } of worlds.splice(0)) await journal.close();
});

describe("what is recovered from a journal", () => {
  let world: World;
  let start: JournalMark;
  beforeEach(async () => {
    world = await World.begun();
    start = world.mark;
  });

  it("is every record behind the mark, in order, removals among them", async () => {
    await world.append([write(1), write(2), removal(1)]);
    const between = world.mark;
    await world.append([write(3)]);
    await world.append([removal(2), write(2)]);
    expect(await world.found(start)).toEqual([1, 2, -1, 3, -2, 2]);
    expect(await world.found(between)).toEqual([3, -2, 2]);
    expect(await world.found(world.mark)).toEqual([]);
    expect((await recover(world.path, between)).mark).toEqual(world.mark);
  });

  it("is everything but the last record where that is torn, at whichever byte, whatever stood there before", async () => {
    for (const n of [1, 2]) await world.append([write(n)]);
    const whole = (await readFile(world.path)).length;
    await world.append([write(3), removal(1)]);
    const journal = await readFile(world.path);
    for (let end = whole; end < journal.length; end++) {
      for (const rest of [0, 0, 255, 7].map((byte, at) => Buffer.alloc(at * 20, byte))) {
        await writeFile(world.path, Buffer.concat([journal.subarray(0, end), rest]));
        expect(await world.found(start), `cut at ${end}, then ${rest.length} bytes`).toEqual([1, 2]);
      }
    }
    await writeFile(world.path, journal);
    expect(await world.found(start)).toEqual([1, 2, 3, -1]);
  });

  it("misses nothing in front of a sound record, whichever bit flips", async () => {
    for (const n of [1, 2]) await world.append([write(n)]);
    const end = (await readFile(world.path)).length;
    await world.append([write(3)]);
    const journal = await readFile(world.path);
    for (let bit = 0; bit < journal.length * 8; bit++) {
      const damaged = Buffer.from(journal);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(world.path, damaged);
      expect(await world.found(start), `bit ${bit}`).toEqual(bit < end * 8 ? "DAMAGED" : [1, 2]);
    }
  });

  it("is everything before the first that is missing or torn, at whichever bytes two are that were under way at once", async () => {
    for (const n of [1, 2]) await world.append([write(n)]);
    const third = (await readFile(world.path)).length;
    await Promise.all([world.append([write(3)]), world.append([write(4)])]);
    const journal = await readFile(world.path);
    const length = (journal.length - third) / 2;
    for (let written = 0; written <= length; written++) {
      for (let behind = 0; behind <= length; behind++) {
        const torn = Buffer.from(journal).fill(0, third + written, third + length);
        torn.fill(0, third + length + behind);
        await writeFile(world.path, torn);
        const expected = written < length ? [1, 2] : behind < length ? [1, 2, 3] : [1, 2, 3, 4];
        expect(await world.found(start), `${written} bytes, then ${behind}`).toEqual(expected);
      }
    }
  });

  it("is nothing of a record that was dropped once, though the next ones follow its number", async () => {
    await world.append([write(1)]);
    const second = (await readFile(world.path)).length;
    await Promise.all([world.append([write(2)]), world.append([write(3)])]);
    const journal = await readFile(world.path);
    await writeFile(world.path, journal.fill(0, second, second + EPOCH_BYTES));
    const { mark } = await recover(world.path, start);
    expect(await world.found(start)).toEqual([1]);

    const next = new World(dirname(world.path), mark);
    worlds.push(next);
    await next.journal.open();
    next.journal.restart(); // In the other half, so that the one that was dropped still stands there.
    next.journal.turn();
    await next.append([write(4)]);
    expect((await readFile(world.path)).includes(Buffer.of(3, 3, 3))).toBe(true);
    expect(await next.found(mark)).toEqual([4]);
  });

  it("is nothing where the first two behind an old mark were under way at once, and the first is lost", async () => {
    const mark = { ...start, number: 255 };
    const next = new World(dirname(world.path), mark);
    worlds.push(next);
    await next.journal.open();
    next.journal.restart();
    await Promise.all([next.append([write(1)]), next.append([write(2)])]);
    expect(await next.found(mark)).toEqual([1, 2]);
    const journal = await readFile(next.path);
    await writeFile(next.path, journal.fill(0, HALF, journal.lastIndexOf(mark.epoch)));
    expect(await next.found(mark)).toEqual([]);
  });

  it("misses nothing that was on disk before another one was begun, however many were under way beside it", async () => {
    const begun = [1, 2, 3].map((n) => world.append([write(n)]));
    await Promise.all(begun);
    const fourth = (await readFile(world.path)).length;
    await world.append([write(4)]);
    const journal = await readFile(world.path);
    for (let at = 0; at < journal.length; at++) {
      const damaged = Buffer.from(journal);
      damaged[at]! ^= 64;
      await writeFile(world.path, damaged);
      expect(await world.found(start), `byte ${at}`).toEqual(at < fourth ? "DAMAGED" : [1, 2, 3]);
    }
  });

  it("is not what stood in space that is used again, nor in what an earlier journal left", async () => {
    for (const n of [1, 2, 3]) await world.append([write(n)]);
    world.journal.turn();
    await world.append([write(4)]);
    const taken = world.mark;
    world.journal.turn();
    await world.append([write(5)]);
    expect(await world.found(taken)).toEqual([5]); // Over record 1; 2 and 3 still follow it.
    const all = await readFile(world.path);
    expect(all.subarray(HALF).includes(Buffer.of(4, 4, 4))).toBe(true);

    await world.journal.begin();
    expect(await readFile(world.path)).toHaveLength(0);
    world.journal.restart();
    await world.append([write(6)]);
    const fresh = await readFile(world.path);
    await writeFile(world.path, Buffer.concat([fresh, all.subarray(fresh.length)]));
    expect(await world.found({ ...world.mark, number: 0 })).toEqual([6]);
  });

  it("may begin in either half", async () => {
    for (const n of [1, 2]) {
      await world.append([write(n)]);
      world.journal.turn();
    }
    await world.append([write(3)]);
    expect(await world.found({ ...start, number: 1 })).toEqual([2, 3]);
    expect(await world.found(start)).toBe("DAMAGED"); // Record 1 was written over: the database must have had it.
  });

  it("is nothing that somebody else could have written into a document", async () => {
    const stranger = await World.begun();
    await stranger.append([write(9)]);
    const forged = await readFile(stranger.path);
    await world.append([{ key: bytes(65, 0, 2), value: forged }]);
    expect((await readFile(world.path)).includes(forged)).toBe(true);
    expect((await recover(world.path, start)).writes).toMatchObject([{ value: forged }]);
  });

  it("is refused where the journal is another database's or missing, and given up where it was emptied", async () => {
    await world.append([write(1)]);
    const other = await World.begun();
    expect(await world.found(other.mark)).toBe("DAMAGED");
    expect(await codeOf(recover(join(await newFolder(), "journal"), start))).toBe("DAMAGED");
    await writeFile(world.path, "");
    expect(await world.found(start)).toEqual([]);
  });
});
