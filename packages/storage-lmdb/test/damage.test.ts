import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EPOCH_BYTES, FORMAT_KEY } from "../src/format.js";
import { LmdbDocumentStore, type StoreEvent } from "../src/index.js";
import { keyOf } from "../src/record.js";
import { bytes, codeOf, contentOf, crashed, key, named, newFolder, withRawDatabase } from "./support.js";

const sound = named("sound");
const CONTENT = bytes(7, 0, 255, 128, 1, 2, 3, 4);

describe("a damaged document (F5, J7)", () => {
  let folder: string;
  let store: LmdbDocumentStore;
  let events: StoreEvent[];

  const open = async (): Promise<void> => {
    store = await LmdbDocumentStore.open({ folder, observe: (event) => events.push(event) });
  };
  const damage = async (change: (value: Uint8Array) => Uint8Array | undefined): Promise<void> => {
    await store.close();
    await withRawDatabase(folder, async (database) => {
      const at = keyOf(named("novel"), 1, key("a"));
      const changed = change(database.get(at)!);
      if (changed !== undefined) await database.put(at, changed);
    });
    await open();
  };
  const moved = async (to: Uint8Array): Promise<void> => {
    await store.close();
    await withRawDatabase(folder, async (database) => {
      const at = keyOf(named("novel"), 1, key("a"));
      const value = database.get(at)!;
      await database.remove(at);
      await database.put(to, value);
    });
    await open();
  };

  beforeEach(async () => {
    folder = await newFolder();
    events = [];
    await open();
    await store.append(sound, key("a"), CONTENT);
    await store.append(named("novel"), key("a"), CONTENT);
    await store.append(named("novel"), key("b"), CONTENT);
  });
  afterEach(() => store.close());

  it("is found whichever bit of an entry flips, and every other document is served", async () => {
    const bits = Array.from({ length: (4 + CONTENT.length) * 8 }, (_, bit) => bit);
    await Promise.all(bits.map((bit) => store.append(named(`bit-${bit}`), key("a"), CONTENT)));
    await store.close();
    await withRawDatabase(folder, (database) =>
      Promise.all(
        bits.map((bit) => {
          const at = keyOf(named(`bit-${bit}`), 1, key("a"));
          const value = Uint8Array.from(database.get(at)!);
          value[bit >> 3]! ^= 1 << (bit & 7);
          return database.put(at, value);
        }),
      ),
    );
    await open();
    for (const bit of bits)
      expect(await codeOf(store.load(named(`bit-${bit}`))), `bit ${bit}`).toBe("DAMAGED");
    expect(store.quarantined.size).toBe(bits.length);
    expect(contentOf(await store.load(sound))).toEqual([[...CONTENT]]);
  });

  it.each([
    ["cut short", (value: Uint8Array) => value.slice(0, -1)],
    ["cut to its checksum", (value: Uint8Array) => value.slice(0, 4)],
    ["cut to two bytes", (value: Uint8Array) => value.slice(0, 2)],
    ["made longer", (value: Uint8Array) => Buffer.concat([value, bytes(0)])],
    ["filled with zeros", (value: Uint8Array) => new Uint8Array(value.length)],
  ])("is found when an entry is %s", async (_, change) => {
    await damage(change);
    expect(await codeOf(store.load(named("novel")))).toBe("DAMAGED");
    expect(await store.load(sound)).toHaveLength(1);
  });

  it.each([
    ["another document", keyOf(sound, 2, key("a")), sound],
    ["another place", keyOf(named("novel"), 3, key("a")), named("novel")],
    ["another name", keyOf(named("novel"), 1, key("c")), named("novel")],
    [
      "a name that none may have",
      Buffer.concat([keyOf(named("novel"), 1, key("c")), bytes(0)]),
      named("novel"),
    ],
  ])("is found when a whole entry has moved to %s", async (_, to, document) => {
    await moved(to);
    expect(await codeOf(store.load(document))).toBe("DAMAGED");
  });

  it("is named, told once, and refused from then on", async () => {
    await damage((value) => value.map((byte) => byte ^ 1));
    expect(store.quarantined.size).toBe(0);
    for (let n = 0; n < 3; n++) expect(await codeOf(store.load(named("novel")))).toBe("DAMAGED");
    expect(await codeOf(store.append(named("novel"), key("c"), CONTENT))).toBe("DAMAGED");
    expect(await codeOf(store.replace(named("novel"), [key("a")], key("c"), CONTENT))).toBe("DAMAGED");
    expect([...store.quarantined.keys()]).toEqual(["acme/novel"]);
    expect(events.filter((event) => event.type === "quarantined")).toMatchObject([
      { document: "acme/novel", error: { code: "DAMAGED", message: expect.stringContaining("place 1") } },
    ]);
    expect(await store.list({ limit: 10 })).toEqual(["acme/novel", "acme/sound"]);
  });

  it("can be deleted and written anew", async () => {
    await damage((value) => value.map((byte) => byte ^ 1));
    expect(await codeOf(store.load(named("novel")))).toBe("DAMAGED");
    await store.delete(named("novel"));
    expect(store.quarantined.size).toBe(0);
    await store.append(named("novel"), key("a"), bytes(9));
    expect(contentOf(await store.load(named("novel")))).toEqual([[9]]);
  });
});

describe("a damaged journal (F5)", () => {
  it("stops the start or is harmless, whichever byte it is, and never gives out what was not written", async () => {
    const original = await newFolder();
    const store = await LmdbDocumentStore.open({ folder: original });
    for (const name of ["a", "b", "c"]) await store.append(sound, key(name), CONTENT);
    const image = await crashed(original);
    await store.close();
    const journal = await readFile(join(image, "journal"));
    for (let at = 0; at < journal.length; at++) {
      const folder = await newFolder();
      await copyFile(join(image, "documents.mdb"), join(folder, "documents.mdb"));
      await writeFile(join(folder, "journal"), flipped(journal, at));
      const isLast = at >= EPOCH_BYTES && at >= journal.lastIndexOf(journal.subarray(0, EPOCH_BYTES));
      const names = await namesIn(folder);
      expect(names, `byte ${at}`).toEqual(isLast ? ["a", "b"] : "DAMAGED");
    }
  });

  it("that is missing, or of another folder, stops the start; an empty one in its place is taken for the will to go on without", async () => {
    const folders = [await newFolder(), await newFolder()];
    const images: string[] = [];
    for (const folder of folders) {
      const store = await LmdbDocumentStore.open({ folder });
      for (const name of ["a", "b"]) await store.append(sound, key(name), CONTENT);
      images.push(await crashed(folder));
      await store.close();
    }
    const [mine, other] = images.map((image) => join(image, "journal")) as [string, string];
    const folder = images[0]!;
    await copyFile(other, mine);
    expect(await codeOf(LmdbDocumentStore.open({ folder }))).toBe("DAMAGED");
    await rm(mine);
    expect(await codeOf(LmdbDocumentStore.open({ folder }))).toBe("DAMAGED");
    await writeFile(mine, "");
    const store = await LmdbDocumentStore.open({ folder });
    expect((await store.load(sound)).map((entry) => entry.key)).toEqual(["a"]);
    await store.close();
  });

  it("is not looked at where the database needs none", async () => {
    const folder = await newFolder();
    const store = await LmdbDocumentStore.open({ folder });
    await store.append(sound, key("a"), CONTENT);
    await store.close();
    await writeFile(join(folder, "journal"), "something else");
    const again = await LmdbDocumentStore.open({ folder });
    expect(contentOf(await again.load(sound))).toEqual([[...CONTENT]]);
    await again.close();
  });
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, place) => (place === at ? byte ^ 16 : byte));
}

/** The names of the entries that a store finds, or why it does not open. */
async function namesIn(folder: string): Promise<unknown> {
  const store = await LmdbDocumentStore.open({ folder }).catch(({ code }) => code as string);
  if (typeof store === "string") return store;
  const names = (await store.load(sound)).map((entry) => entry.key);
  await store.close();
  return names;
}

describe("a folder that is not a store's", () => {
  it.each([
    ["noise", Buffer.alloc(20_000, "noise")],
    ["a few bytes", Buffer.from("hello")],
    ["zeros", Buffer.alloc(8_192)],
  ])("is refused and left alone when its database is %s", async (_, content) => {
    const folder = await newFolder();
    await writeFile(join(folder, "documents.mdb"), content);
    for (let n = 0; n < 2; n++) expect(await codeOf(LmdbDocumentStore.open({ folder }))).toBe("DAMAGED");
  });

  it("is refused when a later version has written it", async () => {
    const folder = await newFolder();
    await (await LmdbDocumentStore.open({ folder })).close();
    await withRawDatabase(folder, (database) => database.put(FORMAT_KEY, bytes(3)));
    expect(await codeOf(LmdbDocumentStore.open({ folder }))).toBe("DAMAGED");
  });

  it("is refused when it cannot be made", async () => {
    const file = join(await newFolder(), "file");
    await writeFile(file, "");
    expect(await codeOf(LmdbDocumentStore.open({ folder: join(file, "data") }))).toBe("STORE_UNAVAILABLE");
  });
});
