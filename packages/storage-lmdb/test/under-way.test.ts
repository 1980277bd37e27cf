import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Environment } from "../src/environment.js";
import { LmdbDocumentStore } from "../src/index.js";
import { essay, failure, novel, StoreWorld, turn } from "./store-world.js";
import { bytes, codeOf, crashed, key } from "./support.js";

let world: StoreWorld;
beforeEach(async () => {
  world = await StoreWorld.begun();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world.store.close();
});

describe("two writes to the journal that are under way at once", () => {
  let finish: Record<"first" | "second", (code?: number) => void>;
  let codes: Promise<unknown>[];

  /** Both reach the file; how each ends is for the test to say. */
  beforeEach(async () => {
    await world.store.append(novel, key("before"), bytes(1));
    const begun: ((code?: number) => void)[] = [];
    const end = () =>
      new Promise<void>((resolve, reject) => {
        begun.push((code) => (code === undefined ? resolve() : failure(code)().catch(reject)));
      });
    await world.endAs(end, end);
    codes = [codeOf(world.store.append(novel, key("first"), bytes(2)))];
    await vi.waitFor(() => expect(begun).toHaveLength(1));
    codes.push(codeOf(world.store.append(essay, key("second"), bytes(2))));
    await vi.waitFor(() => expect(begun).toHaveLength(2));
    finish = { first: begun[0]!, second: begun[1]! };
  });

  /** Goes on with what a crash leaves now, of which the disk had not yet written the first of the two. */
  const crashWithoutFirst = async (): Promise<void> => {
    const image = await crashed(world.folder);
    const journal = await readFile(join(image, "journal"));
    const epoch = journal.subarray(0, 8);
    const second = journal.lastIndexOf(epoch);
    journal.fill(0, journal.lastIndexOf(epoch, second - 1), second);
    await writeFile(join(image, "journal"), journal);
    finish.first();
    finish.second();
    await Promise.all(codes);
    await world.store.close();
    world.folder = image;
  };

  it("are acknowledged in order, whichever is done first", async () => {
    const heard: unknown[] = [];
    for (const [at, code] of codes.entries()) void code.then(() => heard.push(at));
    finish.second();
    for (let n = 0; n < 5; n++) await turn();
    expect(heard).toEqual([]);
    finish.first();
    await Promise.all(codes);
    expect(heard).toEqual([0, 1]);
    await world.crash();
    expect([await world.namesOf(novel), await world.namesOf(essay)]).toEqual([
      ["before", "first"],
      ["first", "second"],
    ]);
  });

  it("are neither of them there after a crash that lost the first, and no later restart brings one back", async () => {
    await crashWithoutFirst();
    await world.openIn(world.folder);
    expect([await world.namesOf(novel), await world.namesOf(essay)]).toEqual([["before"], ["first"]]);
    for (const name of ["x", "y", "z"]) await world.store.append(novel, key(name), bytes(3));
    await world.crash();
    expect([await world.namesOf(novel), await world.namesOf(essay)]).toEqual([
      ["before", "x", "y", "z"],
      ["first"],
    ]);
  });

  it("nor where the database had no room when it was opened, and the journal is gone on with", async () => {
    await crashWithoutFirst();
    world.failsNext(28);
    await world.openIn(world.folder);
    expect([await world.namesOf(novel), await world.namesOf(essay)]).toEqual([["before"], ["first"]]);
    for (const name of ["x", "y", "z"]) {
      await world.store.append(novel, key(name), bytes(3));
      const image = await crashed(world.folder);
      const other = await LmdbDocumentStore.open({ folder: image });
      expect((await other.load(essay)).map((entry) => entry.key)).toEqual(["first"]);
      await other.close();
    }
    await world.crash();
    expect([await world.namesOf(novel), await world.namesOf(essay)]).toEqual([
      ["before", "x", "y", "z"],
      ["first"],
    ]);
  });

  it("go into the database both where the first finds no room, each once, though the second was on disk", async () => {
    finish.second();
    finish.first(28);
    expect(await Promise.all(codes)).toEqual(["no error", "no error"]);
    await world.crash();
    expect([await world.namesOf(novel), await world.namesOf(essay)]).toEqual([
      ["before", "first"],
      ["first", "second"],
    ]);
  });

  it.each(["first", "second"] as const)(
    "are rejected both, and stay away, where the first finds no room anywhere; the %s was done first",
    async (which) => {
      world.failsNext(28);
      finish[which](which === "first" ? 28 : undefined);
      await turn();
      finish[which === "first" ? "second" : "first"](which === "first" ? undefined : 28);
      expect(await Promise.all(codes)).toEqual(["STORE_FULL", "STORE_FULL"]);
      const image = await crashed(world.folder);
      for (const name of ["x", "y", "z"]) await world.store.append(novel, key(name), bytes(3));
      await world.crash();
      expect([await world.namesOf(novel), await world.namesOf(essay)]).toEqual([
        ["before", "x", "y", "z"],
        ["first"],
      ]);
      await world.store.close();
      await world.openIn(image);
      expect([await world.namesOf(novel), await world.namesOf(essay)]).toEqual([["before"], ["first"]]);
    },
  );

  it("are told apart where only the second fails: the first is kept, the second stays away", async () => {
    world.failsNext(28);
    finish.second(28);
    await turn();
    finish.first();
    expect(await Promise.all(codes)).toEqual(["no error", "STORE_FULL"]);
    const image = await crashed(world.folder);
    expect(await world.store.append(essay, key("x"), bytes(3))).toEqual({ place: 2, fresh: true });
    await world.crash();
    expect([await world.namesOf(novel), await world.namesOf(essay)]).toEqual([
      ["before", "first"],
      ["first", "x"],
    ]);
    await world.store.close();
    await world.openIn(image);
    expect([await world.namesOf(novel), await world.namesOf(essay)]).toEqual([
      ["before", "first"],
      ["first"],
    ]);
  });

  it("are both refused where the disk failed under the first, and the store with them", async () => {
    finish.second();
    finish.first(5);
    expect(await Promise.all(codes)).toEqual(["STORE_UNAVAILABLE", "STORE_UNAVAILABLE"]);
    expect(world.store.state).toBe("failed");
    await world.crash();
    expect([await world.namesOf(novel), await world.namesOf(essay)]).toEqual([["before"], ["first"]]);
  });

  it("are waited for by the database that takes over, and it takes both", async () => {
    const commit = vi.spyOn(Environment.prototype, "commit");
    world.timePasses();
    finish.second();
    for (let n = 0; n < 5; n++) await turn();
    expect(commit).not.toHaveBeenCalled();
    finish.first();
    await vi.waitFor(() => expect(world.events.map(({ type }) => type)).toContain("checkpointed"));
    world.folder = await crashed(world.folder);
    expect([await world.isStored(novel, 2, "first"), await world.isStored(essay, 2, "second")]).toEqual([
      true,
      true,
    ]);
  });
});

it("a record that is begun while the database waits for the one before it is behind what that takes over", async () => {
  await world.store.append(novel, key("before"), bytes(1));
  const ends: (() => void)[] = [];
  const end = () => new Promise<void>((resolve) => ends.push(resolve));
  await world.endAs(end, end);
  const first = world.store.append(novel, key("first"), bytes(1));
  await vi.waitFor(() => expect(ends).toHaveLength(1));
  world.timePasses();
  const second = world.store.append(novel, key("second"), bytes(2));
  await vi.waitFor(() => expect(ends).toHaveLength(2));
  ends[0]!();
  await first;
  await vi.waitFor(() => expect(world.events.map(({ type }) => type)).toContain("checkpointed"));
  ends[1]!();
  await second;
  await world.crash();
  expect(await world.namesOf(novel)).toEqual(["before", "first", "second"]);
});
